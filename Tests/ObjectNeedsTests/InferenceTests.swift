import ObjectNeeds
import Testing

/// What is inferred from objects, an inference a test.
struct InferenceTests {
    @Test func `program types, ways of attaching and targets come from sections`() async throws {
        let needs = try await Compiled.needs(
            """
            SEC("kprobe/do_unlinkat") int a(void *c) { return 0; }
            SEC("?fentry.s/vfs_read") int b(void *c) { return 0; }
            SEC("xdp.frags") int c(void *c) { return 2; }
            SEC("tp/syscalls/sys_enter_open") int d(void *c) { return 0; }
            SEC("unheard") int e(void *c) { return 0; }
            LICENSE("GPL");
            """
        )
        #expect(needs.programTypes == ["KPROBE", "TRACEPOINT", "TRACING", "XDP"])
        #expect(needs.programs.map(\.target) == ["do_unlinkat", "vfs_read", nil, "syscalls/sys_enter_open", nil])
        #expect(needs.programs.map(\.isOptional) == [false, true, false, false, false])
        #expect(needs.programs[1].isSleepable && needs.programs[1].attachType == "TRACE_FENTRY")
        #expect(needs.programs[2].takesFragments && needs.of("attach xdp.frags").contains("kernel>=5.18"))
        #expect(needs.of("attach kprobe").contains("attach:kprobe"))
        #expect(needs.of("attach kprobe").contains("CONFIG_KPROBE_EVENTS or CONFIG_KPROBE_EVENT"))
        #expect(needs.of("syscall-tracepoint") == ["CONFIG_FTRACE_SYSCALLS"])
        #expect(needs.needs.filter { $0.feature == "attach fentry.s" }.allSatisfy { $0.isOptional })
        #expect(needs.of("section unheard").count == 1 && needs.programs[4].type == nil)
        #expect(!needs.options.contains("CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS"))
    }

    @Test func `maps come from BTF, with what their values hold`() async throws {
        let needs = try await Compiled.needs(
            """
            struct bpf_spin_lock { u32 val; };
            struct bpf_timer { u64 a[2]; };
            struct value { struct bpf_spin_lock lock; struct { struct bpf_timer timer; } inner; };
            MAP(locked, 1, u32, struct value, 16);
            struct { int (*type)[27]; int (*max_entries)[4096]; } ring SEC(".maps");
            struct inner { int (*type)[2]; u32 *key; u64 *value; int (*max_entries)[3]; };
            struct { int (*type)[13]; u32 *key; int (*max_entries)[4]; struct inner *values[]; } outer SEC(".maps");
            SEC("xdp") int a(void *c) { u32 k = 0; lookup(&locked, &k); lookup(&outer, &k); lookup(&ring, &k); return 2; }
            LICENSE("MIT");
            """
        )
        #expect(needs.maps.map(\.name) == ["locked", "outer", "outer.inner", "ring"])
        #expect(needs.maps.map(\.type) == [1, 13, 2, 27])
        #expect(needs.maps.map(\.capacity) == [16, 4, 3, 4096])
        #expect(needs.maps[0].valueFeatures == ["bpf_spin_lock", "bpf_timer"])
        #expect(needs.of("map type RINGBUF") == ["kernel>=5.8"])
        #expect(needs.of("bpf_timer") == ["kernel>=5.15"])
        #expect(needs.license == "MIT" && needs.of("helper bpf_map_lookup_elem") == ["kernel>=3.19"])
    }

    @Test func `helpers are found in functions that programs call, and not in others`() async throws {
        let source = """
            static __attribute__((noinline)) int deep(void) { print("x", 2); return 0; }
            __attribute__((noinline)) int dead(void) { return now(); }
            SEC("xdp") int a(void *c) { return deep() + 2; }
            """
        let needs = try await Compiled.needs(source + "LICENSE(\"GPL\");")
        #expect(needs.of("helper bpf_trace_printk") == ["kernel>=4.1", "CONFIG_BPF_EVENTS"])
        #expect(needs.of("helper bpf_ktime_get_ns") == [])
        #expect(needs.of("bpf-to-bpf-calls") == ["kernel>=4.16"])
        let evidence = needs.needs.first { $0.feature == "helper bpf_trace_printk" }?.evidence.first ?? ""
        #expect(evidence.contains("program 'a' (SEC \"xdp\"), function 'deep', instruction"))
        let closed = try await Compiled.needs(source + "LICENSE(\"Proprietary\");")
        #expect(closed.of("helper bpf_trace_printk").contains { $0.contains("'Proprietary'") })
    }

    @Test func `loops, 32-bit jumps, atomics, data and tail calls are features`() async throws {
        let needs = try await Compiled.needs(
            """
            MAP(jumps, 3, u32, u32, 4);
            u64 counter;
            SEC("tc") int a(u32 *c) {
                u64 sum = 0;
                #pragma clang loop unroll(disable)
                for (u32 i = 0; i < c[0] && i < 100; i++) sum += now();
                return __sync_fetch_and_add(&counter, sum);
            }
            SEC("tc") int b(void *c) { tail_call(c, &jumps, 1); return 0; }
            LICENSE("GPL");
            """,
            arguments: ["-mcpu=v3"]
        )
        #expect(needs.of("bounded-loop") == ["kernel>=5.3"])
        #expect(needs.of("32-bit-jumps") == ["kernel>=5.1"])
        #expect(needs.of("atomic-operations") == ["kernel>=5.12"])
        #expect(needs.of("global-data") == ["kernel>=5.2"])
        #expect(needs.of("helper bpf_tail_call") == ["kernel>=4.2"])
        #expect(needs.of("map type PROG_ARRAY") == ["kernel>=4.2"])
        #expect(needs.of("attach tc").contains("CONFIG_NET_CLS_BPF or CONFIG_NET_XGRESS"))
    }

    @Test func `kernel functions, kernel variables, settings and CO-RE come from BTF`() async throws {
        let needs = try await Compiled.needs(
            """
            struct task { int pid; } __attribute__((preserve_access_index));
            extern void bpf_rcu_read_lock(void) SEC(".ksyms");
            extern void unheard_of(void) __attribute__((weak)) SEC(".ksyms");
            extern const void some_symbol SEC(".ksyms");
            extern int CONFIG_HZ SEC(".kconfig");
            SEC("fentry/vfs_read") int a(struct task *t) {
                bpf_rcu_read_lock();
                if (unheard_of) unheard_of();
                return t->pid + CONFIG_HZ + (long)&some_symbol;
            }
            LICENSE("GPL");
            """
        )
        #expect(needs.of("kernel function bpf_rcu_read_lock") == ["kernel>=6.2"])
        #expect(needs.of("kernel function unheard_of").count == 1)
        #expect(needs.of("kernel-function").contains("CONFIG_BPF_JIT"))
        #expect(needs.of("core-relocations") == ["CONFIG_DEBUG_INFO_BTF"])
        #expect(needs.of("setting") == ["CONFIG_HZ"])
        #expect(needs.of("untyped-ksym") == ["CONFIG_KALLSYMS"])
        #expect(needs.needs.first { $0.feature == "kernel function bpf_rcu_read_lock" }?.isGuarded == true)
    }
}
