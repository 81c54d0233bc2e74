import RunModel
import Testing

@testable import Reporting

struct ReproductionTests {
    private func command(_ words: [String], failing samples: [String] = ["xdp/xdp1"]) -> String? {
        let info = RunInfo(id: "r", started: "2026-11-22T12:00:00Z", tool: "t", command: words)
        let results = samples.map { SampleResult(sample: $0, machine: "host", verdict: .fail) }
        return RunRecord(folding: [.runStarted(info, machines: [], plan: [])] + results.map { .sampleEnded($0) })
            .flatMap { Reproduction($0) }?.command
    }

    @Test(arguments: [
        (["bpf-assay", "run"], ""),
        (["bpf-assay", "run", "xdp", "!xdp2", "--tree", "linux", "sockex1"], " --tree linux"),
        (["bpf-assay", "run", "--quiet", "xdp1", "-v", "xdp2", "--results=r", "xdp*"], " --quiet -v --results=r"),
        (["bpf-assay", "run", "-j", "2", "xdp1", "-j4", "xdp2"], " -j 2 -j4"),
        (["bpf-assay", "run", "-o", "x.xml", "xdp1"], " -o x.xml"),
        (["bpf-assay", "run", "--sample", "xdp", "--sample=sockex1", "--last-failed", "--fail-fast"], " --fail-fast"),
        (["bpf-assay", "run", "--kernel", "a b", "--", "xdp1"], " --kernel 'a b'"),
    ])
    func `the samples that were chosen give way to those that failed`(words: [String], kept: String) {
        #expect(command(words) == "bpf-assay run\(kept) --sample xdp/xdp1")
    }
}
