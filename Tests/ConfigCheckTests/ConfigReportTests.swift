import ConfigCheck
import RunModel
import TestSupport
import Testing

@Suite struct ConfigReportTests {
    @Test(
        "what is found is compared with what is wanted",
        arguments: [
            ("CONFIG_X=y", "CONFIG_X=y", CheckVerdict.met),
            ("CONFIG_X=y", "CONFIG_X=m", .unmet),
            ("CONFIG_X=y", "CONFIG_X=n", .unmet),
            ("CONFIG_X=y", "# CONFIG_X is not set", .unmet),
            ("CONFIG_X=y", "CONFIG_Y=y", .unmet),
            ("CONFIG_X=y", "CONFIG_X=\"y\"", .unmet),
            ("CONFIG_X=m", "CONFIG_X=m", .metModule),
            ("CONFIG_X=m", "CONFIG_X=y", .met),
            ("CONFIG_X=m", "# CONFIG_X is not set", .unmet),
            ("# CONFIG_X is not set", "# CONFIG_X is not set", .met),
            ("# CONFIG_X is not set", "CONFIG_X=n", .met),
            ("# CONFIG_X is not set", "CONFIG_Y=y", .met),
            ("# CONFIG_X is not set", "CONFIG_X=m", .unmet),
            ("CONFIG_X=n", "CONFIG_Y=y", .met),
            ("CONFIG_X=16", "CONFIG_X=0x10", .met),
            ("CONFIG_X=16", "CONFIG_X=17", .unmet),
            ("CONFIG_X=\"a\"", "CONFIG_X=\"a\"", .met),
            ("CONFIG_X=\"a\"", "CONFIG_X=\"b\"", .unmet),
        ]
    )
    func comparison(wanted: String, found: String, verdict: CheckVerdict) throws {
        let required = report(try profile(wanted), on: whole(found))
        #expect(required.checks.map(\.verdict) == [verdict])
        #expect(required.conclusion == (verdict == .unmet ? .unmet : .met))
        #expect(required.checks[0].remedy == (verdict == .unmet ? wanted : nil))
        let optional = report(try profile("# [optional]\n" + wanted), on: whole(found))
        #expect(optional.conclusion == .met)
        #expect(optional.missingOptional.isEmpty == (verdict != .unmet))
    }

    @Test(arguments: [
        ("4.6", CheckVerdict.met, CheckVerdict.notApplicable),
        ("4.6.7", .met, .notApplicable),
        ("4.7", .notApplicable, .met),
        ("6.1", .notApplicable, .met),
    ])
    func `the profile of bcc asks each kernel for its own JIT option`(
        version: String,
        classic: CheckVerdict,
        extended: CheckVerdict
    ) throws {
        let core = try ConfigProfile.load("bcc")
        let everything = core.requirements.map(\.configLine).joined(separator: "\n") + "\n"
        let report = report(core, on: everything, kernel: KernelVersion(version))
        let verdicts = Dictionary(uniqueKeysWithValues: report.checks.map { ($0.feature, $0.verdict) })
        #expect(verdicts["CONFIG_HAVE_BPF_JIT"] == classic)
        #expect(verdicts["CONFIG_HAVE_EBPF_JIT"] == extended)
        #expect(report.conclusion == .met)
    }

    @Test func `a range is compared with the header and an override beats it`() throws {
        let asked = try profile("# [for Linux kernel versions 4.7 and later]\nCONFIG_X=y\n")
        let old = generated("4.6.7", "CONFIG_Y=y")
        #expect(report(asked, on: old).checks[0].verdict == .notApplicable)
        #expect(report(asked, on: old, kernel: KernelVersion(4, 8)).checks[0].verdict == .unmet)
    }

