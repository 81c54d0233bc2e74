import CLinux
import Glibc

/// One netlink message as bytes in the making.
struct NetlinkMessage {
    private(set) var bytes: [UInt8] = []

    init(type: CInt, flags: CInt, sequence: UInt32) {
        var header = nlmsghdr()
        header.nlmsg_type = UInt16(type)
        header.nlmsg_flags = UInt16(flags)
        header.nlmsg_seq = sequence
        put(header)
    }

    /// The message with its length filled in.
    func finished() -> [UInt8] {
        var bytes = bytes
        withUnsafeBytes(of: UInt32(bytes.count)) { length in
            for index in 0..<4 { bytes[index] = length[index] }
        }
        return bytes
    }

    mutating func put(_ value: some BitwiseCopyable) {
        withUnsafeBytes(of: value) { bytes += $0 }
    }

    mutating func linkHeader(index: CInt = 0, up: Bool? = nil) {
        var header = ifinfomsg()
        header.ifi_family = UInt8(AF_UNSPEC)
        header.ifi_index = index
        if let up {
            header.ifi_flags = up ? UInt32(IFF_UP) : 0
            header.ifi_change = UInt32(IFF_UP)
        }
        put(header)
    }

    mutating func attribute(_ type: Int, _ value: [UInt8]) {
        put(UInt16(4 + value.count))
        put(UInt16(type))
        bytes += value
        pad()
    }

    mutating func attribute(_ type: Int, string: String) {
        attribute(type, Array(string.utf8) + [0])
    }

    mutating func nest(_ type: Int, _ body: (inout NetlinkMessage) -> Void) {
        let start = bytes.count
        put(UInt16(0))
        put(UInt16(type))
        body(&self)
        let length = UInt16(bytes.count - start)
        bytes[start] = UInt8(length & 255)
        bytes[start + 1] = UInt8(length >> 8)
        pad()
    }

    private mutating func pad() {
        while bytes.count % 4 != 0 { bytes.append(0) }
    }

    mutating func attribute(_ type: Int, number: some FixedWidthInteger & BitwiseCopyable) {
        attribute(type, withUnsafeBytes(of: number) { Array($0) })
    }

    /// What an end of a veth pair is to have.
    mutating func veth(_ shape: RouteSocket.VethShape) {
        if let mtu = shape.mtu { attribute(Int(IFLA_MTU), number: mtu) }
        if let queues = shape.queues {
            attribute(Int(IFLA_NUM_TX_QUEUES), number: queues)
            attribute(Int(IFLA_NUM_RX_QUEUES), number: queues)
        }
    }

    /// The header of a route in the main table, to unicast addresses unless told otherwise.
    mutating func route(family: CInt, length: UInt8, hasGateway: Bool = false, type: UInt8 = UInt8(RTN_UNICAST)) {
        var header = rtmsg()
        header.rtm_family = UInt8(family)
        header.rtm_dst_len = length
        header.rtm_table = UInt8(RT_TABLE_MAIN.rawValue)
        header.rtm_protocol = UInt8(RTPROT_STATIC)
        header.rtm_scope = UInt8((hasGateway ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK).rawValue)
        header.rtm_type = type
        put(header)
    }
}
