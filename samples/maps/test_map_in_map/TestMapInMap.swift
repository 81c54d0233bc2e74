import Glibc
import LibBPF
import LinuxHost
import RunModel
import SampleKit
import SampleLab

/// Looks values up in maps inside of maps, by the address that connect(2) is called with.
struct TestMapInMap: Sample {
    struct Observation: Codable, Equatable {
        /// What each call left behind, by what it stands for.
        var calls: [String: Call] = [:]
        /// The same for calls before which the results were not empty.
        var overStale: [String: Call] = [:]
        /// The ids of the maps that user space found inside of others, and of those that were put there.
        var ids: [String: Inside] = [:]
        /// The line of the source where the kern half looks for an inner map; `nil` where the object does not say.
        var lookupLine: Int?
        /// The lines of the source that are results, as the object's instructions have them; `nil` where they cannot be told.
        var resultLines: ResultLines?
    }

    /// A call and the two results of the kern half.
    struct Call: Codable, Equatable {
        /// What connect(2) said: the symbol of its errno.
        var answer = ""
        /// What a look into the inner map gave, whichever map it is.
        var regular: Int32?
        /// What a look into the one map gave that the inner map is compared with.
        var direct: Int32?
    }

    /// A map inside of another.
    struct Inside: Codable, Equatable {
        /// The id that the outer map gives.
        var found: UInt32?
        /// The id of the map that was put there.
        var put: UInt32
    }

    static let manifest = Manifest(
        summary: "a kprobe on connect(2) looks values up in arrays and hashes inside of an array and hashes of maps",
        oracle:
            "for the address dead:beef:: with case 0, 1 or 2 in its last word the value is found twice, in the inner map and in the "
            + "map known by name; another map inside gives its own value and EINVAL, a missing key ENOENT, a missing inner map "
            + "or case its line of the source, an unreadable address or port EFAULT; other addresses and lengths, and calls once "
            + "detached, leave nothing; user space finds the ids of the inner maps",
        kernSources: ["samples/bpf/test_map_in_map_kern.c"],
        programTypes: ["KPROBE"],
        needs: .kprobes + [
            "CONFIG_DEBUG_INFO_BTF", "CONFIG_NET", "kernel>=5.5", "helper:bpf_probe_read_kernel",
        ],
        oldestTree: Manifest.OldestTree(
            KernelVersion(5, 10),
            otherwise: "attaches to sys_connect, which kernels for x86-64 do not have from Linux 4.17 on"
        )
    )

    func observe(in arena: borrowing Arena) throws -> Observation {
        let opened = try arena.openObject()
        let section = opened.programs.first { $0.name == "trace_sys_connect" }?.section ?? ""
        let lookups = opened.sourceLines(ofSection: section).filter {
            $0.text.contains("bpf_map_lookup_elem(outer_map")
        }
        let lines = Set(lookups.map(\.number))
        let lookup = lines.count == 1 ? lines.first : nil
        let object = try arena.load(opened, calling: .probeReadKernel)
        let maps = try NestedMaps(of: object)
        let memory = try AddressMemory()
        var seen = Observation(lookupLine: lookup)
        seen.resultLines = lookup.flatMap {
            ResultLines(around: $0, in: object.instructions["trace_sys_connect"] ?? [])
        }
        let probe = try arena.attachProbe("trace_sys_connect", of: object)
        for stage in Stage.allCases where stage != .detached {
            try maps.arrange(stage, &seen.ids)
            try observe(stage, maps, memory, &seen, in: arena)
        }
        probe.detach()
        try observe(.detached, maps, memory, &seen, in: arena)
        return seen
    }

    private func observe(
        _ stage: Stage,
        _ maps: borrowing NestedMaps,
        _ memory: borrowing AddressMemory,
        _ seen: inout Observation,
        in arena: borrowing Arena
    ) throws {
        for trial in Trial.all where trial.stage == stage {
            var call = Call()
            _ = try (maps.takeRegular(), maps.takeDirect())
            arena.stimulate { call.answer = memory.connect(trial) }
            call.regular = try maps.takeRegular()
            call.direct = try maps.takeDirect()
            seen.calls[trial.title] = call
            try maps.leaveStale()
            arena.stimulate { call.answer = memory.connect(trial) }
            call.regular = try maps.takeRegular()
            call.direct = try maps.takeDirect()
            seen.overStale[trial.title] = call
        }
    }

