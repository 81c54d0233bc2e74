import Foundation
public import Testing

/// What a test needs of the machine it runs on.
public enum Requirement {
    /// Whether this is a run of CI, where nothing may be lacking: `ci/test` sets it.
    public static let isCI = !(ProcessInfo.processInfo.environment["CI"] ?? "").isEmpty

    /// Whether a variable of the environment is set and not empty.
    public static func isSet(_ variable: String) -> Bool {
        !(ProcessInfo.processInfo.environment[variable] ?? "").isEmpty
    }

    /// Whether a program is in `PATH`.
    public static func hasProgram(_ name: String) -> Bool {
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
            FileManager.default.isExecutableFile(atPath: "\($0)/\(name)")
        }
    }
}

extension Trait where Self == ConditionTrait {
    /// Skips a test on a machine that lacks what it needs, except in CI, where the test runs and so fails.
    ///
    /// - Parameters:
    ///   - isMet: Whether the machine has it.
    ///   - advice: What to do to have it, for the person who reads why the test was skipped.
    /// - Returns: The trait.
    public static func requires(_ isMet: @autoclosure @escaping @Sendable () -> Bool, _ advice: Comment) -> Self {
        .enabled(if: isMet() || Requirement.isCI, advice)
    }
}
