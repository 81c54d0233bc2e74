public import LibBPF
public import LinuxHost
import SystemPackage

/// How a kern half reads a frame, which decides what it makes of short frames and of headers deep inside.
///
/// It is a matter of the kernel tree that the object was built from, not of the kernel that it runs on.
public enum FrameReading: String, Codable, Sendable, CaseIterable {
    /// Where the frame lies and up to its end: sources before Linux 5.18.
    case inPlace = "in place"
    /// A copy of its first 60 bytes, of which it looks at 59: sources of later releases of Linux 6.1.
    case first60 = "first 60 bytes"
    /// A copy of its first 64 bytes, of which it looks at 63: sources of Linux 5.18 and later.
    case first64 = "first 64 bytes"

    /// Finds out how a program reads, by the size that it passes to `bpf_xdp_load_bytes`.
    ///
    /// - Parameters:
    ///   - function: The program.
    ///   - object: The object that has it.
    /// - Throws: `SystemCallError` with `ENOTSUP` for a size that no source is known to have.
    public init(of function: String, in object: borrowing LoadedObject) throws(SystemCallError) {
        guard let reading = FrameReading(object.instructions[function] ?? []) else {
            throw SystemCallError(
                "tell how many bytes are copied",
                on: "'\(function)' in \(object.name)",
                errno: .notSupported
            )
        }
        self = reading
    }

    /// How a program with these instructions reads; `nil` for a size that no source is known to have.
    init?(_ instructions: [Instruction]) {
        // BPF_FUNC_xdp_load_bytes.
        switch Instruction.constants(ofArgument: 4, ofHelper: 189, in: instructions) {
        case []: self = .inPlace
        case [60]: self = .first60
        case [64]: self = .first64
        default: return nil
        }
    }

    /// What becomes of a frame.
    ///
    /// - Parameters:
    ///   - size: The frame's size in bytes.
    ///   - headers: Where the last header ends that the program looks for.
    ///   - proto: The protocol that the headers tell.
    /// - Returns: What the frame counts as; `nil` where it is dropped uncounted.
    func proto(ofFrame size: Int, headers: Int, _ proto: Int) -> Int? {
        switch self {
        case .inPlace: headers <= size ? proto : 0
        case .first60: size < 60 ? nil : headers <= 59 ? proto : 0
        case .first64: size < 64 ? nil : headers <= 63 ? proto : 0
        }
    }
}
