import LibBPF
import LinuxHost

/// The counters of `xdp_sample.bpf.o`: records of numbers in arrays that are indexed by what happened and by the processor, and
/// in a per-CPU hash that is indexed by two interfaces.
public struct RedirectCounters {
    /// A record of 64-bit numbers, aligned to 64 bytes.
    typealias Record = SIMD8<UInt64>

    /// What the numbers of a record count; the fourth means batches of frames in some maps, and frames passed in others.
    static let words = [
        "processed", "dropped", "issue", "info", "dropped by program", "redirected", "unused", "unused",
    ]

    /// An array, and what happened at each of the indices that it has for a processor.
    struct CounterArray {
        var map: String
        /// The tracepoint that it is for alone.
        var event: String?
        var keys: [String]
    }

    /// The arrays, for so many possible processors.
    static func arrays(_ processors: Int) throws -> [CounterArray] {
        let senders = try SenderProcessors.available()
        let errors = ["other error", "EINVAL", "ENETDOWN", "EMSGSIZE", "EOPNOTSUPP", "ENOSPC"]
        return [
            CounterArray(map: "rx_cnt", keys: ["received"]),
            CounterArray(map: "redir_err_cnt", keys: ["redirected"] + errors.map { "not redirected, \($0)" }),
            CounterArray(
                map: "exception_cnt",
                keys: ["ABORTED", "DROP", "PASS", "TX", "REDIRECT", "unknown"].map { "exception \($0)" }
            ),
            CounterArray(map: "devmap_xmit_cnt", keys: ["sent"]),
            CounterArray(map: "cpumap_kthread_cnt", event: "xdp_cpumap_kthread", keys: ["taken"]),
            CounterArray(
                map: "cpumap_enqueue_cnt",
                event: "xdp_cpumap_enqueue",
                keys: (0..<processors).map { processor in
                    senders.firstIndex(of: CInt(processor)).map { "queued for \($0)" } ?? "queued for another"
                }
            ),
        ]
    }

    private let processors: Int
    private let arrays: [(map: BPFMap, keys: [String])]
    private let pairs: BPFMap
    private let sharesReceived: Bool

    /// Takes the maps of an object, which they are valid as long as.
    ///
    /// What only programs on certain tracepoints count is left out where these are not used: there may be many such numbers.
    init(of object: borrowing LoadedObject, _ processors: Int, events: [String], sharesReceived: Bool) throws {
        self.processors = processors
        self.sharesReceived = sharesReceived
        var arrays: [(map: BPFMap, keys: [String])] = []
        for array in try Self.arrays(processors) where array.event.map(events.contains) ?? true {
            arrays.append((try object.map(array.map), array.keys))
        }
        self.arrays = arrays
        pairs = try object.map("devmap_xmit_cnt_multi")
    }

    /// Two interfaces, as the hash has them.
    public static func pair(from: CInt, to: CInt) -> UInt64 { UInt64(from) << 32 | UInt64(to) }

    /// Sets every number to a start, from which growth is counted.
    ///
    /// - Parameters:
    ///   - start: The number; the hash has no entries afterwards where it is 0.
    ///   - keys: The entries that the hash has otherwise.
    /// - Throws: `ObjectMismatch` for maps of another form, `SystemCallError` where the kernel refuses.
    public func set(to start: UInt64, pairs keys: [UInt64]) throws {
        let record = Record(repeating: start)
        for (map, _) in arrays {
            for index in 0..<map.capacity { try map.update(index, record) }
        }
        for key in try pairs.keys(as: UInt64.self) { try pairs.delete(key) }
        if start != 0 {
            for key in keys { try pairs.updatePerCPU(key, record) }
        }
    }

    /// What was counted since.
    ///
    /// - Parameters:
    ///   - start: What the numbers were set to.
    ///   - keys: The hash's entries that were set to it.
    ///   - names: Names of interfaces by their indices.
    /// - Returns: Counts such as `processor 0: received processed`, processors by how many senders come before them; and
    ///   `all processors: received processed` where all count in one record.
    /// - Throws: As ``set(to:pairs:)``.
    public func tallies(since start: UInt64, pairs keys: [UInt64], _ names: [CInt: String]) throws -> Tallies {
        var found: [String: [Int]] = [:]
        var shared: Tallies = [:]
        for (map, keys) in arrays {
            for index in 0..<Int(map.capacity) {
                guard let record = try map.lookup(UInt32(index), as: Record.self) else { continue }
                let key = keys[index / processors % keys.count]
                if sharesReceived, index == 0, map.name == "rx_cnt" {
                    shared = Self.growth(of: record, since: start, key).named("all processors: ")
                } else {
                    add(record, since: start, key, index % processors, to: &found)
                }
            }
        }
        for key in try pairs.keys(as: UInt64.self) {
            let ends = [key >> 32, key & 0xffff_ffff].map { names[CInt(truncatingIfNeeded: $0)] ?? "\($0)" }
            let records = try pairs.lookupPerCPU(key, as: Record.self) ?? []
            for (processor, record) in records.enumerated() {
                let start = keys.contains(key) ? start : 0
                add(record, since: start, "\(ends[0]) to \(ends[1])", processor, to: &found)
            }
        }
        return try SenderProcessors.tallies(found) + shared
    }

    private func add(
        _ record: Record,
        since start: UInt64,
        _ key: String,
        _ processor: Int,
        to found: inout [String: [Int]]
    ) {
        for (name, growth) in Self.growth(of: record, since: start, key).counts {
            found[name, default: Array(repeating: 0, count: processors)][processor] &+= growth
        }
    }

    /// By how much the numbers of a record grew, by what they count.
    private static func growth(of record: Record, since start: UInt64, _ key: String) -> Tallies {
        var found: Tallies = [:]
        for (word, name) in words.enumerated() where record[word] != start {
            // How often the kernel's thread slept before it took frames is for the scheduler to decide.
            if key == "taken" && name == "issue" { continue }
            // A broken program may count anything: the difference wraps around, as the counters do.
            found.add("\(key) \(name)", Int(truncatingIfNeeded: record[word] &- start))
        }
        return found
    }
}
