/// The numbers that an option of the command line takes: all ranges of all subcommands are here.
///
/// Each upper end is far above what anybody needs and far below what overflows a sum of times, or asks the system for more threads
/// than it has.
public struct NumberRange: Sendable, Hashable {
    /// The option's name, such as `--jobs`.
    public let option: String
    /// The numbers that it takes.
    public let values: ClosedRange<Int>
    /// What is counted, behind the numbers; empty for a plain count.
    public let unit: String

    /// How many samples or compilers run at once.
    public static let jobs = NumberRange(option: "--jobs", values: 1...1024, unit: "")
    /// The time limit of a sample.
    public static let timeout = NumberRange(option: "--timeout", values: 1...86_400, unit: "seconds")
    /// How often each sample runs.
    public static let repetitions = NumberRange(option: "--repeat", values: 1...100_000, unit: "")
    /// How often a failing sample is tried again.
    public static let retries = NumberRange(option: "--retries", values: 0...1000, unit: "")
    /// The memory of a virtual machine.
    public static let memory = NumberRange(option: "--memory", values: 96...(1 << 20), unit: "MiB")
    /// The processors of a virtual machine.
    public static let processors = NumberRange(option: "--cpus", values: 1...255, unit: "")
    /// The size of the cache of kern objects.
    public static let cacheLimit = NumberRange(option: "--cache-limit", values: 0...1_000_000, unit: "MB")

    /// Every range.
    public static let all = [jobs, timeout, repetitions, retries, memory, processors, cacheLimit]

    /// What is wrong with a number; `nil` for one in the range, or where none was given.
    public func complaint(about value: Int?) -> String? {
        guard let value, !values.contains(value) else { return nil }
        let unit = unit.isEmpty ? "" : " \(unit)"
        return "\(option) must be from \(values.lowerBound) to \(values.upperBound)\(unit), not \(value)"
    }
}
