public import LinuxHost

/// The processors that a stimulus is repeated on, one after another, so that what belongs to a processor can be told apart.
///
/// A kernel that gives every program the values of processor 0 is right as long as everything happens there.
public enum SenderProcessors {
    /// How many processors are used at most.
    public static let most = 4

    /// The processors that this process may run on: the first ones, and the last.
    ///
    /// - Parameter limit: Only processors with a smaller number.
    /// - Returns: At least one processor, in ascending order.
    /// - Throws: `SystemCallError` where `/sys` is not mounted.
    public static func available(below limit: CInt = .max) throws(SystemCallError) -> [CInt] {
        let online = try Processors.online()
        let usable = online.filter { $0 < limit && Processors.isAllowed($0) }
        guard usable.count > most else { return usable.isEmpty ? Array(online.prefix(1)) : usable }
        return usable.prefix(most - 1) + usable.suffix(1)
    }

    /// What a record says of a run on a single processor; nothing where there were more.
    public static func notReached(onOthers count: Int) -> [String] {
        count > 0 ? [] : ["\(whatOthersHold): this process ran on one processor only"]
    }

    /// What only a run on several processors can show.
    public static let whatOthersHold = "the values of a second processor"

    /// Lets what is under way on this processor end before the next one is used.
    ///
    /// The network's softirq may still be on its way out of the device when the last frame has been counted, and would take
    /// the first frame from the next processor along.
    public static func settle() {
        Deadline(after: .milliseconds(50)).pause(milliseconds: 2)
    }
}

extension SenderProcessors {
    /// The name of the fact that says on how many processors a stimulus was applied.
    public static let fact = "processors"

    /// How many processors a stimulus is applied on, as a fact of a run.
    ///
    /// - Throws: `SystemCallError` where `/sys` is not mounted.
    public static func count() throws(SystemCallError) -> Tallies { [fact: try available().count] }

    /// How often a thing was sent together, where each processor sends it once more than the one before.
    public static func passes(_ facts: Tallies) -> Int { facts[fact] &* (facts[fact] &+ 1) / 2 }

    /// What a record says of a run on a single processor, from its facts.
    public static func notReached(_ facts: Tallies) -> [String] { notReached(onOthers: facts[fact] - 1) }

    /// Runs a closure on each of these processors, one after another.
    ///
    /// - Parameter body: Given the processor's number, and how many came before it.
    /// - Throws: `SystemCallError` where `/sys` is not mounted, or what the closure throws.
    public static func each(_ body: (CInt, Int) throws -> Void) throws {
        for (rank, processor) in try available().enumerated() {
            try Processors.pinned(to: processor) { try body(processor, rank) }
        }
    }

    /// What a per-CPU map holds for each of these processors, by how many come before it, and what it holds for others.
    ///
    /// - Parameter values: The values of a key for every possible processor, by the name of what they count.
    /// - Returns: Counts such as `processor 0: bytes 64`, and `another processor: bytes 64`.
    /// - Throws: `SystemCallError` where `/sys` is not mounted.
    public static func tallies(_ values: [String: [Int]]) throws -> Tallies {
        let senders = try available()
        var found: Tallies = [:]
        for (name, counts) in values {
            for (processor, count) in counts.enumerated() {
                let rank = senders.firstIndex(of: CInt(processor))
                found.add(rank.map { "processor \($0): \(name)" } ?? "another processor: \(name)", count)
            }
        }
        return found
    }
}
