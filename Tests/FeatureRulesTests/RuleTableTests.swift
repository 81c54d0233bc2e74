import RunModel
import Testing

@testable import FeatureRules

/// The table that is part of the program.
struct RuleTableTests {
    private let table = RuleTable.builtIn

    @Test func `every line is a row, and no row stands twice`() {
        #expect(table.strayLines == [])
        #expect(Set(table.rows.map { "\($0.kind) \($0.name)" }).count == table.rows.count)
        #expect(Set(table.rows.map(\.kind)) == Set(RuleTable.Kind.allCases))
    }

    @Test func `helpers have the numbers 1 to 211, each later than the one before`() {
        let helpers = (1...211).compactMap { table.row(.helper, id: $0) }
        #expect(helpers.count == 211)
        #expect(table.rows.count { $0.kind == .helper } == 211)
        #expect(table.row(.helper, id: 0) == nil && table.row(.helper, id: 212) == nil)
        #expect(table.row(.helper, id: 1)?.name == "bpf_map_lookup_elem")
        #expect(table.row(.helper, id: 211)?.name == "bpf_cgrp_storage_delete")
        let versions = helpers.filter { $0["helper-since"] == nil }.compactMap { row -> KernelVersion? in
            if case .version(let version) = row.since { version } else { nil }
        }
        #expect(versions == versions.sorted())
    }

    @Test func `every section's program type has a row`() {
        for row in table.rows where row.kind == .section || row.kind == .oldSection {
            #expect(table.row(.program, row["type"] ?? "") != nil, "\(row.name)")
        }
    }

    @Test(arguments: [
        ("kprobe/do_unlinkat", "KPROBE"), ("kprobe", "KPROBE"), ("xdp", "XDP"), ("xdp_stats", "XDP"),
        ("tc", "SCHED_CLS"),
        ("cgroup/sock1", "CGROUP_SOCK"), ("cgroup/connect_unix", "CGROUP_SOCK_ADDR"), ("socket1", "SOCKET_FILTER"),
        ("tp/syscalls/sys_enter_open", "TRACEPOINT"), ("lsm.s/bpf", "LSM"), ("iter.s/task", "TRACING"),
    ])
    func `sections have libbpf's types, and the old loader's where it has none`(section: String, type: String) {
        #expect(table.section(section)?["type"] == type)
    }

    @Test(arguments: ["kprobes/x", "tracepoints", "unheard", "", "tcx"])
    func `a section that nobody knows has no row`(section: String) {
        #expect(table.section(section) == nil)
    }

    @Test func `options have alternatives, ranges and words`() throws {
        let events = try #require(OptionDemand("CONFIG_KPROBE_EVENTS|CONFIG_KPROBE_EVENT"))
        #expect(events.anyOf == ["CONFIG_KPROBE_EVENTS", "CONFIG_KPROBE_EVENT"])
        let parser = try #require(OptionDemand("CONFIG_BPF_STREAM_PARSER@4.20-5.12"))
        #expect(parser.isAsked(of: KernelVersion(5, 12, 19)) && parser.isAsked(of: KernelVersion(4, 20)))
        #expect(!parser.isAsked(of: KernelVersion(5, 13)) && !parser.isAsked(of: KernelVersion(4, 19, 300)))
        #expect(OptionDemand("CONFIG_LSM~bpf")?.word == "bpf")
        for wrong in ["", "BPF", "CONFIG_A@x", "CONFIG_A@1.0-2.0-3.0", "|", "@5.8"] {
            #expect(OptionDemand(Substring(wrong)) == nil, "\(wrong)")
        }
    }
}
