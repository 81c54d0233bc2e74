import CLinux
import Glibc
public import LinuxHost
import SystemPackage

/// Sends frames whose checksum is left to the device, as the network stack hands its own packets to it (`CHECKSUM_PARTIAL`).
///
/// A veth leaves it out for good: what arrives has the checksum that was sent, or what a program made of it. Needs `CONFIG_PACKET`.
public struct UnfinishedSender: ~Copyable {
    private let descriptor: OwnedDescriptor
    private let name: String

    /// Opens a socket that only sends.
    ///
    /// - Throws: `SystemCallError` with `EPERM` without `CAP_NET_RAW`.
    public init(on interface: Interface) throws(SystemCallError) {
        let made = try Sockets.make(AF_PACKET, SOCK_RAW, 0)
        // PACKET_VNET_HDR is 15 (linux/if_packet.h), SOL_PACKET 263.
        try Sockets.set(made, 263, 15, 1, "PACKET_VNET_HDR")
        var address = sockaddr_ll()
        address.sll_family = UInt16(AF_PACKET)
        address.sll_ifindex = interface.index
        try Sockets.bind(made, address)
        descriptor = made
        name = interface.name
    }

    /// Sends a frame where a program may drop it on its way out.
    ///
    /// - Parameters:
    ///   - frame: The frame from its Ethernet header on.
    ///   - start: Where the part begins that the checksum covers.
    ///   - offset: Where the checksum stands in that part.
    /// - Returns: Whether the frame was taken.
    /// - Throws: `SystemCallError` with `EINVAL` for a frame that ends before its checksum does.
    public func offer(_ frame: [UInt8], checksumFrom start: UInt16, at offset: UInt16) throws(SystemCallError) -> Bool {
        // struct virtio_net_hdr of linux/virtio_net.h: VIRTIO_NET_HDR_F_NEEDS_CSUM, no segmentation, no lengths; the two places.
        var message: [UInt8] = [1, 0, 0, 0, 0, 0]
        for number in [start, offset] { message += withUnsafeBytes(of: number) { Array($0) } }
        message += frame
        let count = Glibc.send(descriptor.number, message, message.count, 0)
        if count < 0, errno == ENOBUFS { return false }
        try SystemCallError.check(count, "send(2)", on: "interface \(name)")
        return true
    }
}
