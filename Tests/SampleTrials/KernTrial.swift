import Foundation
import LibBPF
package import SampleKit

/// A kern half as a run is handed it, whole or broken on purpose.
package struct KernTrial: Sendable {
    /// The bytes of its files: objects, or instructions in place of a sample's own; none where these are used as they are.
    package let files: [[UInt8]]
    private let manifest: Manifest

    /// Reads a sample's objects.
    package init(_ manifest: Manifest, objects paths: [String]) throws {
        self.init(manifest, try paths.map { Array(try Data(contentsOf: URL(fileURLWithPath: $0))) })
    }

    private init(_ manifest: Manifest, _ files: [[UInt8]]) {
        self.manifest = manifest
        self.files = files
    }

    /// Whether there is anything to break: a program, or, in a sample of maps alone, a map.
    package var canBeBroken: Bool { !files.isEmpty || !breaks.isEmpty }

    /// A mutation of one of the files; of the instructions, where there is none.
    package struct Break: Hashable, CustomStringConvertible {
        /// Which file, counted from 0.
        package let file: Int
        /// What is broken.
        package let mutation: ObjectMutation

        package var description: String { file == 0 ? "\(mutation)" : "file \(file): \(mutation)" }
    }

    /// Every way of breaking it that changes something, without those of which the manifest says why nobody can see them.
    package var breaks: [Break] {
        let all =
            if files.isEmpty {
                [ObjectMutation.all(for: manifest.instructions ?? KernInstructions())]
            } else {
                files.map { ObjectMutation.all(for: $0) }
            }
        return all.enumerated().flatMap { file, mutations in
            mutations.filter { !$0.isUnseen(by: manifest) }.map { Break(file: file, mutation: $0) }
        }
    }

    /// The kern half broken so.
    package func broken(_ way: Break) throws -> KernTrial {
        var files = files
        if files.isEmpty {
            let broken = way.mutation.applied(to: manifest.instructions ?? KernInstructions())
            files = [try KernHalf.file(of: broken)]
        } else {
            files[way.file] = way.mutation.applied(to: files[way.file])
        }
        return KernTrial(manifest, files)
    }
}
