import LibBPF
import SampleKit
import SampleLab

/// Makes calls of bpf(2) on maps of many types, beside a model of what each must be answered, alone and from several threads at once.
///
/// Upstream asserts, in a program that stood in `samples/bpf` until 4.9 and stands in the selftests since.
struct TestMaps: SteppedSample {
    static let manifest = Manifest(
        summary: "the calls on maps: what each is answered, what entries hold, and in which order they come",
        oracle:
            "thousands of calls on hashes with and without memory of their own, LRU hashes, arrays, all with one value or one for each "
            + "processor, queues, stacks and tries are answered as a model says, each with the right value, keys or errno, as "
            + "to flags, missing keys and full maps, also many entries by one call, and on maps that are read only, write only or frozen; "
            + "a walk meets each key once, in an array in order; hashes without a seed have one order; of threads that write, "
            + "remove or take the same at once exactly one succeeds; what can be no map is refused",
        instructions: KernInstructions(maps: maps),
        programTypes: [],
        // Hashes are read and emptied by one call since 5.14.
        needs: .bpf + ["kernel>=5.14"],
        timeout: .seconds(60)
    )

    /// `BPF_F_NO_PREALLOC`, `BPF_F_RDONLY`, `BPF_F_WRONLY` and `BPF_F_ZERO_SEED`.
    enum Flag {
        static let allocates: UInt32 = 1, readOnly: UInt32 = 8, writeOnly: UInt32 = 16, zeroSeed: UInt32 = 64
    }

    /// The maps that are called, each by a list of calls of its own.
    static let called: [KernInstructions.Map] = [
        .init("hash", MapShape(.hash, key: 8, value: 8, capacity: 3)),
        .init("hash, allocating", MapShape(.hash, key: 3, value: 7, capacity: 3, flags: Flag.allocates)),
        .init("hash by processor", MapShape(.perCPUHash, key: 8, value: 12, capacity: 3)),
        .init("hash by processor, allocating", MapShape(.perCPUHash, value: 8, capacity: 3, flags: Flag.allocates)),
        .init("LRU", MapShape(.lruHash, key: 8, value: 8, capacity: 1024)),
        .init("LRU by processor", MapShape(.lruPerCPUHash, key: 8, value: 8, capacity: 1024)),
        .init("array", MapShape(.array, value: 3, capacity: 3)),
        .init("array by processor", MapShape(.perCPUArray, value: 4, capacity: 3)),
        .init("queue", MapShape(.queue, key: 0, value: 4, capacity: 5)),
        .init("stack", MapShape(.stack, key: 0, value: 4, capacity: 5)),
        .init("trie", MapShape(.prefixTrie, key: 8, value: 8, capacity: 9, flags: Flag.allocates)),
        .init("long trie", MapShape(.prefixTrie, key: 20, value: 4, capacity: 100, flags: Flag.allocates)),
        .init("read only", MapShape(.hash, value: 4, capacity: 3, flags: Flag.readOnly)),
        .init("write only", MapShape(.hash, value: 4, capacity: 3, flags: Flag.writeOnly)),
        .init("frozen", MapShape(.hash, value: 4, capacity: 3)),
        .init("keys of 1 byte", MapShape(.hash, key: 1, value: 1, capacity: 160)),
        .init("keys of 4108 bytes", MapShape(.hash, key: 4108, value: 12, capacity: 20)),
        .init("values of 4097 bytes", MapShape(.hash, key: 8, value: 4097, capacity: 10)),
        .init("many, allocating", MapShape(.hash, key: 8, value: 8, capacity: 600, flags: Flag.allocates)),
        .init("many by processor", MapShape(.perCPUHash, value: 12, capacity: 300)),
        .init("array of many", MapShape(.array, value: 8, capacity: 500)),
        .init("array of many by processor", MapShape(.perCPUArray, value: 12, capacity: 200)),
    ]

    /// The maps that threads use at once.
    static let shared: [KernInstructions.Map] = [
        .init("shared", MapShape(.hash, value: 8, capacity: 512)),
        .init("shared, allocating", MapShape(.hash, value: 8, capacity: 512, flags: Flag.allocates)),
        .init("shared by processor", MapShape(.perCPUHash, value: 8, capacity: 128)),
    ]
    static let queue = KernInstructions.Map("shared queue", MapShape(.queue, key: 0, value: 4, capacity: 512))
    static let ordered: [KernInstructions.Map] = ["one order", "the same order"].map {
        .init($0, MapShape(.hash, value: 4, capacity: 100, flags: Flag.zeroSeed))
    }
    static let maps = called + shared + ordered + [queue]

    enum Step: CustomStringConvertible, Sendable {
        case shapes, refusals, order
        case called(KernInstructions.Map)
        case shared(KernInstructions.Map)
        case queue

        var description: String {
            switch self {
            case .shapes: "what the maps are"
            case .refusals: "what is no map"
            case .order: "the same order"
            case .called(let map), .shared(let map): map.name
            case .queue: "shared queue"
            }
        }
    }

    static let steps: [Step] =
        [.shapes, .refusals] + called.map { .called($0) } + [.order] + shared.map { .shared($0) } + [.queue]

    /// There are thirty steps, and each has some examples.
    static let countsTried = 1
    static let exampleFacts: [Tallies] = [[SenderProcessors.fact: 2]]

    static func expected(_ step: Step, _ facts: Tallies) -> Tallies {
        let threads = facts[SenderProcessors.fact]
        return switch step {
        case .shapes: Tallies(Dictionary(uniqueKeysWithValues: maps.map { ("\($0.name): \(kept($0.shape))", 1) }))
        case .refusals: Tallies(Dictionary(uniqueKeysWithValues: refusals.map { ("\($0.name): \($0.answer)", 1) }))
        case .order: ["walked in the same order": 100]
        case .called(let map): expected(plans[map.name] ?? [])
        case .shared(let map): met(map.shape, threads)
        case .queue: queued(threads)
        }
    }

    /// What a map is: who reads and writes belongs to the descriptor.
    private static func kept(_ shape: MapShape) -> MapShape {
        var shape = shape
        shape.flags &= ~(Flag.readOnly | Flag.writeOnly)
        return shape
    }

    func prepare(in arena: borrowing Arena) throws -> Bench { try Bench(arena) }

    func facts(on bench: Bench, in arena: borrowing Arena) throws -> Tallies { try SenderProcessors.count() }

    func perform(_ step: Step, on bench: Bench, in arena: borrowing Arena) throws -> Tallies {
        var found: Tallies = [:]
        try arena.stimulate { found = try bench.perform(step) }
        return found
    }

    static func notReached(_ facts: Tallies) -> [String] { SenderProcessors.notReached(facts) }
}
