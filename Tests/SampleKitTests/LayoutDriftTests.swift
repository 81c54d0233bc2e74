import LibBPF
import LinuxHost
import SampleKit
import Testing

@Suite struct LayoutDriftTests {
    typealias Member = TypeInformation.Record.Member
    typealias Field = TracepointEvent.Field

    static let declared = TypeInformation.Record(
        name: "cpu_args",
        members: [
            Member(name: "pad", offset: 0, size: 8), Member(name: "state", offset: 8, size: 4),
            Member(name: "cpu_id", offset: 12, size: 4),
        ]
    )
    static let reads: Set = [ContextRead(offset: 8, size: 4), ContextRead(offset: 12, size: 4)]

    private func field(_ name: String, _ offset: Int, _ size: Int) -> Field {
        Field(name: name, declaration: "u32 \(name)", offset: offset, size: size)
    }

    private func drift(
        _ fields: [Field],
        reads: Set<ContextRead> = reads,
        declared: TypeInformation.Record? = declared
    ) -> LayoutDrift? {
        let event = TracepointEvent(category: "power", name: "cpu_idle", id: 1, fields: fields)
        return LayoutDrift.between(ProgramContext(reads: reads, declared: declared), event, program: "bpf_prog1")
    }

    @Test func `the same layout fits`() {
        #expect(drift([field("state", 8, 4), field("cpu_id", 12, 4)]) == nil)
    }

    @Test func `fields that the kernel renamed in place fit`() {
        // syscall_tp's own struct says syscall_nr where the kernel says __syscall_nr.
        #expect(drift([field("__state", 8, 4), field("cpu", 12, 4)]) == nil)
    }

    @Test func `swapped fields do not fit`() throws {
        let found = try #require(drift([field("cpu_id", 8, 4), field("state", 12, 4)]))
        #expect(found.differences.count == 2)
        #expect(found.description.contains("power/cpu_idle"))
    }

    @Test func `a moved field does not fit`() {
        #expect(drift([field("state", 8, 4), field("flags", 12, 4), field("cpu_id", 16, 4)])?.differences.count == 1)
    }

    @Test func `a field of another size does not fit`() {
        #expect(drift([field("state", 8, 8), field("cpu_id", 16, 4)])?.differences.count == 2)
        #expect(drift([field("state", 8, 4)])?.differences.count == 1)
    }

    @Test func `fields that are not read may drift`() {
        #expect(drift([field("state", 8, 4), field("cpu_id", 40, 8)], reads: [ContextRead(offset: 8, size: 4)]) == nil)
        #expect(drift([], reads: []) == nil)
    }

    @Test func `without type information places and sizes decide`() {
        #expect(drift([field("cpu_id", 8, 4), field("state", 12, 4)], declared: nil) == nil)
        #expect(drift([field("state", 8, 8)], declared: nil) != nil)
    }

    /// `common_type` and its neighbours, and what PREEMPT_RT of 5.10 and 6.1 puts behind them.
    private var header: [Field] {
        [
            field("common_type", 0, 2), field("common_flags", 2, 1), field("common_preempt_count", 3, 1),
            field("common_pid", 4, 4), field("common_migrate_disable", 8, 1), field("common_preempt_lazy_count", 9, 1),
        ]
    }

    @Test func `fields that stand behind a longer header are a need`() throws {
        let found = try #require(drift(header + [field("state", 12, 4), field("cpu_id", 16, 4)]))
        #expect(found.isOfHeader)
        let need = try #require(found.unmetNeed)
        #expect("\(need.need)" == "layout:power/cpu_idle" && need.reason.contains("another layout"))
        #expect(drift(header + [field("state", 12, 4), field("cpu_id", 16, 4)], declared: nil)?.isOfHeader == true)
    }

    @Test func `what else is wrong with a layout is no need`() throws {
        // Swapped behind the longer header, of another size there, moved apart, and behind the usual header.
        for fields in [
            header + [field("cpu_id", 12, 4), field("state", 16, 4)],
            header + [field("state", 12, 8), field("cpu_id", 20, 4)],
            header + [field("state", 12, 4), field("cpu_id", 20, 4)],
            header.prefix(4) + [field("state", 12, 4), field("cpu_id", 16, 4)],
            header,
        ] {
            let found = try #require(drift(fields))
            #expect(!found.isOfHeader && found.unmetNeed == nil, "\(fields)")
        }
    }
}
