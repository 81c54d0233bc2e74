import FeatureRules
import ObjectNeeds
import RunModel
import Testing

/// How needs are judged against what is known of a kernel.
struct JudgementTests {
    private static func report(
        _ source: String,
        _ version: KernelVersion?,
        backports: Bool = false,
        _ options: [String: KernelAccount.OptionState]?
    ) async throws -> ObjectReport {
        let account = KernelAccount(version: version, hasBackports: backports) { name in
            options.map { $0[name] ?? .off } ?? .unknown
        }
        return ObjectReport(of: "a.o", needs: try await Compiled.needs(source), on: account)
    }

    private static let kprobe = "SEC(\"kprobe/x\") int a(void *c) { return 0; } LICENSE(\"GPL\");"
    private static let all: [String: KernelAccount.OptionState] = [
        "CONFIG_BPF_SYSCALL": .builtIn, "CONFIG_BPF_EVENTS": .builtIn, "CONFIG_KPROBES": .builtIn,
        "CONFIG_KPROBE_EVENTS": .builtIn,
    ]

    @Test func `what is on is met, and what is off is named with its remedy`() async throws {
        let met = try await Self.report(Self.kprobe, KernelVersion(6, 1), Self.all)
        #expect(met.conclusion == .met)
        let without = Self.all.filter { $0.key != "CONFIG_KPROBE_EVENTS" }
        let unmet = try await Self.report(Self.kprobe, KernelVersion(6, 1), without)
        #expect(unmet.conclusion == .unmet)
        let missing = unmet.checks.filter { $0.verdict == .unmet }
        #expect(Set(missing.map(\.feature)) == ["CONFIG_KPROBE_EVENTS", "attach:kprobe"])
        #expect(missing.allSatisfy { $0.level == .attach })
        #expect(missing.contains { $0.remedy == "CONFIG_KPROBE_EVENTS=y" })
        let old = try await Self.report(
            Self.kprobe,
            KernelVersion(4, 9),
            without.merging(["CONFIG_KPROBE_EVENT": .builtIn]) { $1 }
        )
        #expect(old.conclusion == .met)
    }

    @Test func `without a config nothing is called missing`() async throws {
        let report = try await Self.report(Self.kprobe, nil, nil)
        #expect(report.conclusion == .inconclusive)
        #expect(!report.checks.contains { $0.verdict == .unmet })
    }

    @Test func `an old kernel lacks what is newer, unless its distribution adds to it`() async throws {
        let old = try await Self.report(Self.kprobe, KernelVersion(4, 0), Self.all)
        #expect(old.conclusion == .unmet)
        let patched = try await Self.report(Self.kprobe, KernelVersion(4, 0), backports: true, Self.all)
        #expect(patched.conclusion == .inconclusive)
    }

    @Test func `what only an optional program needs is not asked`() async throws {
        let source =
            "SEC(\"xdp\") int b(void *c) { return 2; } SEC(\"?kprobe/x\") int a(void *c) { return 0; } LICENSE(\"GPL\");"
        let report = try await Self.report(
            source,
            KernelVersion(6, 1),
            ["CONFIG_BPF_SYSCALL": .builtIn, "CONFIG_NET": .builtIn]
        )
        #expect(report.conclusion == .met)
        #expect(report.checks.contains { $0.feature == "CONFIG_KPROBES" && $0.verdict == .notApplicable })
    }

    @Test func `code that may be cut off makes no verdict`() async throws {
        let source = """
            const volatile int wanted;
            SEC("xdp") int a(void *c) { if (wanted) print("x", 2); return 2; }
            LICENSE("GPL");
            """
        let report = try await Self.report(
            source,
            KernelVersion(6, 1),
            ["CONFIG_BPF_SYSCALL": .builtIn, "CONFIG_NET": .builtIn]
        )
        #expect(report.conclusion == .inconclusive)
        #expect(report.checks.first { $0.feature == "CONFIG_BPF_EVENTS" }?.verdict == .unknown)
    }

    @Test func `an LSM program wants bpf in the list of the kernel's security modules`() async throws {
        let source = "SEC(\"lsm/file_open\") int a(void *c) { return 0; } LICENSE(\"GPL\");"
        var options: [String: KernelAccount.OptionState] = [
            "CONFIG_BPF_SYSCALL": .builtIn, "CONFIG_BPF_LSM": .builtIn, "CONFIG_BPF_JIT": .builtIn,
            "CONFIG_DEBUG_INFO_BTF": .builtIn, "CONFIG_LSM": .text("lockdown,bpfilter"),
        ]
        let unlisted = try await Self.report(source, KernelVersion(6, 1), options)
        #expect(unlisted.conclusion == .inconclusive)
        options["CONFIG_LSM"] = .text("lockdown,bpf")
        let listed = try await Self.report(source, KernelVersion(6, 1), options)
        #expect(listed.conclusion == .met)
    }

    @Test func `an older name of an option is the remedy where that version has no other`() async throws {
        let account = KernelAccount(
            version: KernelVersion(4, 4),
            introduced: { $0 == "CONFIG_KPROBE_EVENTS" ? KernelVersion(4, 11) : nil },
            option: { $0.contains("KPROBE_EVENT") ? .off : .builtIn }
        )
        let report = ObjectReport(of: "a.o", needs: try await Compiled.needs(Self.kprobe), on: account)
        let missing = report.checks.filter { $0.verdict == .unmet }
        #expect(missing.compactMap(\.remedy) == ["CONFIG_KPROBE_EVENT=y"])
        #expect(missing.allSatisfy { $0.evidence.contains("CONFIG_KPROBE_EVENT is off") })
    }

    // What libbpf does with them was seen with libbpf 1.1.
    @Test(
        arguments: [
            ("int", .builtIn, false), ("_Bool", .builtIn, true), ("char", .builtIn, true), ("_Bool", .module, false),
            ("enum libbpf_tristate", .module, true), ("int", .text("250"), true), ("_Bool", .text("250"), false),
            ("signed char", .text("250"), false), ("unsigned char", .text("250"), true), ("short", .text("250"), true),
            ("int", .text("0xffffffff81000000"), false), ("u64", .text("0xffffffff81000000"), true),
            ("int", .text("none"), false), ("int", .off, false), ("int *", .builtIn, false),
        ] as [(String, KernelAccount.OptionState, Bool)]
    )
    func `a setting is refused where its value does not fit its type`(
        type: String,
        state: KernelAccount.OptionState,
        fits: Bool
    ) async throws {
        for isWeak in [false, true] {
            let source = """
                enum libbpf_tristate { TRI_NO, TRI_YES, TRI_MODULE };
                extern \(type) CONFIG_X __attribute__((section(".kconfig")\(isWeak ? ", weak" : "")));
                SEC("socket") int a(void *c) { return (long)CONFIG_X; } LICENSE("GPL");
                """
            let report = try await Self.report(
                source,
                KernelVersion(6, 1),
                ["CONFIG_BPF_SYSCALL": .builtIn, "CONFIG_NET": .builtIn, "CONFIG_X": state]
            )
            let expected = fits || (isWeak && state == .off)
            #expect(report.conclusion == (expected ? .met : .unmet), "\(report.checks.filter { $0.isFailure })")
        }
    }
}
