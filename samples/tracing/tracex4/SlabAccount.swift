import LibBPF
import LinuxHost

/// An object of the slab that own work made and freed, and what the kern half's table said of it.
struct SlabObject: Codable, Equatable {
    /// Whether its address is known, by a tracepoint, and a recorder saw it allocated within the very call that made it.
    var isKnown = false
    /// Whether it was in the table when all objects had been made.
    var isTabled = false
    /// Whether an entry of an object that was long gone stood at its address.
    var hadOld = false
    /// Whether the entry's time lay within the call that made it.
    var isTimely = false
    /// The word that the table holds for the place of the allocation.
    var place: UInt64 = 0
    /// The same word, read by the recorder.
    var placeWitnessed: UInt64 = 0
    /// Whether a recorder on the kern half's function saw it freed.
    var isFreed = false
    /// What had become of the entry when half of the messages had been received, and the threads slept.
    var atHalf = Fate.changed
    /// What had become of it in the end.
    var atEnd = Fate.changed

    /// What became of an entry.
    enum Fate: String, Codable {
        /// It is there as it was.
        case kept
        /// It is gone, or there is one of an object that was made at the same address later.
        case gone
        /// It says something else than before.
        case changed
    }
}

/// The kern half's table of objects by address.
struct SlabTable {
    /// What the kern half knows of an object.
    struct Entry: Equatable, BitwiseCopyable {
        /// When it was made, nanoseconds of `CLOCK_MONOTONIC`.
        var time: UInt64
        /// The word above the frame that the allocation returned to.
        var place: UInt64
    }

    /// Three readings: when all objects were made, when half of the messages were received, and in the end.
    struct Readings {
        /// Addresses at which entries of nobody's were left before.
        var old: Set<UInt64> = []
        var made: [UInt64: Entry]
        var half: [UInt64: Entry]
        var end: [UInt64: Entry]
        /// When the last reading began.
        var endTime: UInt64
    }

    let map: BPFMap

    /// What stands in entries that are left as if their objects were long gone.
    static let stale = Entry(time: 1, place: 1)

    /// Leaves such an entry at each of some addresses.
    func leave(_ addresses: some Sequence<UInt64>) throws {
        for address in addresses { try map.update(address, Self.stale) }
    }

    func read() throws -> [UInt64: Entry] { try map.snapshot(UInt64.self, Entry.self) }
}

/// What the recorders saw of slab objects.
struct SlabAccount {
    /// How far apart the kern half and the recorder may be called at one return: an interrupt, a virtual processor taken off.
    static let slack: UInt64 = 50_000_000

    /// The returns from allocations, by address.
    private let made: [UInt64: [TracepointRecorder.Firing]]
    /// The entries into the function that frees, by address.
    private let released: [UInt64: [TracepointRecorder.Firing]]

    init(allocated: [TracepointRecorder.Firing], released: [TracepointRecorder.Firing]) {
        made = Dictionary(grouping: allocated, by: \.first)
        self.released = Dictionary(grouping: released, by: \.first)
    }

    /// Whether an object was seen being made at about a time.
    func hasSeen(_ address: UInt64, madeAbout time: UInt64) -> Bool {
        (made[address] ?? []).contains { max($0.time, time) - min($0.time, time) <= Self.slack }
    }

    /// What the table said of an object.
    ///
    /// - Parameters:
    ///   - addresses: Where it may be: mostly one address, more where another processor did the like at the same moment.
    ///   - making: The call that made it.
    ///   - end: When it began to be freed.
    ///   - readings: The table.
    /// - Returns: What is known; an object that is not is not known.
    func object(
        at addresses: [UInt64],
        madeIn making: ClosedRange<UInt64>,
        freedFrom end: UInt64,
        _ readings: SlabTable.Readings
    ) -> SlabObject {
        var object = SlabObject()
        let births = addresses.compactMap { made[$0]?.last { making ~= $0.time } }
        guard let birth = births.first(where: { readings.made[$0.first] != nil }) ?? births.first else { return object }
        object.isKnown = true
        object.hadOld = readings.old.contains(birth.first)
        object.placeWitnessed = birth.second
        object.isFreed = (released[birth.first] ?? []).contains { $0.time >= end && $0.time < readings.endTime }
        guard let entry = readings.made[birth.first] else { return object }
        object.isTabled = true
        object.isTimely = making ~= entry.time
        object.place = entry.place
        object.atHalf = Self.fate(of: entry, readings.half[birth.first], since: end)
        object.atEnd = Self.fate(of: entry, readings.end[birth.first], since: end)
        return object
    }

    private static func fate(
        of entry: SlabTable.Entry,
        _ now: SlabTable.Entry?,
        since freed: UInt64
    ) -> SlabObject.Fate {
        guard let now else { return .gone }
        return now == entry ? .kept : now.time >= freed ? .gone : .changed
    }
}
