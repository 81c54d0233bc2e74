public import LibBPF
import RunModel

/// The kern half that one run of a sample uses.
///
/// It is what was built of the files of its manifest, or its manifest's instructions. A run of a sample with instructions may be
/// handed others in a file, as a run of another sample may be handed any object: so the tests break both.
public struct KernHalf: Sendable {
    /// The bytes of the objects' files, by the names of the kern files.
    let objects: [(file: KernFile, bytes: [UInt8])]
    /// What stands in place of objects.
    let instructions: KernInstructions?

    /// Another number of objects than the sample has, or a file that holds no instructions.
    public struct Misfit: Error, CustomStringConvertible {
        /// What does not fit.
        public let description: String
    }

    /// Takes the files that a run was given as a sample's kern half.
    ///
    /// - Parameters:
    ///   - manifest: The sample's manifest.
    ///   - files: The bytes of its objects in the order of the manifest; where its instructions are its kern half or stand in for
    ///     objects, none, or other instructions that ``file(of:)`` has written.
    /// - Throws: ``Misfit``.
    public init(of manifest: Manifest, _ files: [[UInt8]]) throws(Misfit) {
        let sources = manifest.kernSources
        // An object is told from instructions by its first bytes.
        let standsIn = manifest.instructions != nil && files.allSatisfy { !$0.starts(with: [0x7f, 0x45, 0x4c, 0x46]) }
        let takesInstructions = (sources.isEmpty || standsIn) && files.count <= 1
        guard takesInstructions || files.count == sources.count else {
            throw Misfit(description: "\(files.count) kern objects were given to a sample that has \(sources.count)")
        }
        objects = takesInstructions ? [] : Array(zip(sources, files))
        guard takesInstructions, let bytes = files.first else {
            instructions = manifest.instructions
            return
        }
        do {
            instructions = try JSONValue(parsing: bytes).decoded(as: KernInstructions.self)
        } catch {
            throw Misfit(description: "reading instructions: \(error)")
        }
    }

    /// The bytes of a file with instructions.
    public static func file(of instructions: KernInstructions) throws -> [UInt8] {
        Array(try JSONValue(encoding: instructions).text.utf8)
    }
}
