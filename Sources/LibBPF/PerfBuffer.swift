import CLibbpf
public import LinuxHost

/// The rings into which programs write samples through a map of type `BPF_MAP_TYPE_PERF_EVENT_ARRAY`, one for each processor.
///
/// The ring of processor N is at index N of the map, as far as the map has indices. A program that writes to another
/// processor's ring than its own is refused by the kernel, and nothing comes of it.
///
/// Needs Linux 4.4 and `CAP_PERFMON`.
public struct PerfBuffer: ~Copyable {
    /// What a program wrote.
    public struct Sample: Sendable, Hashable {
        /// The processor whose ring it came from.
        public let processor: Int
        /// The bytes, and up to seven more that the kernel pads them with.
        public let bytes: [UInt8]
    }

    /// What has come since the last look.
    public struct Harvest: Sendable, Hashable {
        /// The samples, in an order that is true for each processor.
        public var samples: [Sample] = []
        /// Samples that a ring had no room for.
        public var lost: UInt64 = 0
    }

    private let raw: OpaquePointer
    private let name: String
    private let found: Found

    /// Makes the rings and puts them into a map.
    ///
    /// - Parameters:
    ///   - map: A map of type `BPF_MAP_TYPE_PERF_EVENT_ARRAY`.
    ///   - pages: Pages of each ring, a power of two. A sample takes its bytes, 12 more, and what rounds them up to eight.
    /// - Throws: ``ObjectMismatch`` for a map of another type, `SystemCallError` with `EPERM` or `EACCES` without the privileges.
    public init(_ map: BPFMap, pages: Int) throws {
        guard map.shape.type == .perfEventArray else {
            throw ObjectMismatch("map '\(map.name)' is not of type PERF_EVENT_ARRAY")
        }
        let found = Found()
        let made = perf_buffer__new(
            map.descriptor,
            pages,
            { context, processor, bytes, size in
                guard let context, let bytes else { return }
                let sample = Sample(
                    processor: Int(processor),
                    bytes: Array(UnsafeRawBufferPointer(start: bytes, count: Int(size)))
                )
                Unmanaged<Found>.fromOpaque(context).takeUnretainedValue().harvest.samples.append(sample)
            },
            { context, _, count in
                guard let context else { return }
                Unmanaged<Found>.fromOpaque(context).takeUnretainedValue().harvest.lost += count
            },
            Unmanaged.passUnretained(found).toOpaque(),
            nil
        )
        raw = try require(made, "perf_buffer__new", on: "map '\(map.name)'")
        name = map.name
        self.found = found
    }

    deinit { perf_buffer__free(raw) }

    /// Takes all that is in the rings, and makes room.
    public func take() throws(SystemCallError) -> Harvest {
        found.harvest = Harvest()
        let result = withExtendedLifetime(found) { perf_buffer__consume(raw) }
        try check(result, "perf_buffer__consume", on: "map '\(name)'")
        return found.harvest
    }

    private final class Found {
        var harvest = Harvest()
    }
}
