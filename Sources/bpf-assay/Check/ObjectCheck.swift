import FeatureRules
import ArgumentParser
import ConfigCheck
import FoundationEssentials
import ObjectNeeds
import RunModel

/// What `check --object` does: reads objects, judges their needs, prints them.
///
/// Nothing is loaded, so no privilege is needed.
struct ObjectCheck {
    /// The objects' paths.
    let paths: [String]
    /// Whether to print JSON, an object a line.
    let asJSON: Bool

    /// Prints what the objects need, without judging it.
    ///
    /// - Throws: ``UnreadableObject``, before anything was printed.
    func list() throws {
        for (path, needs) in try read() {
            print(asJSON ? needs.json(object: path).text + "\n" : needs.list(), terminator: "")
        }
    }

    /// Prints reports.
    ///
    /// - Parameters:
    ///   - subject: The config to judge by, `nil` where none was found.
    ///   - version: The version to judge by in place of the config's.
    /// - Returns: The worst of the conclusions: unmet before inconclusive before met.
    /// - Throws: ``UnreadableObject``, before anything was printed.
    func report(
        against subject: IdentifiedConfig?,
        version: KernelVersion?
    ) throws -> CheckConclusion {
        let account = KernelAccount(of: subject, version: version)
        let reports = try read().map { ObjectReport(of: $0.path, needs: $0.needs, on: account) }
        let source = subject.flatMap { $0.isTrusted ? $0.source : nil } ?? "none"
        for (number, report) in reports.enumerated() {
            if asJSON {
                print(report.json(source: source, version: account.version).text)
            } else {
                print(number == 0 ? "config   \(source)\n" : "\n", terminator: "")
                print(report.text(), terminator: "")
            }
        }
        let conclusions = Set(reports.map(\.conclusion))
        return [.unmet, .inconclusive].first { conclusions.contains($0) } ?? .met
    }

    private func read() throws -> [(path: String, needs: ObjectNeeds)] {
        try paths.map { path in
            do {
                return (path, try ObjectNeeds(of: Array(try Data(contentsOf: URL(fileURLWithPath: path)))))
            } catch {
                throw UnreadableObject(path: path, cause: error)
            }
        }
    }

    /// An object that cannot be read, or is none.
    struct UnreadableObject: Error, CustomStringConvertible {
        let path: String
        let cause: any Error

        var description: String {
            if let cause = cause as? ObjectReadError { return "reading object '\(path)': it \(cause)" }
            return "reading object '\(path)': the file cannot be read; name a compiled BPF object"
        }
    }
}
