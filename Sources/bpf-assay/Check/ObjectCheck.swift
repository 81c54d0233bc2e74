import ArgumentParser
import ConfigCheck
import FeatureRules
import FileBytes
import LinuxHost
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
    /// Whether the text lists programs and what is met.
    var isVerbose = false
    /// The most columns of the text's lines.
    var width = LineWrap.usualWidth

    /// The most bytes that an object may have; large ones have two MiB.
    static let mostBytes = 64 << 20

    /// Prints what the objects need, without judging it.
    ///
    /// - Throws: ``UnreadableObject``, before anything was printed.
    func list() throws {
        for (path, needs) in try read() {
            Console.put(text: asJSON ? needs.json(object: path).text + "\n" : needs.list())
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
        let kernel = JudgedKernel(
            version: account.version,
            source: subject.flatMap { $0.isTrusted ? $0.source : nil },
            isVersionNamed: version != nil
        )
        for (number, report) in reports.enumerated() {
            if asJSON {
                Console.put(report.json(kernel).text)
            } else {
                if number > 0 { Console.put("") }
                Console.put(text: report.text(kernel, verbose: isVerbose, width: width))
            }
        }
        let conclusions = Set(reports.map(\.conclusion))
        return [.unmet, .inconclusive].first { conclusions.contains($0) } ?? .met
    }

    /// Prints which object would load on which kernel, and why not.
    ///
    /// An object that the loader's libbpf refuses is a row like another; a file that is no object is an error.
    ///
    /// - Parameters:
    ///   - kernels: Images or files of types.
    ///   - config: The config to judge them by in place of their own.
    ///   - version: The version to judge them by in place of their own.
    /// - Returns: The worst of the conclusions.
    /// - Throws: ``UnreadableObject`` or `TargetKernel.Unreadable`, before anything was printed.
    func fit(
        to kernels: [String],
        config: IdentifiedConfig?,
        version: KernelVersion?
    ) throws -> CheckConclusion {
        let objects = try paths.map { ($0, try bytes(of: $0)) }
        var cells: [[FitTable.Cell]] = Array(repeating: [], count: objects.count)
        for path in kernels {
            let kernel = try TargetKernel(path, config: config, version: version)
            for (index, (object, bytes)) in objects.enumerated() {
                cells[index].append(try cell(object, bytes, kernel))
            }
        }
        let table = FitTable(cells.flatMap(\.self))
        Console.put(text: asJSON ? table.json() : table.text(width: width))
        return table.conclusion
    }

    private func cell(_ object: String, _ bytes: [UInt8], _ kernel: TargetKernel) throws -> FitTable.Cell {
        do throws(ObjectReadError) {
            let needs = try ObjectNeeds(of: bytes, fittedTo: kernel.types)
            let report = ObjectReport(of: object, needs: needs, on: kernel.account)
            return FitTable.Cell(
                object: object,
                kernel: kernel.name,
                prediction: report.loading,
                checks: report.checks
            )
        } catch {
            guard error.isRefusal else { throw UnreadableObject(path: object, cause: error) }
            return FitTable.Cell(
                object: object,
                kernel: kernel.name,
                prediction: LoadPrediction(unreadable: error),
                checks: []
            )
        }
    }

    private func bytes(of path: String) throws -> [UInt8] {
        do {
            return try InputFile.read(path, limit: Self.mostBytes)
        } catch {
            throw UnreadableObject(path: path, cause: error)
        }
    }

    private func read() throws -> [(path: String, needs: ObjectNeeds)] {
        try paths.map { path in
            do {
                return (path, try ObjectNeeds(of: InputFile.read(path, limit: Self.mostBytes)))
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
            if let cause = cause as? InputError { return "reading object '\(path)': \(cause)" }
            return "reading object '\(path)': the file cannot be read; name a compiled BPF object"
        }
    }
}
