import Foundation

/// What `check --against` predicts of all objects of a tree, beside what becomes of them when they are loaded for real.
public struct LoadTruth {
    /// An object on a kernel.
    public struct Case {
        /// The object's file name.
        public let object: String
        /// `yes`, `no` or `unknown`.
        public let predicted: String
        /// Why, as predicted.
        public let reasons: [String]
        /// `yes`, `no` or `unknown`.
        public let found: String
        /// Why, as libbpf or the kernel said; what was done to it before, where it loaded.
        public let said: [String]

        /// What is wrong with the prediction; `nil` where it came true.
        ///
        /// A form of map definitions that libbpf refuses and our loader mends is the one thing that may load against a
        /// prediction, which is made for any loader.
        public var error: String? {
            let isMended = said.contains("the definitions of its maps were brought into the form that libbpf reads")
            return switch (predicted, found) {
            case ("yes", "yes"), ("no", "no"): nil
            case ("no", "yes") where isMended: nil
            case ("unknown", "yes"), ("unknown", "no"): reasons.isEmpty ? "\(object): unknown without a reason" : nil
            default: "\(object): predicted \(predicted) \(reasons), found \(found) \(said)"
            }
        }
    }

    /// A command that failed.
    public struct Failure: Error {
        /// Its arguments and what it said.
        public let words: String
    }

    /// The cases, an object each.
    public let cases: [Case]

    /// Builds all objects of a tree, predicts and tries.
    ///
    /// - Parameters:
    ///   - command: The path of `bpf-assay`.
    ///   - tree: The kernel tree.
    ///   - types: What `--against` takes.
    ///   - trial: The arguments that load objects: `--probe`, or `--kernel K`.
    ///   - environment: Variables for the command, beside this process's own.
    ///   - others: Objects by their file names, which are tried beside those of the tree.
    /// - Throws: ``Failure``.
    public init(
        command: String,
        tree: String,
        types: String,
        trial: [String],
        environment: [String: String] = [:],
        others: [String: [UInt8]] = [:]
    ) throws {
        let folder = "\(NSTemporaryDirectory())/load-truth-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        _ = try Self.run(command, ["build", "--tree", tree, "--out", folder], environment, statuses: [0])
        for (name, bytes) in others { try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/\(name)")) }
        let objects = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".o") }.sorted()
        let named = objects.flatMap { ["--object", "\(folder)/\($0)"] }
        let check = ["check", "--format", "json"] + named
        let predicted = try Self.cells(
            try Self.run(command, check + ["--against", types], environment, statuses: [0, 1, 3])
        )
        let found = try Self.cells(try Self.run(command, check + trial, environment, statuses: [0, 1, 3]))
        cases = try objects.map { object in
            let path = "\(folder)/\(object)"
            guard let prediction = predicted[path], let truth = found[path] else {
                throw Failure(words: "\(object) was not judged")
            }
            return Case(
                object: object,
                predicted: prediction.loads,
                reasons: prediction.reasons,
                found: truth.loads,
                said: truth.reasons
            )
        }
    }

    private struct Cell: Decodable {
        let object: String
        let loads: String
        let reasons: [String]
    }

    private static func cells(_ output: Data) throws -> [String: Cell] {
        let lines = output.split(separator: UInt8(ascii: "\n"))
        let cells = try lines.map { try JSONDecoder().decode(Cell.self, from: Data($0)) }
        return Dictionary(cells.map { ($0.object, $0) }) { first, _ in first }
    }

    private static func run(
        _ command: String,
        _ arguments: [String],
        _ environment: [String: String],
        statuses: Set<Int32>
    ) throws -> Data {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: command)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        let said = Pipe()
        process.standardOutput = said
        try process.run()
        let output = try said.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard statuses.contains(process.terminationStatus) else {
            throw Failure(words: "\(arguments.prefix(3)) exited \(process.terminationStatus)")
        }
        return output
    }
}