    func judge(_ seen: Observation) -> Judgement {
        var checks: [Check] = []
        for trial in Trial.all {
            let call = seen.calls[trial.title] ?? Call()
            checks.append(.equal("\(trial.title): connect(2)", expected: "EBADF", observed: call.answer))
            let wanted: (regular: Int32?, direct: Int32?)
            switch trial.result {
            case .nothing: wanted = (nil, nil)
            case .both(let value): wanted = (value, value)
            case .regularOnly(let value): wanted = (value, -EINVAL)
            case .line(let line):
                guard let lookup = seen.lookupLine else {
                    let words = "\(Self.words(call.regular)) and \(Self.words(call.direct))"
                    let isLine = call.regular.map { (1...9999).contains($0) } ?? false
                    checks.append(
                        Check(
                            claim: "\(trial.title): the results",
                            expected: "the same line's number twice",
                            observed: words,
                            held: isLine && call.regular == call.direct
                        )
                    )
                    continue
                }
                let number = Int32(clamping: seen.resultLines?[line] ?? lookup + line.distance)
                wanted = (number, number)
            }
            let stale = Int32(bitPattern: NestedMaps.staleValue)
            let over = seen.overStale[trial.title] ?? Call()
            checks += [
                .equal(
                    "\(trial.title): in the inner map, over an old result",
                    expected: Self.words(wanted.regular ?? stale),
                    observed: Self.words(over.regular)
                ),
                .equal(
                    "\(trial.title): in the map known by name, over an old result",
                    expected: Self.words(wanted.direct ?? stale),
                    observed: Self.words(over.direct)
                ),
                .equal(
                    "\(trial.title): in the inner map",
                    expected: Self.words(wanted.regular),
                    observed: Self.words(call.regular)
                ),
                .equal(
                    "\(trial.title): in the map known by name",
                    expected: Self.words(wanted.direct),
                    observed: Self.words(call.direct)
                ),
            ]
        }
        // The one distance that holds without any line information.
        let missing = seen.calls[Trial.missingMap]?.regular ?? 0
        let unknown = seen.calls[Trial.unknownCase]?.regular ?? 0
        let distance =
            seen.resultLines.map { $0.noInnerMap - $0.noSuchCase }
            ?? Line.noInnerMap.distance - Line.noSuchCase.distance
        checks.append(
            .equal("lines between the two that are results", expected: distance, observed: Int(missing) - Int(unknown))
        )
        for place in Stage.insides {
            let inside = seen.ids[place]
            checks.append(
                .equal(
                    "\(place): the id that user space finds",
                    expected: inside.map { "\($0.put)" } ?? "one",
                    observed: inside?.found.map { "\($0)" } ?? "none"
                )
            )
        }
        let notReached =
            seen.lookupLine == nil ? ["which lines of the source are results: the object has no line information"] : []
        return Judgement(checks, notReached: notReached)
    }

    /// Where the source's two statements stand whose lines are results.
    struct ResultLines: Codable, Equatable {
        /// Where the test case is none: before the lookup of the inner map.
        var noSuchCase: Int
        /// Where there is no inner map: after it.
        var noInnerMap: Int

        /// How far from the lookup they are looked for.
        static let reach = 12

        /// Creates lines.
        init(noSuchCase: Int, noInnerMap: Int) {
            (self.noSuchCase, self.noInnerMap) = (noSuchCase, noInnerMap)
        }

        /// Finds the lines among the constants of the program that has them as results.
        ///
        /// Compilers put other statements into the line information for these, each in its own way: a constant that is a line
        /// beside the lookup is there whatever the compiler.
        ///
        /// - Returns: `nil` unless there is one constant before the lookup's line and one after it.
        init?(around lookup: Int, in instructions: [Instruction]) {
            // BPF_MOV | BPF_K and BPF_ST | BPF_MEM of 64 and 32 bits.
            let loads = instructions.filter { [0xb7, 0xb4, 0x62, 0x7a].contains($0.code) }
            let constants = Set(loads.map { Int($0.immediate) })
            let before = constants.filter { (lookup - Self.reach..<lookup).contains($0) }
            let after = constants.filter { (lookup + 1...lookup + Self.reach).contains($0) }
            guard before.count == 1, after.count == 1 else { return nil }
            self.init(noSuchCase: before.first ?? 0, noInnerMap: after.first ?? 0)
        }

        subscript(line: Line) -> Int { line == .noSuchCase ? noSuchCase : noInnerMap }
    }

    /// A result in words: values as the hexadecimal numbers that they are, the rest as numbers.
    private static func words(_ result: Int32?) -> String {
        guard let result else { return "nothing" }
        return abs(Int(result)) < 10_000 ? "\(result)" : "0x" + Hexadecimal.text(UInt32(bitPattern: result))
    }
}
