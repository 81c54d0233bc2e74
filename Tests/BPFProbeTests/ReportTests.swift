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
}
