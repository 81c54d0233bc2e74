import FeatureRules
import ObjectNeeds
import RunModel
import Testing

/// Objects against the types of a kernel that is made for the purpose.
struct FitTests {
    /// The kernel's types.
    private static let kernel = """
        struct task_struct { long flags; int __state; struct { int pid; }; };
        typedef void (*btf_trace_sched_switch)(void *, int);
        int known(struct task_struct *t, int n) { return n; }
        int bpf_iter_task(void) { return 0; }
        struct tcp_ops { int (*init)(void *); };
        struct bpf_struct_ops_tcp_ops { struct tcp_ops data; };
        enum bpf_func_id { BPF_FUNC_unspec = 0, BPF_FUNC_map_lookup_elem = 1, BPF_FUNC_trace_printk = 6 };
        struct task_struct a; btf_trace_sched_switch b; struct bpf_struct_ops_tcp_ops c; enum bpf_func_id d;
        """

    private static func types() async throws -> TargetTypes {
        let bytes = try await Compiled.bytes(kernel)
        // The types of an object are as good as a kernel's, and smaller.
        let start = try #require(bytes.firstRange(of: [0x9f, 0xeb, 1, 0, 24, 0, 0, 0, 0, 0, 0, 0])).lowerBound
        return TargetTypes(try TypeTable(Array(bytes[start...])), kernel: "Linux 9.9")
    }

    private static func prediction(_ source: String) async throws -> LoadPrediction {
        let bytes = try await Compiled.bytes(source + "\nLICENSE(\"GPL\");")
        let account = KernelAccount(version: KernelVersion(9, 9)) { _ in .builtIn }
        let needs = try ObjectNeeds(of: bytes, fittedTo: try await types())
        return ObjectReport(of: "a.o", needs: needs, on: account).loading
    }

    private static let task = "struct task_struct { int pid; int state; } __attribute__((preserve_access_index));\n"

