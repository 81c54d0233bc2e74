import FileBytes
public import ObjectNeeds

/// A file that somebody named as a BPF object.
public struct ObjectFile: Sendable, Hashable {
    /// Its path.
    public let path: String
    /// All its bytes.
    public let bytes: [UInt8]

    /// Reads a file.
    ///
    /// - Throws: ``UnreadableObject`` for a file that cannot be read, or is larger than `ObjectNeeds.mostBytes`.
    public init(_ path: String) throws(UnreadableObject) {
        do throws(InputError) {
            bytes = try InputFile.read(path, limit: ObjectNeeds.mostBytes)
        } catch {
            throw UnreadableObject(path: path, cause: error)
        }
        self.path = path
    }

    /// What the object needs.
    ///
    /// - Throws: ``UnreadableObject``.
    public func needs() throws(UnreadableObject) -> ObjectNeeds {
        do throws(ObjectReadError) {
            return try ObjectNeeds(of: bytes)
        } catch {
            throw UnreadableObject(path: path, cause: error)
        }
    }
}

/// An object that cannot be read, or is none.
public struct UnreadableObject: Error, Sendable, CustomStringConvertible {
    /// The path.
    public let path: String
    /// What is wrong with it: an `InputError` or an `ObjectReadError`.
    public let cause: any Error

    /// What was read, and why it cannot be.
    public var description: String {
        if let cause = cause as? ObjectReadError { return "reading object '\(path)': it \(cause)" }
        if let cause = cause as? InputError { return "reading object '\(path)': \(cause)" }
        return "reading object '\(path)': the file cannot be read; name a compiled BPF object"
    }
}
