import Foundation
import TestSupport
import Testing

@testable import GuestRun

extension MachineTests {
    /// All objects of a tree, loaded by other kernels than this one.
    @Suite(.serialized)
    struct LoadGuestTests {
        @Test func `what is said to load on another kernel loads there, and what is said not to does not`() throws {
            let kernel = try GuestBench.kernelPath()
            let products = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
                .path
            let truth = try LoadTruth(
                command: "\(products)/bpf-assay",
                tree: try DebianTree.path("6.1"),
                types: kernel,
                trial: ["--kernel", kernel],
                environment: ["BPF_ASSAY_WORKER": try GuestBench.worker()],
                others: try OddObjects.loading
            )
            #expect(truth.cases.count > 60)
            #expect(truth.cases.compactMap(\.error).joined(separator: "\n") == "")
            #expect(truth.cases.count { $0.predicted == "yes" && $0.found == "yes" } > 35)
            for name in ["pinned.o", "setting.o", "map_alone.o"] {
                let odd = try #require(truth.cases.first { $0.object == name })
                #expect(odd.found == "yes" && odd.predicted == "yes", "\(odd)")
            }
            #expect(truth.cases.count { $0.predicted == "no" && $0.found == "no" } >= 2)
            // What they lack before they can be loaded is a number of entries, and to be linked.
            for name in ["xdp_monitor.lbpf.o", "xdp_redirect_cpu.lbpf.o", "xdp_router_ipv4.lbpf.o"] {
                let linked = try #require(truth.cases.first { $0.object == name })
                #expect(
                    linked.found == "yes" && linked.said.contains { $0.hasPrefix("max_entries of map") },
                    "\(linked)"
                )
            }
            let empty = try #require(truth.cases.first { $0.object == "xdp_monitor.bpf.o" })
            #expect(empty.found == "no" && empty.said.first?.hasPrefix("it holds no program") == true)
        }
    }
}
