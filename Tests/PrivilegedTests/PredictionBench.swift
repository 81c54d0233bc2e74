import ConfigCheck
import FeatureRules
import Foundation
import KernBuild
import LibBPF
import LinuxHost
import ObjectNeeds
import RunModel
import Subprocess
import SystemPackage
import TestSupport

/// What `check --against` predicts of small objects, beside what libbpf and the running kernel say to them.
///
/// A few objects are compiled; the others are made of their bytes, since a compiler would take longer than all loads together.
struct PredictionBench {
    private let types: TargetTypes
    private let account: KernelAccount

    /// A source that the compiler refused.
    private struct NotCompiled: Error {
        let words: String
    }

    private static let compiler = Task { try await Compiler.find() }

    /// Reading the kernel's types takes longer than a hundred loads.
    private static let kernelTypes = Result {
        let bytes = try SmallFile.read("/sys/kernel/btf/vmlinux", limit: 256 << 20)
        return TargetTypes(try TypeTable(bytes), kernel: "this kernel")
    }

    init() throws {
        types = try Self.kernelTypes.get()
        let version = RunningKernel.current().kernelVersion
        let config = RunningConfig().found.flatMap { $0.isTrusted ? $0.config : nil }
        account = KernelAccount(version: version) { option in
            guard let config else { return .unknown }
            return switch config[option] {
            case .builtIn: .builtIn
            case .module: .module
            case nil, .no, .notSet: .off
            case .string(let text), .number(let text): .text(text)
            }
        }
    }

    /// What is predicted of an object.
    func prediction(_ object: [UInt8]) -> LoadPrediction {
        do throws(ObjectReadError) {
            let needs = try ObjectNeeds(of: object, fittedTo: types)
            return ObjectReport(of: "a.o", needs: needs, on: account).loading
        } catch {
            return LoadPrediction(unreadable: error)
        }
    }

    /// Compares a prediction with a load.
    ///
    /// A load that this host refuses to everybody (`EPERM`, as under a lockdown) is no prediction's business.
    ///
    /// - Parameters:
    ///   - object: The object.
    ///   - name: What it is called in messages.
    ///   - isOpen: Whether it leaves something to who loads it, so that it cannot be known whether it loads.
    /// - Returns: What is wrong with the prediction; `nil` where it came true.
    func error(_ object: [UInt8], _ name: String, isOpen: Bool = false) -> String? {
        let predicted = prediction(object)
        var found = LoadPrediction.Answer.loads
        var said = ""
        do throws(ObjectError) { _ = try OpenedObject(object, name: "a.o").load() } catch {
            if error.cause.errno == .notPermitted { return nil }
            found = .refused
            said = error.lastUsefulLines(2).joined(separator: " / ")
        }
        if predicted.answer == (isOpen ? .unknown : found) { return nil }
        return "\(name): predicted \(predicted.word) \(predicted.reasons), found \(found) \(said)"
    }

    /// Compiles a source that begins with the usual words.
    static func compile(_ source: String, arguments: [String] = ["-g"]) async throws -> [UInt8] {
        let folder = try ScratchFolder()
        let path = "\(folder.path)/a.c"
        let head = """
            typedef unsigned int u32; typedef unsigned long long u64; typedef unsigned short u16;
            #define SEC(name) __attribute__((section(name), used))
            #define __uint(name, value) int (*name)[value]
            #define __type(name, type) typeof(type) *name
            #define __array(name, type) typeof(type) *name[]
            static void *(*lookup)(void *, const void *) = (void *)1;
            char _license[] SEC("license") = "GPL";

            """
        try Data((head + source).utf8).write(to: URL(fileURLWithPath: path))
        let built = try await Subprocess.run(
            .path(FilePath(try await compiler.value.path)),
            arguments: Arguments(["-target", "bpf", "-O2"] + arguments + ["-c", path, "-o", "\(folder.path)/a.o"]),
            input: .none,
            output: .discarded,
            error: .string(limit: 1 << 16)
        )
        guard built.terminationStatus == .exited(0) else {
            throw NotCompiled(words: "\(source)\n\(built.standardError)")
        }
        return Array(try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/a.o")))
    }
}

/// An object whose source has numbers and a section's name to be replaced.
struct ObjectTemplate {
    private let bytes: [UInt8]
    private let places: [UInt32: [Int]]

    /// The number that a source has for the part of a map of this place in ``Map``.
    static func mark(_ place: Int) -> UInt32 { 0x5a5a_0001 + UInt32(place) * 0x101 }

    /// - Parameters:
    ///   - bytes: The object.
    ///   - marks: How many numbers there are.
    init(_ bytes: [UInt8], marks: Int) {
        self.bytes = bytes
        places = Dictionary(
            uniqueKeysWithValues: (0..<marks).map { mark in
                let wanted = withUnsafeBytes(of: Self.mark(mark).littleEndian) { Array($0) }
                return (Self.mark(mark), bytes.indices.dropLast(3).filter { bytes[$0...].starts(with: wanted) })
            }
        )
    }

    /// The object with these numbers in place of the marks.
    func object(_ numbers: [UInt32]) -> [UInt8] {
        var changed = bytes
        for (mark, number) in numbers.enumerated() {
            for place in places[Self.mark(mark)] ?? [] {
                for byte in 0..<4 { changed[place + byte] = UInt8(truncatingIfNeeded: number >> UInt32(8 * byte)) }
            }
        }
        return changed
    }

    /// The name of a section that may be replaced by a shorter one.
    static let section = "a_section_whose_name_is_long_enough_for_every_other_name"

    /// An object with another name in place of ``section``.
    static func renamed(_ bytes: [UInt8], to name: String) -> [UInt8] {
        precondition(name.utf8.count <= section.utf8.count)
        let padded = Array(name.utf8) + [UInt8](repeating: 0, count: section.utf8.count - name.utf8.count)
        var changed = bytes
        for range in bytes.ranges(of: Array(section.utf8)) { changed.replaceSubrange(range, with: padded) }
        return changed
    }
}
