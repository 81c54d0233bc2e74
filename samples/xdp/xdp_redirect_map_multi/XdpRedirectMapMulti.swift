import LibBPF
import LinuxHost
import SampleKit
import SampleLab

/// Sends what comes in at a port out at all other ports of a device map, which may give each a source address of its own.
struct XdpRedirectMapMulti: SteppedSample {
    static let manifest = Manifest(
        summary: "an XDP program sends each frame to every port of a device map but the one that it came from",
        oracle:
            "in generic and in native mode, on each of up to four processors, each frame arrives once at every other port of the map that takes "
            + "frames of its length, never where it came from, unchanged, or with the source address that a map has for the port; every "
            + "processor's counters, those of the kernel's tracepoints among them and for each pair of ports, are exact beyond 2^32 too",
        kernSources: ["samples/bpf/xdp_redirect_map_multi.bpf.c"],
        programTypes: ["XDP", "TRACING"],
        needs: .redirects,
        oldestTree: .redirects
    )

    enum Step: String, CaseIterable, CustomStringConvertible {
        case emptyGeneric = "no ports in the map, generic"
        case generic
        case partialGeneric = "a port that is not in the map, generic"
        case emptyNative = "no ports in the map, native"
        case native
        case egress = "native, with a program at the ports"
        // No burst: Linux 6.1 hands copies of frames that are received at once (BPF_F_TEST_XDP_LIVE_FRAMES) on without their bytes.
        case partialNative = "a port that is not in the map, native"
        case detached

        var description: String { rawValue }
        var mode: BPFProgram.XDPMode {
            switch self {
            case .emptyGeneric, .generic, .partialGeneric: .generic
            default: .native
            }
        }
        /// Whether ports of the map have a program that rewrites addresses.
        var isRewriting: Bool { self == .egress || self == .partialNative }
        /// The ports in the map.
        var ports: [RedirectBench.Port] {
            switch self {
            case .emptyGeneric, .emptyNative: []
            case .partialGeneric, .partialNative: [.left, .right]
            default: RedirectBench.Port.allCases
            }
        }
    }

    static let steps = Step.allCases
    static let exampleFacts: [Tallies] = [[SenderProcessors.fact: 2]]

    private static let expectations = RedirectExpectations(steps) { step, _ in frames(step) }

    static func expected(_ step: Step, _ facts: Tallies) -> Tallies { expectations[step, facts] }

    static func notReached(_ facts: Tallies) -> [String] {
        SenderProcessors.notReached(facts) + [RedirectObject.deadEvents, RedirectObject.unusedEvents]
    }

    private static func frames(_ step: Step) -> [RedirectBench.Frame] {
        let plain = RedirectBench.plainFrame
        switch step {
        case .emptyGeneric, .emptyNative:
            // That nobody is there to get it is no error.
            return RedirectBench.lost(["received processed": 1, "redirected processed": 1])
        case .detached: return RedirectBench.passed
        default:
            // In generic mode the kernel gives up at the first port that is too narrow, whichever that is.
            let long = [RedirectBench.longFrame] + (step.mode == .native ? [RedirectBench.tooLongFrame] : [])
            return (long + RedirectBench.shortFrames).map { frame(step, $0.title, .left, $0.bytes) }
                // Each has bytes of its own.
                + [RedirectBench.Port.right, .other].map { port in
                    frame(step, "from \(port)", port, plain.bytes + port.rawValue.utf8)
                }
        }
    }

    private static func frame(
        _ step: Step,
        _ title: String,
        _ from: RedirectBench.Port,
        _ bytes: [UInt8]
    ) -> RedirectBench.Frame {
        var frame = RedirectBench.Frame(title, from: from, bytes)
        frame.counts = ["received processed": 1, "redirected processed": 1]
        for port in step.ports where port != from && !(port == .right && bytes == RedirectBench.tooLongFrame.bytes) {
            let isTaken = port != .right || bytes != RedirectBench.longFrame.bytes
            if isTaken { frame.arrivals.append((.host(port), rewritten(bytes, step, port))) }
            guard step.mode == .native else { continue }
            for place in ["sent", "\(from) to \(port)"] {
                frame.counts.add("\(place) \(isTaken ? "processed" : "dropped")")
                frame.counts.add("\(place) info")
            }
        }
        return frame
    }

    /// The addresses that the map has for ports; the right has none.
    private static let sources: [RedirectBench.Port: [UInt8]] = [
        .left: [0x0a, 0x91, 0x82, 0x73, 0x64, 0x55], .other: [0x0e, 0x1f, 0x2d, 0x3c, 0x4b, 0x5a],
    ]

    private static func rewritten(_ frame: [UInt8], _ step: Step, _ port: RedirectBench.Port) -> [UInt8] {
        guard step.isRewriting, let source = sources[port] else { return frame }
        return Array(frame[0..<6] + source + frame[12...])
    }

    final class Bench {
        let bench: RedirectBench
        let object: RedirectObject

        init(_ arena: borrowing Arena) throws {
            let bench = try RedirectBench()
            let all = RedirectBench.Port.allCases.map { bench.index($0) }
            object = try RedirectObject(in: arena, from: all, to: all)
            let addresses = try object.loaded.map("mac_map")
            for (port, source) in sources {
                // Six bytes of eight are the address.
                let number = (source.reversed()).reduce(UInt64(0xffff)) { $0 << 8 | UInt64($1) }
                try addresses.update(UInt32(bench.index(port)), number.littleEndian)
            }
            // As many others as there is room for, none of an interface.
            for key in sources.count..<Self.room { try addresses.update(UInt32(key), UInt64.max) }
            self.bench = bench
        }

        /// How many entries each map has room for.
        private static let room = 32

        /// Puts the ports of a step into its map, which is full for a moment.
        func fill(_ step: Step) throws {
            let (general, native) = (
                try object.loaded.map("forward_map_general"), try object.loaded.map("forward_map_native")
            )
            let egress = try object.loaded.program("xdp_devmap_prog")
            let map = step.mode == .generic ? general : native
            for key in try map.keys(as: CInt.self) { try map.delete(key) }
            try bench.network.inside("router") {
                for port in step.ports {
                    let index = bench.index(port)
                    switch step.mode {
                    case .generic: try map.update(index, index)
                    case .native: try map.update(index, SIMD2(index, step.isRewriting ? egress.descriptor : 0))
                    }
                }
                let others = (step.ports.count..<Self.room).map { CInt($0) }
                for key in others {
                    switch step.mode {
                    case .generic: try map.update(key, bench.index(.left))
                    case .native: try map.update(key, SIMD2(bench.index(.left), 0))
                    }
                }
                for key in others { try map.delete(key) }
            }
        }
    }

    func prepare(in arena: borrowing Arena) throws -> Bench { try Bench(arena) }

    func facts(on bench: Bench, in arena: borrowing Arena) throws -> Tallies { try SenderProcessors.count() }

    func perform(_ step: Step, on bench: Bench, in arena: borrowing Arena) throws -> Tallies {
        let name = "xdp_redirect_map_\(step.mode == .generic ? "general" : "native")"
        let program = try bench.object.loaded.program(name)
        try bench.fill(step)
        try bench.bench.place(step == .detached ? [] : [.init(program, .left, .right, .other)], step.mode)
        return try bench.bench.send(Self.frames(step), counting: bench.object, in: arena)
    }
}