    @Test func `a field that is there elsewhere fits, and one that is not is named with what is alike`() async throws {
        let fits = try await Self.prediction(
            Self.task + "SEC(\"socket\") int a(struct task_struct *t) { return t->pid; }"
        )
        #expect(fits.answer == .loads, "\(fits.reasons)")
        let lacks = try await Self.prediction(
            Self.task + "SEC(\"socket\") int a(struct task_struct *t) { return t->state; }"
        )
        #expect(lacks.answer == .refused)
        #expect(
            lacks.reasons == ["task_struct.state: Linux 9.9's task_struct has no such field (it has __state)"]
        )
    }

    @Test func `what a test for existence cuts off does not count`() async throws {
        let test = "if (__builtin_preserve_field_info(t->state, 2)) return t->state; return t->pid;"
        let fits = try await Self.prediction(
            Self.task + "SEC(\"socket\") int a(struct task_struct *t) { \(test) }"
        )
        #expect(fits.answer == .loads, "\(fits.reasons)")
        let helper = "if (__builtin_preserve_field_info(t->state, 2)) return now(); return t->pid;"
        let cut = try await Self.prediction(Self.task + "SEC(\"socket\") int a(struct task_struct *t) { \(helper) }")
        #expect(cut.answer == .loads, "\(cut.reasons)")
        let bare = try await Self.prediction("SEC(\"socket\") int a(void *t) { return now(); }")
        #expect(bare.answer == .refused)
        #expect(bare.reasons == ["helper bpf_ktime_get_ns: Linux 9.9 has no helper bpf_ktime_get_ns"])
    }

    @Test func `what a setting cuts off is not known`() async throws {
        let source =
            "const volatile int old; SEC(\"socket\") int a(struct task_struct *t) { return old ? t->state : t->pid; }"
        let depends = try await Self.prediction(Self.task + source)
        #expect(depends.answer == .unknown, "\(depends.reasons)")
    }

    @Test func `functions are there or not, weak ones may be left out`() async throws {
        let declaration = "struct task_struct { int pid; };\n"
        let program = "SEC(\"socket\") int a(struct task_struct *t) { return known(t, 1); }"
        let known = "extern int known(struct task_struct *t, int n) SEC(\".ksyms\");\n"
        let fits = try await Self.prediction(declaration + known + program)
        #expect(fits.answer == .loads, "\(fits.reasons)")
        let other = "extern int known(struct task_struct *t) SEC(\".ksyms\");\n"
        let differs = try await Self.prediction(
            declaration + other + program.replacing("known(t, 1)", with: "known(t)")
        )
        #expect(differs.reasons.contains("kernel function known: Linux 9.9 has the function known with another type"))
        let strong = "extern int gone(int n) SEC(\".ksyms\"); SEC(\"socket\") int a(void *t) { return gone(1); }"
        let lacks = try await Self.prediction(strong)
        #expect(lacks.answer == .refused)
        let weak = "extern int gone(int n) __attribute__((weak)) SEC(\".ksyms\");"
        let tested = try await Self.prediction(weak + "SEC(\"socket\") int a(void *t) { return gone ? gone(1) : 2; }")
        #expect(tested.answer == .loads, "\(tested.reasons)")
        let bare = try await Self.prediction(weak + "SEC(\"socket\") int a(void *t) { return gone(1); }")
        #expect(bare.answer == .refused)
    }

    @Test func `tracepoints, functions, iterators and operations are looked up`() async throws {
        for (section, isThere) in [
            ("tp_btf/sched_switch", true), ("tp_btf/xdp_redirect_map", false), ("fentry/known", true),
            ("fexit/unknown", false), ("iter/task", true), ("iter/nothing", false),
        ] {
            let found = try await Self.prediction("SEC(\"\(section)\") int a(u64 *c) { return 0; }")
            #expect(found.answer == (isThere ? .loads : .refused), "\(section): \(found.reasons)")
            if !isThere { #expect(found.reasons.first?.hasPrefix("\(section): Linux 9.9 has no ") == true) }
        }
        let operations = """
            struct tcp_ops { int (*init)(void *); int (*later)(void *); };
            SEC("struct_ops/f") int f(u64 *c) { return 0; }
            SEC(".struct_ops") struct tcp_ops mine = { .MEMBER = (void *)f };
            """
        let fits = try await Self.prediction(operations.replacing("MEMBER", with: "init"))
        #expect(fits.answer == .loads, "\(fits.reasons)")
        let lacks = try await Self.prediction(operations.replacing("MEMBER", with: "later"))
        #expect(lacks.reasons == ["struct_ops/tcp_ops: Linux 9.9's tcp_ops has no member later"])
    }

    @Test func `maps whose numbers are plain, or whose size is left open, are told`() async throws {
        let plain = "struct { int type, max_entries; u32 *key; u64 *value; } m SEC(\".maps\") = { 1, 5 };"
        let program = "SEC(\"socket\") int a(void *c) { u32 k = 0; return lookup(&m, &k) != 0; }"
        let converted = try await Self.prediction(plain + program)
        // This project's loader brings them into form, and says so; libbpf alone would refuse them.
        #expect(
            converted.answer == .loads && converted.reasons.contains { $0.contains("libbpf 1.0 and later refuse them") }
        )
        let open = try await Self.prediction("MAP(m, 1, u32, u64, 0);" + program)
        #expect(open.answer == .unknown && open.reasons.contains { $0.hasPrefix("map m: max_entries is 0") })
    }

    @Test func `a symbol that nothing defines is refused by name`() async throws {
        let found = try await Self.prediction(
            "extern int stray(int n); SEC(\"socket\") int a(void *t) { return stray(1); }"
        )
        #expect(found.answer == .refused && found.reasons.contains { $0.contains("'stray'") })
    }

    @Test func `a format in read-only data is no test of a setting`() async throws {
        let source = """
            SEC("xdp") int a(void *c) { static const char format[] = "seen %d"; print(format, sizeof(format), 1); return 2; }
            LICENSE("GPL");
            """
        let needs = try await Compiled.needs(source)
        #expect(needs.needs.contains { $0.feature == "helper bpf_trace_printk" && !$0.isGuarded })
        #expect(!needs.needs.contains { $0.isGuarded })
    }

    @Test func `hostile types never crash and never take forever`() async throws {
        let object = try await Compiled.bytes(
            Self.task + "SEC(\"socket\") int a(struct task_struct *t) { return t->pid + t->state; } LICENSE(\"GPL\");"
        )
        let bytes = try await Compiled.bytes(Self.kernel)
        let start = try #require(bytes.firstRange(of: [0x9f, 0xeb, 1, 0, 24, 0, 0, 0, 0, 0, 0, 0])).lowerBound
        let types = Array(bytes[start...].prefix(2000))
        var readable = 0
        for seed in UInt64(0)..<1500 {
            var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
            func random(_ limit: Int) -> Int {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return Int(state >> 33) % limit
            }
            var changed = types
            for _ in 0...random(10) { changed[24 + random(changed.count - 24)] = UInt8(random(256)) }
            guard let table = try? TypeTable(changed) else { continue }
            readable += 1
            let found = try CoreResolution.all(of: object, against: table, kernel: "it")
            #expect(found.count == 2, "seed \(seed)")
            _ = try ObjectNeeds(of: object, fittedTo: TargetTypes(table, kernel: "it"))
        }
        #expect(readable > 100)
    }

    @Test func `a struct without an end is refused, as libbpf refuses it`() async throws {
        let object = try await Compiled.bytes(
            Self.task + "SEC(\"socket\") int a(struct task_struct *t) { return t->pid; } LICENSE(\"GPL\");"
        )
        // struct task_struct { struct #1; struct #1; }, whose members have no name and are the struct itself.
        func words(_ numbers: [UInt32]) -> [UInt8] {
            numbers.flatMap { n in (0..<4).map { UInt8(truncatingIfNeeded: n >> (8 * $0)) } }
        }
        let names = Array("\0task_struct\0".utf8)
        let members: [UInt32] = [0, 1, 0, 0, 1, 0]
        let records = words([1, 4 << 24 | 2, 8] + members)
        let header =
            [0x9f, 0xeb, 1, 0] + words([24, 0, UInt32(records.count), UInt32(records.count), UInt32(names.count)])
        let table = try TypeTable(header + records + names)
        let found = try CoreResolution.all(of: object, against: table, kernel: "it")
        #expect(found.map(\.outcome) == [.refused("task_struct.pid: the types are nested too deep")])
    }
}
