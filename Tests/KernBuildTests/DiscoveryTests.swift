import Foundation
import RunModel
import Testing

@testable import KernBuild

struct DiscoveryTests {
    @Test func `a Makefile is read as data`() {
        let makefile = SamplesMakefile(
            """
            tprogs-y := sockex1
            sockex1-objs := sockex1_user.o helper.o
            always-y := $(tprogs-y)
            always-y += sockex1_kern.o # the kern half
            always-y += parse_varlen.o parse_simple.o \\
                parse_ldabs.o
            # always-y += commented_kern.o
            always-y += ../../evil.o $(shell reboot).o sockex1_kern.o helper.o .o
            always += old_kern.o
            \talways-y += recipe.o
            xdp.skel.h-deps := xdp.bpf.o xdp_sample.bpf.o
            alone.skel.h-deps := alone.bpf.o
            """
        )
        #expect(
            makefile.objects == [
                "sockex1_kern.o", "parse_varlen.o", "parse_simple.o", "parse_ldabs.o", "old_kern.o",
            ]
        )
        #expect(makefile.linked.map(\.name) == ["xdp"])
        #expect(makefile.linked.map(\.parts) == [["xdp.bpf.o", "xdp_sample.bpf.o"]])
    }

    @Test func `kern halves are found by their files, whatever the Makefile says`() throws {
        let mini = try MiniTree(
            sources: [
                "good_kern.c": "", "new.bpf.c": "", "xdp_sample.bpf.c": "", "parse_simple.c": "", "good_user.c": "",
                "test_lwt_bpf.c": "#include \"vmlinux.h\"\n", "it's \"odd\" _kern.c": "",
                "Makefile": """
                always-y += good_kern.o parse_simple.o gone_kern.o
                new.skel.h-deps := new.bpf.o xdp_sample.bpf.o
                lost.skel.h-deps := lost.bpf.o xdp_sample.bpf.o
                """,
            ]
        )
        let found = try mini.tree().kernSources(sampleNames: ["good_kern.c": "mini/good"])
        #expect(
            found.sources.map(\.fileName) == [
                "good_kern.c", "it's \"odd\" _kern.c", "new.bpf.c", "parse_simple.c", "test_lwt_bpf.c",
                "xdp_sample.bpf.c",
            ]
        )
        #expect(
            found.sources.map(\.sample) == [
                "mini/good", "it's \"odd\" ", "new", "parse_simple", "test_lwt_bpf", "xdp_sample",
            ]
        )
        #expect(found.sources.filter { $0.types == .btf }.map(\.sample) == ["new", "test_lwt_bpf", "xdp_sample"])
        #expect(found.linked.map(\.objectName) == ["new.lbpf.o"])
        #expect(found.complaints.count == 2)
        #expect(found.complaints.contains { $0.contains("lists gone_kern.o") })
        #expect(found.complaints.contains { $0.contains("links lost of lost.bpf.c") })
    }

    @Test func `a folder of no files gives no sources`() throws {
        let mini = try MiniTree(sources: [:])
        try mini.write("samples/bpf/README", "")
        let found = try mini.tree().kernSources()
        #expect(found.sources.isEmpty)
        #expect(found.complaints.count == 1)
    }

    @Test func `a sample is followed through its renames`() throws {
        let mini = try MiniTree(sources: ["lwt_len_hist.bpf.c": ""])
        let tree = try mini.tree()
        let old = KernSource(sample: "networking/lwt_len_hist", path: "samples/bpf/lwt_len_hist_kern.c")
        let now = tree.located(old)
        #expect(now.path == "samples/bpf/lwt_len_hist.bpf.c")
        #expect(now.sample == old.sample)
        #expect(now.types == .btf)
        let gone = KernSource(sample: "xdp/xdp1", path: "samples/bpf/xdp1_kern.c")
        #expect(tree.located(gone) == gone)
    }

    @Test func `an object is known by the names that it has in any release, linked ones first`() {
        let names = SampleHistory.builtIn.objectNames(
            of: KernSource(sample: "networking/lwt_len_hist", path: "samples/bpf/lwt_len_hist_kern.c")
        )
        #expect(names == ["lwt_len_hist.lbpf.o", "lwt_len_hist_kern.o", "lwt_len_hist.bpf.o"])
        let own = SampleHistory.builtIn.objectNames(of: KernSource(sample: "x/y", path: "samples/bpf/y_kern.c"))
        #expect(own == ["y.lbpf.o", "y_kern.o"])
    }

    @Test func `the history is in order and knows where a sample stood`() throws {
        let history = SampleHistory.builtIn
        #expect(history.releases == history.releases.sorted() && history.releases.count >= 5)
        #expect(history.entries.count > 60)
        for entry in history.entries {
            #expect(history.releases.contains(entry.first) && history.releases.contains(entry.last), "\(entry)")
            #expect(entry.first <= entry.last)
            #expect(KernSource.stem(of: entry.file) == entry.sample)
        }
        let account = try #require(history.account(of: "lwt_len_hist_kern.c"))
        #expect(account.contains("lwt_len_hist_kern.c in 4.19 to 6.1"))
        #expect(account.contains("lwt_len_hist.bpf.c in 6.3 to"))
        #expect(history.account(of: "nothing_kern.c") == nil)
        // What a tree ought to have is not excused, under whatever name.
        #expect(history.absence(of: "xdp1_kern.c", in: KernelVersion(6, 1, 192)) == nil)
        #expect(history.absence(of: "xdp1_kern.c", in: KernelVersion(5, 18)) == nil)
        #expect(history.absence(of: "tracex1_kern.c", in: KernelVersion(6, 12, 117)) == nil)
        #expect(history.absence(of: "nothing_kern.c", in: KernelVersion(6, 12)) == nil)
        let absence = try #require(history.absence(of: "xdp1_kern.c", in: KernelVersion(6, 12, 117)))
        #expect(absence.hasPrefix("Linux 6.12.117 has no such sample: it stood as xdp1_kern.c in 4.19 to "))
    }
}
