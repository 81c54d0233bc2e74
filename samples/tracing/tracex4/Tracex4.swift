import LibBPF
import LinuxHost
import RunModel
import SampleKit

/// Keeps a table of the slab objects that are alive: when each was allocated and where.
struct Tracex4: Sample {
    struct Observation: Codable, Equatable {
        /// The functions that the programs were attached to, as this kernel calls them: where objects are freed, where made.
        var functions: [String] = []
        /// How many own messages arrived as they were sent.
        var arrived = 0
        /// The socket buffers of own messages, in the order in which they were sent and received.
        var messages: [SlabObject] = []
        /// What the kernel knows of own threads, which sleep until half of the messages are received.
        var threads: [SlabObject] = []
        /// Entries of the table when all objects had been made, of the whole machine's objects.
        var entries = 0
        /// What the table has room for.
        var room = 0
        /// Those of them whose object a recorder of our own saw allocated at that time.
        var witnessed = 0
        /// Messages that were sent and received after the programs were detached.
        var arrivedDetached = 0
        /// Entries with a time within those calls.
        var entriesDetached = 0
    }

    static let manifest = Manifest(
        summary: "a kprobe and a kretprobe keep a table of the slab objects that are alive",
        oracle:
            "the socket buffers of 64 messages in a queue and the task_structs of 8 sleeping threads, known by tracepoints, are in the "
            + "table (which has room for a million), also where an old entry stands, with a time within the call that made each, and the word (the caller's address, or whatever the frame "
            + "pointer leads to) that a recorder of our own read beside it; when half of the messages are received just theirs are "
            + "gone and all others unchanged, when all are and the threads have ended all are gone that a kprobe beside saw "
            + "freed; of nine in ten entries the recorder saw the object made; once detached, nothing is entered",
        kernSources: ["samples/bpf/tracex4_kern.c"],
        programTypes: ["KPROBE"],
        needs: .kprobes + .eventBuffers + ["CONFIG_NET", "CONFIG_UNIX", "kernel>=5.8"],
        timeout: .seconds(20)
    )

    /// Own messages.
    static let messages = 64
    /// Runs until the kernel has allocated a buffer for each message, and kprobes have seen what became of the threads.
    static let attempts = 4
    /// What the table has room for.
    static let room = 1_000_000
    /// Own threads.
    static let threads = 8
    /// Own messages after detaching.
    static let messagesDetached = 16

    func observe(in arena: borrowing Arena) throws -> Observation {
        var seen = Observation()
        for _ in 0..<Self.attempts {
            seen = try observeOnce(in: arena)
            // A network device that is served on this processor meanwhile hands buffers on that nobody allocates. And what the
            // kernel knew of threads is freed by the batch: if an interrupt does that while a kprobe is served, all are missed.
            let freed = seen.threads.count(\.isFreed)
            if arena.isControl || seen.messages.allSatisfy(\.isKnown) && freed >= Self.threads / 2 { break }
        }
        return seen
    }

    private func observeOnce(in arena: borrowing Arena) throws -> Observation {
        let object = try arena.loadObject()
        let frees = try arena.attachProbe("bpf_prog1", of: object)
        // Since Linux 6.10 kmem_cache_alloc_node() is a macro over this function, for the profiling of allocations.
        let names = ["kmem_cache_alloc_node_noprof", "kmem_cache_alloc_node"]
        let allocations = try arena.attachProbe("bpf_prog2", of: object, otherNames: names)
        var seen = Observation(functions: frees.functions + allocations.functions)
        let session = try SlabSession(
            try object.map("my_map"),
            freeing: frees.functions[0],
            allocating: allocations.functions[0]
        )
        try session.run(in: arena, &seen)
        allocations.detach()
        frees.detach()
        try session.runDetached(in: arena, &seen)
        return seen
    }

    func judge(_ seen: Observation) -> Judgement {
        let all = seen.messages + seen.threads
        let count = Self.messages + Self.threads
        let half = Self.messages / 2
        let freed = seen.threads.count(\.isFreed)
        let words = all.count { $0.isTabled && $0.place == $0.placeWitnessed }
        let checks: [Check] = [
            .equal("messages that arrived", expected: Self.messages, observed: seen.arrived),
            .equal("messages whose socket buffer is known", expected: Self.messages, observed: seen.messages.known),
            .equal("threads whose task_struct is known", expected: Self.threads, observed: seen.threads.known),
            .equal("socket buffers in the table", expected: Self.messages, observed: seen.messages.count(\.isTabled)),
            .equal("objects that the table has room for", expected: Self.room, observed: seen.room),
            .equal("task_structs in the table", expected: Self.threads, observed: seen.threads.count(\.isTabled)),
            .equal("entries with a time within the call", expected: count, observed: all.count(\.isTimely)),
            .equal("entries with the word that the recorder read", expected: count, observed: words),
            .equal(
                "entries gone when half of the messages were received, of these",
                expected: half,
                observed: seen.messages.prefix(half).count { $0.atHalf == .gone }
            ),
            .equal(
                "entries unchanged then, of all others",
                expected: count - half,
                observed: all.dropFirst(half).count { $0.atHalf == .kept }
            ),
            .equal(
                "socket buffers gone in the end",
                expected: Self.messages,
                observed: seen.messages.count { $0.atEnd == .gone }
            ),
            // The kernel frees them behind our back, and no kprobe sees what an interrupt does while another is served.
            .equal(
                "task_structs gone in the end, of those that a kprobe saw freed",
                expected: freed,
                observed: seen.threads.count { $0.isFreed && $0.atEnd == .gone }
            ),
            .atLeast("task_structs that a kprobe saw freed", bound: 1, observed: freed),
            .atLeast(
                "entries whose object the recorder saw made",
                bound: max(count, (seen.entries * 9 + 9) / 10),
                observed: seen.witnessed
            ),
            .equal("messages after detaching", expected: Self.messagesDetached, observed: seen.arrivedDetached),
            .equal("entries made after detaching", expected: 0, observed: seen.entriesDetached),
        ]
        var notReached: [String] = []
        if !all.isEmpty, all.allSatisfy({ $0.placeWitnessed == 0 }) {
            notReached.append("the word of any entry: the frame pointer leads nowhere on this kernel")
        }
        if !all.contains(where: \.hadOld) {
            notReached.append("an old entry at an object's address: the kernel took no memory that was used before")
        }
        if freed < seen.threads.count {
            notReached.append(
                "\(seen.threads.count - freed) task_structs that were freed while another kprobe was served"
            )
        }
        return Judgement(checks, notReached: notReached)
    }
}

extension [SlabObject] {
    fileprivate var known: Int { count(\.isKnown) }

    fileprivate func count(_ member: (SlabObject) -> Bool) -> Int { count(where: member) }
}
