import Glibc
import LibBPF
import LinuxHost
import RunModel
import SampleKit
import SampleLab

extension Xdp2skbMeta.Bench {
    /// Whether the kernel runs a program with a context of our making, by its version.
    static var knowsContexts: Bool {
        var names = utsname()
        uname(&names)
        let release = withUnsafeBytes(of: names.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        return KernelVersion(release).map { $0 >= KernelVersion(5, 15) } ?? false
    }

    /// Asks the XDP program about frames that have nothing in front of them, a few numbers, and as many as there is room for.
    func runBehindOthers(in arena: borrowing Arena) throws -> Tallies {
        guard Self.knowsContexts else { return [:] }
        var all: Tallies = [:]
        try arena.stimulate {
            for frame in Xdp2skbMeta.Frame.whole {
                for room in [0, 28] {
                    all.add(Self.text(try run(behind: room, frame.bytes), behind: room, frame.bytes))
                }
                let answer = try runWithoutRoom(frame.bytes)?.returned
                all.add(answer == 0 ? "gave up" : "answered \(answer.map { "\($0)" } ?? "nothing") without room")
            }
        }
        return all
    }

    /// With as much in front of the frame as the kernel allows, which refuses more: 32 bytes before Linux 6.3, later up to 252.
    private func runWithoutRoom(_ frame: [UInt8]) throws -> TestRun? {
        for room in stride(from: 252, through: 4, by: -4) {
            do { return try run(behind: room, frame) } catch is SystemCallError { continue }
        }
        return nil
    }

    private func run(behind room: Int, _ frame: [UInt8]) throws -> TestRun {
        // Of struct xdp_md: where the frame begins behind what is in front of it, and where it ends.
        let places = [room, room + frame.count, 0, 0, 0, 0].map { UInt32($0) }
        let context = places.withUnsafeBytes { Array($0) }
        return try mark().testRun(on: Self.numbers(room) + frame, context: context)
    }

    private static func numbers(_ count: Int) -> [UInt8] { [UInt8](repeating: 0xa5, count: count) }

    private static func text(_ result: TestRun, behind room: Int, _ frame: [UInt8]) -> String {
        let number = withUnsafeBytes(of: UInt32(42)) { Array($0) }
        let isRight = result.returned == 2 && result.packet == number + numbers(room) + frame
        return isRight
            ? "42 in front of \(room)"
            : "answered \(result.returned) with \(Hexadecimal.text(result.packet.prefix(64)))"
    }
}
