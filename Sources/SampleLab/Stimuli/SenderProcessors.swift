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
