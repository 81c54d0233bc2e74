import Foundation
import KernBuild
import KernTools
import ObjectSources
import RunModel
package import SampleKit
import SystemPackage
import TestSupport

/// Kern halves compiled from sources with a fault, as `run` would build them.
///
/// The tree stays as it is: the compiler reads the changed text in the file's place.
package struct SourceTrial {
    private let tree: KernelTree
    private let compiler: Compiler
    private let folder: URL

    /// A mutant that names nothing of the source.
    package struct Mistake: Error, CustomStringConvertible {
        package let description: String
    }

    /// A sample, and one of its mutants.
    package struct Mutated: Sendable, CustomStringConvertible {
        package let entry: CatalogEntry
        package let mutant: SourceMutant

        package var description: String {
            "\(entry.id), '\(mutant.word)' \(mutant.occurrence) is '\(mutant.replacement)': \(mutant.meaning)"
        }
    }

    /// Whether everything is to be tried: `BPF_ASSAY_MUTANTS` is `all`.
    package static let isWhole = ProcessInfo.processInfo.environment["BPF_ASSAY_MUTANTS"] == "all"

    /// The mutants that a test tries: one of each sample, or all.
    package static func chosen(of entries: [CatalogEntry], seed: UInt64) -> [Mutated] {
        var generator = SeededGenerator(seed: seed)
        return entries.flatMap { entry in
            entry.type.sourceMutants.shuffled(using: &generator).prefix(isWhole ? .max : 1)
                .map { Mutated(entry: entry, mutant: $0) }
        }
    }

    /// Prepares builds in a folder of their own from the tree that `BPF_ASSAY_TREE` names.
    ///
    /// - Parameter name: The folder's name, beside the test's own program.
    /// - Throws: ``Mistake`` where the tree is of another release than 6.1; what finding the tree and the compiler throws.
    package init(in name: String) async throws {
        let toolchain = try await Toolchain(tree: nil, clang: nil, types: nil)
        tree = toolchain.tree
        guard (tree.version.major, tree.version.minor) == (6, 1) else {
            throw Mistake(description: "'\(tree.path)' is Linux \(tree.version), and mutants count words of 6.1")
        }
        compiler = toolchain.compiler
        let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        folder = program.deletingLastPathComponent().appendingPathComponent(name)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    /// A sample's objects, in the order of its manifest, built from its sources with a fault, or with none.
    ///
    /// - Throws: ``Mistake`` where the source has no such word; ``SampleObjects/Unbuilt`` where the compiler refuses it.
    package func objects(of entry: CatalogEntry, with mutant: SourceMutant?) async throws -> [[UInt8]] {
        guard let first = entry.kernSources.first else { throw Mistake(description: "\(entry.id) has no kern source") }
        let source = URL(fileURLWithPath: tree.path.string)
            .appendingPathComponent(mutant?.file ?? tree.located(first).path)
        var text = Array(try Data(contentsOf: source))
        if let mutant {
            guard let range = SourceWords.range(of: mutant.word, mutant.occurrence, in: text) else {
                throw Mistake(description: "\(source.path): no '\(mutant.word)' \(mutant.occurrence)")
            }
            text.replaceSubrange(range, with: Array(mutant.replacement.utf8))
        }
        let toolchain = try await Toolchain(
            tree: tree.path.string,
            clang: try self.compiler(of: entry, reading: text, as: source.path),
            types: nil
        )
        let (plan, paths) = try toolchain.plan([entry], into: folder.path, isWritten: true)
        for result in try await BuildExecutor(tools: LibbpfTools(), cache: .none).run(plan)
        where result.verdict != .pass {
            throw SampleObjects.Unbuilt(result: result)
        }
        return try (paths[entry.id] ?? []).map { Array(try Data(contentsOf: URL(fileURLWithPath: $0))) }
    }

    /// The compiler of a sample's objects, which finds a text in the place of a file.
    private func compiler(of entry: CatalogEntry, reading text: [UInt8], as path: String) throws -> String {
        let clang = SampleObjects.isNewEnough(compiler, for: entry) ? compiler.path : SampleObjects.clangOfSwift()
        let changed = folder.appendingPathComponent("changed.c")
        try Data(text).write(to: changed)
        let overlay = folder.appendingPathComponent("overlay.yaml")
        let redirection: [String: Any] = [
            "version": 0, "use-external-names": false,
            "roots": [["name": path, "type": "file", "external-contents": changed.path]],
        ]
        try JSONSerialization.data(withJSONObject: redirection, options: .withoutEscapingSlashes).write(to: overlay)
        let wrapper = folder.appendingPathComponent("clang")
        try Data("#!/bin/sh\nexec '\(clang)' -ivfsoverlay '\(overlay.path)' \"$@\"\n".utf8).write(to: wrapper)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: wrapper.path)
        return wrapper.path
    }
}
