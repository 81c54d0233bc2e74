public import KernBuild
import LibBPF
import LinuxHost
public import SystemPackage

/// libbpf at a build's service: makes `vmlinux.h` and links objects.
public struct LibbpfTools: ObjectTools {
    /// Readies libbpf, which needs nothing.
    public init() {}

    /// Such as `libbpf 1.1`.
    public var version: String { "libbpf \(LibbpfVersion.text)" }

    /// Declares all types of a BTF in C.
    public func declarations(ofTypesIn btf: FilePath) throws(ObjectToolError) -> [UInt8] {
        do throws(SystemCallError) {
            return try TypeDeclarations.header(ofTypesIn: btf.string)
        } catch {
            let remedy = "name a vmlinux or a file of BTF with --btf"
            throw ObjectToolError("cannot read the types of '\(btf)': \(error); \(remedy)")
        }
    }

    /// Links objects into one.
    public func link(_ objects: [FilePath], into output: FilePath) throws(ObjectToolError) {
        do throws(ObjectError) {
            try ObjectLinker.link(objects.map(\.string), into: output.string)
        } catch {
            let names = objects.compactMap { $0.lastComponent?.string }.joined(separator: ", ")
            throw ObjectToolError("cannot link \(names): \(error)")
        }
    }
}
