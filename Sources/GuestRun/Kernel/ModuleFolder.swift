import FileBytes
import Glibc
import KernelImages
import LinuxHost

/// The modules of a kernel: a folder such as `/lib/modules/6.1.0-56-amd64`.
///
/// Neither `modules.dep` nor depmod(8) is needed, which a package that is only unpacked does not have: each module says itself
/// what it depends on.
public struct ModuleFolder: Sendable {
    /// The folder.
    public let path: String
    /// The path of each module's file, by the module's name.
    private let files: [String: String]
    /// Modules that are part of the kernel image.
    private let builtIn: Set<String>

    /// A set of modules that cannot be loaded.
    public enum Failure: Error, Sendable, Hashable, CustomStringConvertible {
        /// A module, or one that it depends on, is not in the folder.
        case missing(String, neededBy: String?)
        /// A module's file cannot be read.
        case unreadable(String, String)
        /// Modules depend on each other in a circle, which no kernel's build makes.
        case circle(String)

        /// What is wrong with which module.
        public var description: String {
            switch self {
            case .missing(let name, let by):
                "there is no module '\(name)'\(by.map { ", which '\($0)' needs" } ?? "")"
            case .unreadable(let name, let why): "the module '\(name)' cannot be read: \(why)"
            case .circle(let name): "the module '\(name)' depends on itself"
            }
        }
    }

    /// Looks through a folder; `nil` if there is none with modules in it.
    public init?(_ path: String) {
        var files: [String: String] = [:]
        Self.walk(path, depth: 0) { file in
            guard let name = Self.moduleName(ofFile: file), files[name] == nil else { return }
            files[name] = file
        }
        guard !files.isEmpty else { return nil }
        self.path = path
        self.files = files
        let list = (try? SmallFile.text("\(path)/modules.builtin")) ?? ""
        builtIn = Set(list.split(separator: "\n").compactMap { Self.moduleName(ofFile: String($0)) })
    }

    /// Whether a module's file is there, or the module is part of the image.
    public func has(_ name: String) -> Bool {
        let name = Self.canonical(name)
        return files[name] != nil || builtIn.contains(name)
    }

    /// The modules with all that they depend on, each behind what it needs: files as init_module(2) takes them.
    ///
    /// - Parameter names: The modules that are wanted; `-` and `_` are the same.
    /// - Returns: The name of each file and its bytes, decompressed. What is built in is left out.
    /// - Throws: ``Failure``.
    public func load(_ names: [String]) throws(Failure) -> [(name: String, bytes: [UInt8])] {
        var loaded: [(name: String, bytes: [UInt8])] = []
        var done: Set<String> = []
        var open: Set<String> = []
        func visit(_ name: String, neededBy: String?) throws(Failure) {
            guard !done.contains(name), !builtIn.contains(name) || files[name] != nil else { return }
            guard let file = files[name] else { throw .missing(name, neededBy: neededBy) }
            guard open.insert(name).inserted else { throw .circle(name) }
            let bytes = try Self.bytes(of: file, name)
            for dependency in try Self.dependencies(of: bytes, name) { try visit(dependency, neededBy: name) }
            open.remove(name)
            done.insert(name)
            loaded.append(("\(name).ko", bytes))
        }
        for name in names { try visit(Self.canonical(name), neededBy: nil) }
        return loaded
    }

    /// What `.modinfo` says of a module: `depends=a,b`.
    static func dependencies(of module: [UInt8], _ name: String) throws(Failure) -> [String] {
        guard let info = ELFImage(module)?.contents(ofSection: ".modinfo")?.slice else {
            throw .unreadable(name, "it is no ELF file with a section .modinfo")
        }
        let prefix = Array("depends=".utf8)
        guard let line = info.split(separator: 0).first(where: { $0.starts(with: prefix) }) else { return [] }
        return line.dropFirst(prefix.count).split(separator: UInt8(ascii: ",")).map {
            canonical(String(decoding: $0, as: UTF8.self))
        }
    }

    /// The name of a module from that of its file: `nf_tables` for `net/netfilter/nf-tables.ko.xz`.
    static func moduleName(ofFile file: String) -> String? {
        let last = file.split(separator: "/").last ?? ""
        guard let dot = last.firstIndex(of: "."), dot > last.startIndex,
            ["ko", "ko.xz", "ko.zst", "ko.gz"].contains(String(last[last.index(after: dot)...]))
        else { return nil }
        return canonical(String(last[..<dot]))
    }

    private static func canonical(_ name: String) -> String {
        String(name.map { $0 == "-" ? "_" : $0 })
    }

    private static func bytes(of file: String, _ name: String) throws(Failure) -> [UInt8] {
        do {
            let bytes = try InputFile.read(file, limit: 128 << 20)
            return try Compression.unpacked(bytes[...], limit: 256 << 20) ?? bytes
        } catch {
            throw .unreadable(name, "\(error)")
        }
    }

    private static func walk(_ path: String, depth: Int, _ body: (String) -> Void) {
        // Links are not followed: `build` and `source` lead to whole kernel trees.
        guard depth < 16, let directory = opendir(path) else { return }
        defer { closedir(directory) }
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard name != ".", name != ".." else { continue }
            switch Int(entry.pointee.d_type) {
            case Int(DT_DIR): walk("\(path)/\(name)", depth: depth + 1, body)
            case Int(DT_REG): body("\(path)/\(name)")
            default: break
            }
        }
    }
}
