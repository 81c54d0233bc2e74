public import ConfigCheck
public import ObjectNeeds
public import RunModel

/// Which objects would load on which kernels, matched against the kernels' types.
///
/// Nothing is loaded, so no privilege is needed.
public struct FitCheck: Sendable {
    private let objects: [ObjectFile]

    /// Reads objects.
    ///
    /// - Throws: ``UnreadableObject`` for the first file that cannot be read.
    public init(of paths: [String]) throws(UnreadableObject) {
        var objects: [ObjectFile] = []
        for path in paths { objects.append(try ObjectFile(path)) }
        self.objects = objects
    }

    /// Says which object would load on which kernel, and why not.
    ///
    /// An object that the loader's libbpf refuses is a row like another; a file that is no object is an error.
    ///
    /// - Parameters:
    ///   - kernels: Images or files of types.
    ///   - config: The config to judge them by in place of their own.
    ///   - version: The version to judge them by in place of their own.
    /// - Returns: A row an object and kernel.
    /// - Throws: ``UnreadableObject`` or ``TargetKernel/Unreadable``.
    public func table(
        on kernels: [String],
        config: IdentifiedConfig?,
        version: KernelVersion?
    ) throws -> FitTable {
        var cells: [[FitTable.Cell]] = Array(repeating: [], count: objects.count)
        for path in kernels {
            let kernel = try TargetKernel(path, config: config, version: version)
            for (index, object) in objects.enumerated() { cells[index].append(try Self.cell(object, kernel)) }
        }
        return FitTable(cells.flatMap(\.self))
    }

    private static func cell(_ object: ObjectFile, _ kernel: TargetKernel) throws(UnreadableObject) -> FitTable.Cell {
        do throws(ObjectReadError) {
            let needs = try ObjectNeeds(of: object.bytes, fittedTo: kernel.types)
            let report = ObjectReport(of: object.path, needs: needs, on: kernel.account)
            return FitTable.Cell(
                object: object.path,
                kernel: kernel.name,
                prediction: report.loading,
                checks: report.checks
            )
        } catch {
            guard error.isRefusal else { throw UnreadableObject(path: object.path, cause: error) }
            return FitTable.Cell(
                object: object.path,
                kernel: kernel.name,
                prediction: LoadPrediction(unreadable: error),
                checks: []
            )
        }
    }
}
