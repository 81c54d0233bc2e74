import BPFProbe
import FoundationEssentials
import RunModel
import Testing

struct ReportTests {
    private static var report: ProbeReport {
        var column = HelperColumn(programType: "BPF_PROG_TYPE_XDP")
        column.supported = ["bpf_map_lookup_elem", "bpf_xdp_adjust_head"]
        column.absent = ["bpf_d_path"]
        column.inconclusive = [HelperColumn.Undecided(helper: "bpf_x", reason: "no idea")]
        var other = HelperColumn(programType: "BPF_PROG_TYPE_LSM", attachType: "BPF_LSM_MAC")
        other.notAskedBecause = .denied("needs CAP_BPF")
        return ProbeReport(
            programTypes: [
                ProbedType(name: "BPF_PROG_TYPE_XDP", answer: .supported),
                ProbedType(name: "BPF_PROG_TYPE_LSM", attachType: "BPF_LSM_MAC", answer: .denied("needs CAP_BPF")),
            ],
            mapTypes: [
                ProbedType(name: "BPF_MAP_TYPE_RHASH", answer: .absent),
                ProbedType(name: "BPF_MAP_TYPE_HASH", answer: .inconclusive("cannot allocate memory (ENOMEM)")),
            ],
            helpers: [column, other],
            attachPoints: [ProbedType(name: "attach:xdp", answer: .supported)]
        )
    }

    @Test func `a report is the same after a round trip through JSON`() throws {
        let report = Self.report
        #expect(try JSONDecoder().decode(ProbeReport.self, from: JSONEncoder().encode(report)) == report)
    }

    @Test func `every answer becomes a verdict of its own, with its reason`() {
        let checks = Self.report.checks
        #expect(checks.map(\.verdict) == [.met, .denied, .unmet, .unknown, .met])
        #expect(
            checks.map(\.level) == [.load, .load, .load, .load, .attach] && checks.allSatisfy { !$0.evidence.isEmpty }
        )
        #expect(checks.map(\.feature)[1] == "BPF_PROG_TYPE_LSM/BPF_LSM_MAC")
        #expect(checks[1].evidence == ["needs CAP_BPF"])
    }

    @Test func `the text counts helpers by type and names what is not there`() {
        let text = Self.report.text()
        #expect(text.contains("program types: 1 of 2 supported"))
        #expect(text.contains("  denied        BPF_PROG_TYPE_LSM/BPF_LSM_MAC: needs CAP_BPF\n"))
        #expect(text.contains("  absent        BPF_MAP_TYPE_RHASH\n"))
        #expect(text.contains("BPF_PROG_TYPE_XDP          2          0       1        1          0\n"))
        #expect(!text.split(separator: "\n").contains { $0.hasSuffix(" ") })
        #expect(ProbeReport().text().contains("no program type could be asked"))
    }
}
