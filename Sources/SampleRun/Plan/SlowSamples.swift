/// Which running samples are slow: each is named after ten seconds, and again whenever that time has doubled.
///
/// A pure value: the caller tells the time, in seconds.
public struct SlowSamples: Sendable {
    /// After how long a running sample is slow.
    public static let threshold: Double = 10

    private var running: [String: (started: Double, next: Double)] = [:]

    /// Creates a list without samples.
    public init() {}

    /// A sample began.
    public mutating func start(_ name: String, at time: Double) {
        running[name] = (time, Self.threshold)
    }

    /// A sample ended.
    public mutating func end(_ name: String) {
        running[name] = nil
    }

    /// The samples that are to be named now, each with the seconds that it has run for at the least.
    public mutating func due(at time: Double) -> [(name: String, seconds: Double)] {
        var due: [(name: String, seconds: Double)] = []
        for (name, state) in running.sorted(by: { $0.key < $1.key }) {
            var next = state.next
            guard time - state.started >= next else { continue }
            while time - state.started >= next * 2 { next *= 2 }
            due.append((name, next))
            running[name] = (state.started, next * 2)
        }
        return due
    }
}
