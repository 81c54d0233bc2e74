import LinuxHost
import SampleLab
import Testing

struct PacketFormTests {
    /// An echo request of three bytes from 10.0.0.1 to 10.0.0.2, byte by byte.
    private static let request: [UInt8] =
        [0x45, 0x00, 0x00, 0x1f, 0x00, 0x07, 0x00, 0x00, 0x21, 0x01, 0x85, 0xd5, 10, 0, 0, 1, 10, 0, 0, 2] + [
            8, 0, 0xb2, 0xa2, 0x41, 0x59, 0, 2, 1, 2, 3,
        ]
    private static let requestWords =
        "10.0.0.1 > 10.0.0.2 ttl 33 proto 1, 31 bytes | echo request 16729 2, 3 bytes #56cf37ab"

    /// The same from 2001:db8::1 to 2001:db8::2.
    private static let request6: [UInt8] =
        [0x60, 0, 0, 0, 0, 11, 58, 33] + [0x20, 0x01, 0x0d, 0xb8] + [UInt8](repeating: 0, count: 11) + [1]
        + [0x20, 0x01, 0x0d, 0xb8] + [UInt8](repeating: 0, count: 11) + [2] + [
            128, 0, 0xde, 0xe7, 0x41, 0x59, 0, 2, 1, 2, 3,
        ]
    private static let request6Words =
        "2001:db8:0:0:0:0:0:1 > 2001:db8:0:0:0:0:0:2 hops 33 next 58, 51 bytes | echo request 16729 2, 3 bytes #56cf37ab"

    /// A tunnel's header around 31 bytes, with a type of service and not to be fragmented.
    private static let tunnel: [UInt8] = [
        0x45, 0x04, 0, 51, 0, 0, 0x40, 0, 64, 4, 0x24, 0x59, 10, 2, 1, 1, 10, 2, 1, 102,
    ]

    private static let said: [([UInt8], String)] = [
        (request, requestWords), (request6, request6Words),
        (
            tunnel + request,
            "10.2.1.1 > 10.2.1.102 ttl 64 proto 4, 51 bytes, tos 4, fragment word 4000 | " + requestWords
        ),
        (
            changed(request6, 1, 0x12),
            "2001:db8:0:0:0:0:0:1 > 2001:db8:0:0:0:0:0:2 hops 33 next 58, 51 bytes, class and label 00120000"
                + " | echo request 16729 2, 3 bytes #56cf37ab"
        ),
        (
            changed(request, 11, 0xd6),
            "10.0.0.1 > 10.0.0.2 ttl 33 proto 1, 31 bytes, wrong header checksum"
                + " | echo request 16729 2, 3 bytes #56cf37ab"
        ),
        (changed(request, 23, 0xa3), requestWords + ", wrong checksum"),
        (changed(request6, 43, 0xe8), request6Words + ", wrong checksum"),
        (request + [0], requestWords + " | behind it 1 bytes #050c5d1f"),
        (
            request.dropLast(),
            "10.0.0.1 > 10.0.0.2 ttl 33 proto 1, 31 bytes | echo request 16729 2, 2 bytes #ed74208a, wrong checksum"
                + " | only 30 bytes are there"
        ),
        ([], "0 bytes #811c9dc5"), ([0x45, 0], "2 bytes #d2cb9980"),
    ]

    @Test(arguments: said)
    func `a packet is said in words`(bytes: [UInt8], words: String) {
        #expect(PacketForm.packet(bytes) == words)
    }

    @Test func `a frame is said with its hardware addresses`() {
        let (from, to) = (HardwareAddress(local: 1), HardwareAddress(local: 2))
        let way = "02:00:00:00:00:01 > 02:00:00:00:00:02 | "
        #expect(
            PacketForm.frame(EthernetFrame.make(from: from, to: to, type: 0x0800, Self.request)) == way
                + Self.requestWords
        )
        #expect(
            PacketForm.frame(EthernetFrame.make(from: from, to: to, type: 0x86dd, Self.request6)) == way
                + Self.request6Words
        )
        #expect(
            PacketForm.frame(EthernetFrame.make(from: from, to: to, type: 0x88b5, [1, 2, 3]))
                == way + "type 88b5 | 3 bytes #56cf37ab"
        )
        #expect(PacketForm.frame([1, 2, 3]) == "3 bytes #56cf37ab")
    }

    @Test func `every byte that a sender chooses makes a difference, but the identification`() {
        for (packet, free) in [(Self.request, 4..<6), (Self.request6, 0..<0)] {
            for index in packet.indices where !free.contains(index) {
                let words = PacketForm.packet(Self.changed(packet, index, packet[index] ^ 1))
                #expect(words != PacketForm.packet(packet), "byte \(index)")
            }
        }
        #expect(PacketForm.packet(Self.changed(Self.request, 4, 9)).hasPrefix("10.0.0.1 > 10.0.0.2 ttl 33"))
    }

    @Test func `frames of no sense are said too`() {
        var state: UInt64 = 42
        for _ in 0..<20_000 {
            var bytes = Self.tunnel + (state >> 50 & 1 == 0 ? Self.request : Self.request6)
            for _ in 0..<6 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                bytes[Int(state >> 33) % bytes.count] = UInt8(truncatingIfNeeded: state >> 20)
            }
            let count = Int(state >> 40) % (bytes.count + 1)
            #expect(!PacketForm.packet(Array(bytes.prefix(count))).isEmpty)
        }
    }

    private static func changed(_ bytes: [UInt8], _ index: Int, _ value: UInt8) -> [UInt8] {
        var bytes = bytes
        bytes[index] = value
        return bytes
    }
}

struct EchoRequestTests {
    @Test func `an ICMPv6 request holds its checksum with the addresses`() {
        let (from, to) = ([UInt8](repeating: 1, count: 16), [UInt8](repeating: 2, count: 16))
        let message = EthernetFrame.echo([1, 2, 3], from: from, to: to)
        #expect(message.prefix(2) == [128, 0] && message.count == 11)
        #expect(InternetChecksum.ofICMPv6(message, from: from, to: to) == 0)
        #expect(InternetChecksum.ofICMPv6(message, from: from, to: from) != 0)
    }
}