    @Test func `without a version a ranged option is met or unknown and never unmet`() throws {
        let asked = try profile("# [for Linux kernel versions 4.7 and later]\nCONFIG_X=y\n")
        #expect(report(asked, on: "CONFIG_X=y\n").conclusion == .met)
        let unknown = report(asked, on: whole("CONFIG_Y=y"))
        #expect(unknown.checks[0].verdict == .unknown)
        #expect(unknown.checks[0].remedy == "--kernel-version VERSION")
        #expect(
            unknown.checks[0].evidence.last
                == "asked of Linux 4.7 and later, and the config does not say which version it is for"
        )
        #expect(unknown.conclusion == .inconclusive)
    }

    @Test func `evidence names source, line, purpose and the reason`() throws {
        let asked = try profile("# [for tc]\nCONFIG_A=y\n# [optional, for xdp]\nCONFIG_B=y\nCONFIG_C=y\n")
        let checks = report(asked, on: whole("# CONFIG_B is not set\nCONFIG_A=m")).checks
        #expect(
            checks[0].evidence == [
                ".config:3: CONFIG_A=m",
                "a module is not enough for =y: it may be absent or refused when it is needed; "
                    + "a profile that says CONFIG_A=m takes either",
            ]
        )
        #expect(checks[1].evidence == [".config:2: # CONFIG_B is not set"])
        #expect(
            checks[2].evidence == [
                ".config does not mention CONFIG_C: an option it depends on is off, or this kernel has no such option"
            ]
        )
    }

    @Test func `the remedy for an option without a prompt is what brings it`() throws {
        let asked = try profile("CONFIG_BPF=y\nCONFIG_HAVE_EBPF_JIT=y\n")
        let report = report(asked, on: whole("CONFIG_Y=y"))
        #expect(report.checks.map(\.remedy) == ["CONFIG_BPF_SYSCALL=y", nil])
        #expect(
            report.fixFragment.contains(
                "# CONFIG_BPF has no prompt: it is selected by CONFIG_BPF_SYSCALL, CONFIG_NET.\nCONFIG_BPF_SYSCALL=y\nCONFIG_BPF=y\n"
            )
        )
    }

    @Test(arguments: ConfigProfile.builtInNames)
    func `the fix fragment on top of a config meets the profile`(name: String) throws {
        let profile = try ConfigProfile.load(name)
        let base = generated("6.1.192", "# CONFIG_BPF_SYSCALL is not set", "CONFIG_VETH=n", "CONFIG_NET=y")
        let before = report(profile, on: base)
        #expect(before.conclusion == .unmet)
        let after = report(profile, on: base + before.fixFragment)
        #expect(after.conclusion == .met)
        #expect(after.unmet.isEmpty)
        // Optional options are offered as comments: nothing is switched on that nobody asked for.
        #expect(
            report(profile, on: base + before.fixFragment).fixFragment.split(separator: "\n").allSatisfy {
                $0.hasPrefix("#")
            }
        )
    }

    @Test func `a met profile needs no fix`() throws {
        #expect(report(try profile("CONFIG_A=y\n"), on: "CONFIG_A=y\n").fixFragment.isEmpty)
    }

    private static let asked = """
        CONFIG_A=m
        # [for tc]
        CONFIG_B=y
        # [optional, for xdp]
        CONFIG_C=y
        # [for Linux kernel versions 4.1 through 4.6]
        CONFIG_D=y
        CONFIG_E=y
        """
    private static let config = generated("6.1.192", "CONFIG_A=m", "# CONFIG_B is not set", "CONFIG_E=y")

    @Test func `the record holds what formats need`() throws {
        let asked = try profile("CONFIG_A=y\n# [optional, for b]\nCONFIG_B=y\n")
        let record = report(asked, on: generated("6.1.192", "CONFIG_A=m")).record()
        #expect(record.kernel == "6.1.192" && record.profile == "mine" && record.source == ".config")
        #expect(record.checks.map(\.weight) == [.required, .optional])
        #expect(record.checks.map(\.verdict) == [.unmet, .unmet])
        #expect(record.checks[1].blocks == ["b"])
        #expect(record.checks.map(\.wanted) == ["y", "y"] && record.checks.map(\.found) == ["m", "absent"])
        #expect(record.conclusion == .unmet)
    }
}
