import CZlib
import ConfigCheck
import FoundationEssentials
import RunModel
import SystemPackage
import Testing

/// A folder that stands for `/` or for a kernel tree and goes away with the value.
struct ScratchFolder: ~Copyable {
    let path: FilePath

    init() throws {
        path = FilePath(FileManager.default.temporaryDirectory.path).appending(
            "config-check-\(UInt64.random(in: 0 ... .max))"
        )
        try FileManager.default.createDirectory(atPath: path.string, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path.string)
    }

    /// Writes a file and the folders above it.
    @discardableResult
    func write(_ name: String, _ bytes: [UInt8]) throws -> FilePath {
        let file = path.appending(name)
        try FileManager.default.createDirectory(
            atPath: file.removingLastComponent().string,
            withIntermediateDirectories: true
        )
        let descriptor = try FileDescriptor.open(
            file,
            .writeOnly,
            options: [.create, .truncate],
            permissions: [.ownerReadWrite]
        )
        try descriptor.closeAfter { _ = try descriptor.writeAll(bytes) }
        return file
    }

    @discardableResult
    func write(_ name: String, _ text: String) throws -> FilePath {
        try write(name, Array(text.utf8))
    }
}

/// Data as gzip(1) would compress it.
func gzip(_ bytes: [UInt8]) throws -> [UInt8] {
    var stream = z_stream()
    let size = Int32(MemoryLayout<z_stream>.size)
    let started = deflateInit2_(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size)
    try #require(started == Z_OK)
    defer { deflateEnd(&stream) }
    var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(bytes.count))) + 32)
    let status = bytes.withUnsafeBufferPointer { source in
        output.withUnsafeMutableBufferPointer { target in
            stream.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
            stream.avail_in = UInt32(source.count)
            stream.next_out = target.baseAddress
            stream.avail_out = UInt32(target.count)
            return deflate(&stream, Z_FINISH)
        }
    }
    try #require(status == Z_STREAM_END)
    return Array(output.prefix(Int(stream.total_out)))
}

/// A config's text as `make` writes it: header, then the lines.
func generated(_ version: String, _ lines: String...) -> String {
    """
    #
    # Automatically generated file; DO NOT EDIT.
    # Linux/x86 \(version) Kernel Configuration
    #

    """ + lines.joined(separator: "\n") + "\n"
}

func parsed(_ text: String) throws -> KernelConfig {
    try KernelConfig(parsing: Array(text.utf8))
}

func profile(_ text: String, name: String = "mine") throws -> ConfigProfile {
    try ConfigProfile(name: name, parsing: Array(text.utf8))
}

/// The report on a config that is judged for itself.
func report(_ profile: ConfigProfile, on text: String, kernel: KernelVersion? = nil) throws -> ConfigReport {
    let subject = IdentifiedConfig(judgedForItself: try parsed(text), source: ".config")
    return ConfigReport(judging: profile, against: subject, kernelVersion: kernel)
}

/// SplitMix64: the same seed gives the same numbers everywhere.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
