import LinuxHost
import SystemPackage

/// What this kernel says to calls whose outcome is known, so that other refusals can be told apart by comparison.
struct HelperCanaries: Sendable {
    /// Normalised lines of the verifier's.
    typealias Lines = Set<[UInt8]>

    /// What it says of a helper that the program type may not call.
    private(set) var refusal = Lines()
    /// What it says of a helper that no kernel has.
    private(set) var unknown = Lines()
    /// What it says of a helper that sleeps, called where sleeping is not allowed; empty on kernels that do not say so.
    private(set) var sleeping = Lines()
    /// What it says of a helper that is the type's, but not allowed at this attachment.
    private(set) var misplaced = Lines()

    /// What it says of both, whatever the helper: figures that differ from run to run.
    private(set) var figures = Lines()

    /// A load with one call.
    struct Said: Sendable {
        let errno: Errno?
        let log: [UInt8]
    }

    /// How an answer compares.
    enum Likeness: Hashable {
        /// The call was accepted, or only its arguments were not (`EACCES`).
        case accepted
        /// Like the canary that the type may not call.
        case refused
        /// Like the canary that does not exist.
        case unknown
        /// Like the canary that sleeps.
        case sleeping
        /// Like the canary at a wrong attachment.
        case misplaced
        /// `ENOTSUPP`: the type knows the helper and cannot use it.
        case unsupported
        /// Like none of them.
        case other
    }

    /// Takes the two canaries that every answer is compared with.
    ///
    /// `nil` where they do not behave: both must be refused with `EINVAL`, each in words of its own.
    init?(refused: Said, unknown other: Said) {
        guard refused.errno == .invalidArgument, other.errno == .invalidArgument else { return nil }
        let (first, second) = (VerifierText.lines(of: refused.log), VerifierText.lines(of: other.log))
        refusal = first.subtracting(second)
        unknown = second.subtracting(first)
        figures = first.intersection(second)
        guard !refusal.isEmpty, !unknown.isEmpty else { return nil }
        gather()
    }

    /// Takes the canary that sleeps, and the call of no helper by the same type.
    mutating func learn(sleeping said: Said, unknown other: Said) {
        sleeping = own(said, other)
        gather()
    }

    /// Takes the canary at a wrong attachment, and the call of no helper by the same type.
    mutating func learn(misplaced said: Said, unknown other: Said) {
        misplaced = own(said, other).subtracting(sleeping)
        gather()
    }

    /// A refusal in words, without what the kernel says of every load.
    func summary(_ said: Said) -> String {
        guard let refusal = said.errno else { return "accepted" }
        let lines = said.log.split(separator: UInt8(ascii: "\n")).filter { line in
            !figures.contains(VerifierText.normalised(line))
        }
        return VerifierText.summary(of: refusal, Array(lines.joined(separator: [UInt8(ascii: "\n")])))
    }

    private func own(_ said: Said, _ other: Said) -> Lines {
        VerifierText.lines(of: said.log).subtracting(VerifierText.lines(of: other.log))
    }

    /// Compares an answer, its errno first.
    func likeness(of said: Said) -> Likeness {
        guard let error = said.errno, error != .permissionDenied else { return .accepted }
        if error == .unsupportedByVerifier { return .unsupported }
        guard error == .invalidArgument else { return .other }
        return said.log.withUnsafeBufferPointer { log in
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: max(log.count, 1)) { room in
                likeness(of: log, room)
            }
        }
    }

    /// Compares a log line by line; it comes thousands of times, so nothing is allocated or hashed for it.
    private func likeness(
        of log: UnsafeBufferPointer<UInt8>,
        _ room: UnsafeMutableBufferPointer<UInt8>
    ) -> Likeness {
        var found: Likeness?
        var start = 0
        while start < log.count {
            let end = log[start...].firstIndex(of: UInt8(ascii: "\n")) ?? log.count
            let count = VerifierText.normalise(log[start..<end], into: room)
            start = end + 1
            for canary in canaries where canary.line.count == count {
                guard canary.line.elementsEqual(room[..<count]) else { continue }
                // A line of two kinds would spoil both.
                guard found == nil || found == canary.likeness else { return .other }
                found = canary.likeness
            }
        }
        return found ?? .other
    }

    /// What the lines stand for, the sets in one.
    private var canaries: [(line: [UInt8], likeness: Likeness)] = []

    private mutating func gather() {
        let kinds: [(Lines, Likeness)] = [
            (refusal, .refused), (unknown, .unknown), (sleeping, .sleeping), (misplaced, .misplaced),
        ]
        canaries = kinds.flatMap { lines, likeness in lines.map { ($0, likeness) } }
    }
}
