public import ConfigCheck
import FeatureRules
import KernelChecks
public import ObjectNeeds
public import RunModel

/// What objects need, and whether a kernel's options promise it.
///
/// Nothing is loaded, so no privilege is needed.
public struct NeedsCheck: Sendable {
    private let objects: [(path: String, needs: ObjectNeeds)]

    /// Reads objects.
    ///
    /// - Throws: ``UnreadableObject`` for the first that is none.
    public init(of paths: [String]) throws(UnreadableObject) {
        var objects: [(path: String, needs: ObjectNeeds)] = []
        for path in paths { objects.append((path, try ObjectFile(path).needs())) }
        self.objects = objects
    }

    /// What the objects need, without a judgement: lines of text.
    public var text: String { objects.map { $0.needs.list() }.joined() }

    /// The same as JSON, an object a line.
    public var json: String { objects.map { $0.needs.json(object: $0.path).text + "\n" }.joined() }

    /// Judges by a config.
    ///
    /// - Parameters:
    ///   - subject: The config to judge by, `nil` where none was found.
    ///   - version: The version to judge by in place of the config's.
    /// - Returns: A report on each object.
    public func report(on subject: IdentifiedConfig?, version: KernelVersion?) -> NeedsReport {
        let account = KernelAccount(of: subject, version: version)
        return NeedsReport(
            kernel: JudgedKernel(
                version: account.version,
                source: subject.flatMap { $0.isTrusted ? $0.source : nil },
                isVersionNamed: version != nil
            ),
            objects: objects.map { ObjectReport(of: $0.path, needs: $0.needs, on: account) }
        )
    }
}

/// Whether a kernel has what objects need.
public struct NeedsReport: Sendable {
    /// The kernel that was judged.
    public let kernel: JudgedKernel
    /// What was found of each object.
    public let objects: [ObjectReport]

    /// The worst of the conclusions: unmet before inconclusive before met.
    public var conclusion: CheckConclusion {
        let conclusions = Set(objects.map(\.conclusion))
        return [.unmet, .inconclusive].first { conclusions.contains($0) } ?? .met
    }

    /// The report for people.
    ///
    /// - Parameters:
    ///   - verbose: Whether programs and what is met are listed.
    ///   - width: The most columns of a line.
    /// - Returns: Lines, each with its end.
    public func text(verbose: Bool, width: Int) -> String {
        objects.map { $0.text(kernel, verbose: verbose, width: width) }.joined(separator: "\n")
    }

    /// The report as JSON, an object a line.
    public var json: String { objects.map { $0.json(kernel).text + "\n" }.joined() }
}
