import LinuxHost
import SampleLab
import Testing

extension HostTests {
    /// The devices that samples send over.
    struct VethPairTests {
        /// An end without a queue loses what it is handed and says that all went well: a sound kernel would fail for it.
        @Test func `the first frames over a pair arrive, in both directions`() throws {
            let lost = try WorkThread.run {
                let namespace = try NetworkNamespace()
                return try namespace.perform { try (0..<20).flatMap(Self.firstFramesLost) }
            }
            #expect(lost == [])
        }

        private static func firstFramesLost(_ number: Int) throws -> [String] {
            let pair = try VethPair(("near\(number)", "far\(number)"))
            let near = try PacketSocket(on: pair.near)
            let far = try PacketSocket(on: pair.far)
            let payload = [UInt8](repeating: 0x61, count: 50)
            let frame = EthernetFrame.make(from: pair.nearAddress, to: pair.farAddress, type: 0x88b6, payload)
            var lost: [String] = []
            try near.send(frame)
            if try !far.frames(atLeast: 1).contains(where: { $0.bytes == frame }) { lost.append(pair.near.name) }
            try far.send(frame)
            let atNear = try near.frames(atLeast: 1) { !$0.isOutgoing }
            if !atNear.contains(where: { !$0.isOutgoing && $0.bytes == frame }) { lost.append(pair.far.name) }
            return lost
        }
    }
}
