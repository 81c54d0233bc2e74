import Foundation
import LibBPF
import ObjectNeeds
import Subprocess
import SystemPackage
import Testing

/// Whether objects load on the running kernel, as `check --against` predicts it and as the kernel answers.
@Suite struct LoadTruthTests {
    /// What is predicted for each object.
    static func predictions(_ objects: [String]) async throws -> [String: (answer: String, reasons: [String])] {
        let run = try await Subprocess.run(
            .path(FilePath(TestBench.command)),
            arguments: Arguments(
                ["check", "--format", "json", "--against", "/sys/kernel/btf/vmlinux"]
                    + objects.flatMap { ["--object", $0] }
            ),
            input: .none,
            output: .string(limit: 64 << 20),
            error: .string(limit: 1 << 16)
        )
        var found: [String: (String, [String])] = [:]
        for line in run.standardOutput.split(separator: "\n") {
            let cell = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            let object = try #require(cell?["object"] as? String)
            found[object] = (try #require(cell?["loads"] as? String), cell?["reasons"] as? [String] ?? [])
        }
        try #require(found.count == Set(objects).count, "\(run.standardError)")
        return found
    }

    /// Why the kernel or libbpf refuses an object; `nil` where it loads.
    static func refusal(_ path: String) throws -> String? {
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        do throws(ObjectError) {
            let opened = try OpenedObject(bytes, name: "\(path.split(separator: "/").last ?? "")")
            _ = try opened.load()
            return nil
        } catch {
            return "\(error.cause): \(error.lastUsefulLines(4).joined(separator: " | "))"
        }
    }

    @Test func `what is said to load loads, and what is said not to does not`() async throws {
        let objects = try await TestBench.shared.objects()
        let predictions = try await Self.predictions(objects.values.sorted())
        for (sample, path) in objects {
            let refusal = try Self.refusal(path)
            let found = try #require(predictions[path])
            switch found.answer {
            case "yes": #expect(refusal == nil, "\(sample) was said to load: \(refusal ?? "")")
            case "no": #expect(refusal != nil, "\(sample) was said not to load: \(found.reasons)")
            default: #expect(!found.reasons.isEmpty, "\(sample)")
            }
        }
    }
}
