public import SystemPackage

/// What a build needs of libbpf, which this module does not link: whoever starts a build that needs it passes it in.
///
/// Both calls block; neither may leave a half-written file under the name that it was given.
public protocol ObjectTools: Sendable {
    /// What is at work, such as `libbpf 1.1`: another version may write other bytes.
    var version: String { get }

    /// Declares all types of a BTF in C, as a header that can stand for the kernel's own.
    ///
    /// - Parameter btf: Raw BTF, or an ELF file with a `.BTF` section.
    /// - Returns: The header's text.
    /// - Throws: ``ObjectToolError`` if the file cannot be read or holds no BTF.
    func declarations(ofTypesIn btf: FilePath) throws(ObjectToolError) -> [UInt8]

    /// Links objects into one.
    ///
    /// - Throws: ``ObjectToolError`` if one of them does not fit the others or the output cannot be written.
    func link(_ objects: [FilePath], into output: FilePath) throws(ObjectToolError)
}

/// Why libbpf could not do what was asked of it.
public struct ObjectToolError: Error, Sendable, Hashable, CustomStringConvertible {
    /// One line: what was attempted on what, why it failed, and what helps.
    public let description: String
    /// Whether it is the output that cannot be written, and nothing is wrong with what was to be read.
    let isOfOutput: Bool

    /// Creates an error of its text.
    public init(_ description: String) {
        self.init(description, isOfOutput: false)
    }

    init(_ description: String, isOfOutput: Bool) {
        self.description = description
        self.isOfOutput = isOfOutput
    }
}
