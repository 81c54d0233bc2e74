/// What a program keeps of a cgroup's packets (`struct hbm_vqueue`): a queue that only is a number.
struct HbmQueue: Codable, Hashable, BitwiseCopyable {
    /// A spin lock, which user space never sees.
    private var lock: UInt32 = 0
    private var hole: UInt32 = 0
    /// When credit was last given, or up to when the packets so far take; in nanoseconds of the kernel's clock, 0 before the
    /// first packet.
    var time = 0
    /// How many bytes may be sent at once.
    var credit: Int32 = 0
    /// Bytes per nanosecond, 2^20 times.
    var rate: UInt32 = 0

    init(time: Int = 0, credit: Int = 0, rate: Int = 0) {
        self.time = time
        self.credit = Int32(truncatingIfNeeded: credit)
        self.rate = UInt32(truncatingIfNeeded: rate)
    }

    /// Reads the three numbers.
    init(from decoder: any Decoder) throws {
        var list = try decoder.unkeyedContainer()
        time = try list.decode(Int.self)
        credit = try list.decode(Int32.self)
        rate = try list.decode(UInt32.self)
    }

    /// Writes the three numbers.
    func encode(to encoder: any Encoder) throws {
        var list = encoder.unkeyedContainer()
        try list.encode(time)
        try list.encode(credit)
        try list.encode(rate)
    }
}

/// The key of a queue: whose it is (`struct bpf_cgroup_storage_key`).
struct HbmQueueKey: BitwiseCopyable {
    /// The cgroup's number.
    var cgroup: UInt64
    /// Where the program is attached (`BPF_CGROUP_INET_EGRESS`).
    var attachType: UInt32
    private var hole: UInt32 = 0

    init(cgroup: UInt64, attachType: UInt32) {
        self.cgroup = cgroup
        self.attachType = attachType
    }
}

/// What a user half asks of a program, in the first two numbers of its array.
struct HbmSettings: Hashable, Sendable {
    /// Megabits per second.
    var rate = 0
    /// Whether packets are counted.
    var counts = true
    /// Whether packets that leave by interface 1, which is `lo`, are limited too.
    var limitsLoopback = false
    /// Whether senders are never told to slow down.
    var isSilent = false

    /// The flags as they stand in the array.
    var flags: Int { (counts ? 1 : 0) | (limitsLoopback ? 2 : 0) | (isSilent ? 4 : 0) }
}

/// What a program counts (`struct hbm_queue_stats`), behind what was asked of it.
struct HbmCounts: Codable, Hashable, BitwiseCopyable {
    var rate = 0
    var flags = 0
    /// Packets that met congestion.
    var marked = 0
    var markedBytes = 0
    var dropped = 0
    var droppedBytes = 0
    var packets = 0
    /// Counted also where nothing else is.
    var bytes = 0
    /// When the first packet was counted, in nanoseconds.
    var first = 0
    /// When the last was.
    var last = 0
    /// Packets that were told to have met congestion in their headers.
    var congested = 0
    /// How often each number from 0 to 3 was returned.
    private var returned0 = 0
    private var returned1 = 0
    private var returned2 = 0
    private var returned3 = 0
    /// The congestion windows of the senders of TCP, together.
    var windows = 0
    /// Their round trips in microseconds, together.
    var roundTrips = 0
    /// How many windows these are.
    var windowCount = 0
    /// The credit, or how far ahead the queue was in nanoseconds, of all packets together.
    var credits = 0

    init(_ settings: HbmSettings = HbmSettings()) {
        rate = settings.rate
        flags = settings.flags
    }

    /// How often a number was returned.
    subscript(returned value: Int) -> Int {
        get { [returned0, returned1, returned2, returned3][value & 3] }
        set {
            switch value & 3 {
            case 0: returned0 = newValue
            case 1: returned1 = newValue
            case 2: returned2 = newValue
            default: returned3 = newValue
            }
        }
    }

    /// What stands there when so much more is counted, which an array that was asked for the same holds.
    ///
    /// A broken program may count anything: sums wrap around, as the counters do.
    func adding(_ more: HbmCounts) -> HbmCounts {
        var sum = self
        withUnsafeMutableBytes(of: &sum) { bytes in
            withUnsafeBytes(of: more) { more in
                // Behind the settings.
                for place in stride(from: 16, to: bytes.count, by: 8) {
                    let value = bytes.load(fromByteOffset: place, as: Int.self)
                    let other = more.load(fromByteOffset: place, as: Int.self)
                    bytes.storeBytes(of: value &+ other, toByteOffset: place, as: Int.self)
                }
            }
        }
        sum.first = first == 0 ? more.first : first
        sum.last = more.last == 0 ? last : more.last
        return sum
    }

    /// Reads the numbers in their order.
    init(from decoder: any Decoder) throws {
        self.init()
        var list = try decoder.unkeyedContainer()
        try withUnsafeMutableBytes(of: &self) { bytes in
            for index in 0..<bytes.count / 8 {
                bytes.storeBytes(of: try list.decode(Int.self), toByteOffset: index * 8, as: Int.self)
            }
        }
    }

    /// Writes the numbers in their order.
    func encode(to encoder: any Encoder) throws {
        var list = encoder.unkeyedContainer()
        try withUnsafeBytes(of: self) { bytes in
            for index in 0..<bytes.count / 8 { try list.encode(bytes.load(fromByteOffset: index * 8, as: Int.self)) }
        }
    }
}
