import CLinux
import LibBPF
import LinuxHost
import SampleKit
import SampleLab

/// What the kern half counted of page faults that own instructions made, each a known number of times.
///
/// A clock ticks when it will; a page fault happens where and as often as it is made to, so that nothing is left to bounds.
struct FaultCounts: Codable, Equatable {
    /// Instructions that made page faults, each at an address of its own.
    var sites = 0
    /// Those whose count is the number of faults that they made.
    var right = 0
    /// Faults that the kernel counted.
    var happened: UInt64 = 0
    /// Faults that the kernel recorded by their address.
    var recorded = 0
    /// Faults that are recorded and not in the kern half's map, over all addresses.
    var missing = 0
    /// Faults that are in the kern half's map and were not recorded.
    var surplus = 0

    /// What a seventh of the counters begins with: one of 16 bits loses what it counted.
    private static let start: UInt32 = 0xffff

    /// How often an instruction makes a fault: not all the same, so that a count cannot be right by chance.
    static func times(at site: Int) -> UInt32 { UInt32(1 + site % 3) }

    /// All of them counted at their addresses.
    var isExact: Bool { sites > 0 && right == sites && missing == 0 && surplus == 0 && happened == UInt64(recorded) }
}

extension FaultCounts {
    /// Runs the program at each page fault of this thread, and makes such faults.
    init(_ object: consuming LoadedObject, in arena: borrowing Arena) throws {
        let sampler = try PerfSampler(.ownPageFaults)
        let link = try object.program("do_sample").attach(to: try sampler.makeSibling())
        let map = try object.map("ip_map")
        var made: [UInt64: Int] = [:]
        // Where there is an entry already, it is one short of 2^16.
        let old = Set(stride(from: 0, to: lx_store_count(), by: 7).map { UInt64(lx_store_address($0)) })
        for address in old { try map.update(address, Self.start) }
        try sampler.start()
        try arena.stimulate {
            for site in 0..<lx_store_count() {
                let times = Self.times(at: site)
                try SystemCallError.checkNegated(lx_fault_at(site, times), "madvise(2)", on: "a page")
                made[UInt64(lx_store_address(site))] = Int(times)
            }
        }
        let recording = try sampler.finish()
        link.detach()
        let recorded = recording.histogram
        let entries = try map.entries(UInt64.self, UInt32.self)
        let counted = Dictionary(
            uniqueKeysWithValues: entries.map { ($0, Int($1) - (old.contains($0) ? Int(Self.start) : 0)) }
        )
        self.init(
            sites: made.count,
            right: made.count { counted[$0.key] == $0.value },
            happened: recording.count,
            recorded: recording.samples.count
        )
        for address in Set(recorded.keys).union(counted.keys) {
            let difference = recorded[address, default: 0] - counted[address, default: 0]
            missing += max(0, difference)
            surplus += max(0, -difference)
        }
    }
}
