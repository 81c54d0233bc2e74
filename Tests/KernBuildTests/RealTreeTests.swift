import Foundation
import RunModel
import Testing

@testable import KernBuild

/// The samples of a real kernel.
///
/// Its tree is that of `$BPF_ASSAY_TREE`, or wherever one is found; in CI its absence is a failure.
struct RealTreeTests {
    static let names = [
        "sockex1", "sockex2", "sockex3", "xdp1", "xdp2", "xdp_rxq_info", "xdp_adjust_tail", "syscall_tp", "cpustat",
        "sampleip", "sock_flags", "tcp_clamp", "trace_output", "tracex1", "tracex4",
    ]

    static let isExpected = RealTree.isExpected

    @Test(.enabled(if: isExpected, "no kernel tree found: set BPF_ASSAY_TREE"), arguments: TargetArchitecture.allCases)
    func `every sample of the catalogue compiles`(architecture: TargetArchitecture) async throws {
        let tree = try RealTree.find("6.1")
        let output = FileManager.default.temporaryDirectory.appending(path: "bpf-assay-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: output) }
        var settings = BuildPlan.Settings()
        settings.architecture = architecture
        let plan = try BuildPlan(
            sources: Self.names.map { KernSource(sample: "any/\($0)", path: "samples/bpf/\($0)_kern.c") },
            tree: tree,
            output: output.path,
            compiler: try await Compiler.find(),
            settings: settings
        )
        let results = try await BuildExecutor().run(plan)
        #expect(results.count == Self.names.count)
        for result in results {
            #expect(result.verdict == .pass, "\(result.sample): \(result.diagnostics)")
            #expect(result.diagnostics.isEmpty, "\(result.sample): \(result.diagnostics)")
            let object = try KernObject(Array(Data(contentsOf: URL(filePath: result.object))))
            #expect(object.hasBTF, "\(result.sample)")
        }
    }
}
