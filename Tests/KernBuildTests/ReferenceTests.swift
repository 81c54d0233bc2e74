import Foundation
import KernTools
import RunModel
import Testing

@testable import KernBuild

/// The default way against the tree's internal headers, object by object.
struct ReferenceTests {
    /// A line of `docs/object-differences.tsv`.
    private struct Difference: Hashable {
        let object: String
        let section: String
    }

    /// The differences that may be found, and those of them that the table's own compiler makes.
    private static func table() throws -> (known: Set<Difference>, usual: Set<Difference>) {
        let file = URL(filePath: #filePath).appending(path: "../../../docs/object-differences.tsv").standardized
        let reasons = ["host-layout", "host-costs", "co-re"]
        var known: Set<Difference> = []
        var usual: Set<Difference> = []
        for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
        where !line.hasPrefix("#") && !line.hasPrefix("object\t") {
            let columns = line.split(separator: "\t").map(String.init)
            try #require(
                columns.count == 4 && reasons.contains(columns[2]) && ["14", "21"].contains(columns[3]),
                "\(line)"
            )
            let difference = Difference(object: columns[0], section: columns[1])
            known.insert(difference)
            if columns[3] == "14" { usual.insert(difference) }
        }
        return (known, usual)
    }

    @Test(.enabled(if: RealTree.isExpected, "no kernel tree found: set BPF_ASSAY_TREE"))
    func `every object has the programs and maps of the reference, and its instructions but for known ones`()
        async throws
    {
        let tree = try RealTree.find("6.1")
        let sources = tree.kernSources().sources.filter { $0.types == .headers }
        let folder = FileManager.default.temporaryDirectory.appending(path: "bpf-assay-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let clang = try await Compiler.find()
        var results: [BuildPlan.HeaderChoice: [BuildResult]] = [:]
        for choice in BuildPlan.HeaderChoice.allCases {
            var settings = BuildPlan.Settings()
            settings.headers = choice
            let plan = try BuildPlan(
                sources: sources,
                tree: tree,
                output: folder.appending(path: choice.rawValue).path,
                compiler: clang,
                settings: settings
            )
            results[choice] = try await BuildExecutor(timeout: .seconds(120), tools: LibbpfTools(), cache: .none).run(
                plan
            )
        }
        // Two sources of 6.1 do not compile with the kernel's own headers; its make hides that.
        let refused = (results[.kernel] ?? []).filter { $0.verdict != .pass }
        #expect(refused.map(\.sample).sorted() == ["tracex3", "tracex6"], "\(refused.map(\.cause))")
        #expect(refused.allSatisfy { $0.verdict == .fail && $0.fault == .tree })
        var found: Set<Difference> = []
        for (ours, reference) in zip(results[.compat] ?? [], results[.kernel] ?? []) where reference.verdict == .pass {
            #expect(ours.verdict == .pass, "\(ours.sample): \(ours.diagnostics)")
            let (mine, theirs) = (try ObjectContents(ours.object), try ObjectContents(reference.object))
            #expect(mine.functions == theirs.functions, "\(ours.sample)")
            #expect(mine.maps == theirs.maps, "\(ours.sample)")
            #expect(Set(mine.instructions.keys) == Set(theirs.instructions.keys), "\(ours.sample)")
            for (section, code) in mine.instructions where code != theirs.instructions[section] {
                found.insert(Difference(object: "\((ours.object as NSString).lastPathComponent)", section: section))
            }
        }
        let (known, usual) = try Self.table()
        #expect(found.subtracting(known).isEmpty, "not explained in docs/object-differences.tsv")
        // Other compilers lay out and order otherwise; for the one that the table was made with it has to be exact.
        if clang.release?.major == 14 { #expect(found == usual, "no longer so") }
    }
}
