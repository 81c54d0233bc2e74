import FeatureRules
import RunModel
import TestSupport
import Testing

@testable import ConfigCheck

/// Built-in profiles against kernels of all times that have everything on that there was.
struct ProfileVersionTests {
    /// The first version that can have what a profile is named for; `core` and `bcc` are lists of options.
    private static let first: [String: KernelVersion] = [
        "samples": KernelVersion(4, 13), "tracing": KernelVersion(4, 9), "networking": KernelVersion(4, 4),
        "xdp": KernelVersion(4, 8), "cgroup": KernelVersion(4, 10), "lsm": KernelVersion(5, 7),
        "ci-minimal": KernelVersion(4, 9), "guest": KernelVersion(5, 4), "samples-all": KernelVersion(5, 5),
        "libbpf-selftests": KernelVersion(5, 18),
    ]
    private static let profiles = ConfigProfile.builtInNames.filter { $0 != "core" && $0 != "bcc" }

    private static let versions = [
        "3.10", "3.18", "3.19", "4.0", "4.1", "4.3", "4.4.302", "4.6", "4.7", "4.8", "4.9", "4.10", "4.13", "4.14",
        "4.17",
        "4.19.325", "5.1", "5.2", "5.4", "5.5", "5.7", "5.10.223", "5.15", "5.17", "5.18", "6.1.192", "6.6", "6.12",
        "6.18",
        "7.0", "7.2.13",
    ]

    /// What must be off for others to be on.
    private static let exclusive: Set = [
        "CONFIG_ARCH_NO_PREEMPT", "CONFIG_COMPILE_TEST", "CONFIG_DEBUG_INFO_REDUCED", "CONFIG_DEBUG_INFO_SPLIT",
        "CONFIG_NO_DMA", "CONFIG_PAGE_SIZE_256KB",
    ]

    /// A config of a version in which every option is on that the version has.
    private static func everything(of version: String, named text: String? = nil) -> KernelConfig {
        let kernel = KernelVersion(version) ?? KernelVersion(0, 0)
        let asked = profiles.flatMap { (try? ConfigProfile.load($0))?.requirements.map(\.option) ?? [] }
        let names = Set(asked + FeatureReport.allOptions + OptionFact.table.keys).subtracting(exclusive)
        let lines = names.sorted().compactMap { name -> String? in
            let fact = OptionFact.named(name)
            if let since = fact?.since, kernel < since { return nil }
            if let until = fact?.until, kernel >= until { return nil }
            return name == "CONFIG_LSM" ? "CONFIG_LSM=\"lockdown,bpf\"" : "\(name)=y"
        }
        return KernelConfig(parsing: Array(generated(text ?? version, lines.joined(separator: "\n")).utf8))
    }

    /// What 'check --config' makes of options and features together.
    private static func record(_ name: String, on config: KernelConfig) throws -> CheckRecord {
        let profile = try ConfigProfile.load(name)
        let subject = IdentifiedConfig(judgedForItself: config, source: ".config")
        let account = KernelAccount(
            version: config.header?.version,
            hasBackports: config.header?.hasBackports == true,
            introduced: OptionDates.introduction
        ) { option in
            switch subject.answer(option) {
            case .set(.builtIn): .builtIn
            case .set(.module): .module
            case .set(.string(let text)), .set(.number(let text)): .text(text)
            case .set(.no), .set(.notSet), .absent: .off
            case .unknown: .unknown
            }
        }
        let requests = profile.features(askedOf: account.version).map {
            FeatureRequest($0.name, weight: $0.weight, blocks: $0.purposes)
        }
        return ConfigReport(judging: profile, against: subject)
            .record(adding: FeatureReport(of: account, requests: requests).checks)
    }

    @Test func `every built-in profile has a first version`() {
        #expect(Set(Self.profiles) == Set(Self.first.keys))
    }

    @Test(arguments: profiles, versions)
    func `a profile is met by no kernel that cannot have what it is named for`(name: String, version: String) throws {
        let first = try #require(Self.first[name])
        let kernel = try #require(KernelVersion(version))
        let record = try Self.record(name, on: Self.everything(of: version))
        let lacking = record.checks.filter {
            $0.weight == .required && $0.verdict != .met && $0.verdict != .notApplicable
        }
        guard kernel < first else {
            #expect(record.conclusion == .met, "\(lacking.map { ($0.feature, $0.evidence) })")
            return
        }
        #expect(record.conclusion == .unmet)
        #expect(lacking.contains { $0.evidence.joined().contains("introduced") }, "\(lacking.map(\.evidence))")
    }

    @Test(arguments: [
        (
            "3.10.0-1160.el7.x86_64",
            ["samples", "tracing", "networking", "xdp", "cgroup", "lsm", "ci-minimal", "guest"]
        ),
        ("4.18.0-553.el8_10.x86_64", ["lsm", "samples-all", "libbpf-selftests"]),
    ])
    func `a kernel with newer features is met for no profile by its older options`(
        release: String,
        names: [String]
    ) throws {
        let version = try #require(release.split(separator: "-").first.map { String($0) })
        let config = Self.everything(of: version, named: release)
        for name in names {
            #expect(try Self.record(name, on: config).conclusion != .met, "\(name)")
        }
    }

    @Test func `an option that a distribution brought to an older kernel counts`() throws {
        var lines = [
            "CONFIG_BPF_SYSCALL=y", "CONFIG_BPF_JIT=y", "CONFIG_SECURITY=y", "CONFIG_BPF_LSM=y", "CONFIG_BPF_EVENTS=y",
        ]
        lines += ["CONFIG_DEBUG_INFO_BTF=y", "CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS=y", "CONFIG_LSM=\"bpf\""]
        let text = generated("4.18.0-553.el8_10.x86_64", lines.joined(separator: "\n"))
        #expect(try Self.record("lsm", on: KernelConfig(parsing: Array(text.utf8))).conclusion == .met)
    }

    @Test func `a profile of which nothing is asked of a kernel is not met by it`() throws {
        let profile = try ConfigProfile(
            name: "mine",
            parsing: Array("# [for Linux kernel versions 5.7 and later]\nCONFIG_BPF_LSM=y\n".utf8)
        )
        let config = IdentifiedConfig(judgedForItself: Self.everything(of: "4.19"), source: ".config")
        let report = ConfigReport(judging: profile, against: config)
        #expect(report.conclusion == .inconclusive)
        let record = report.record()
        #expect(record.conclusion == .inconclusive)
        #expect(record.checks.last?.evidence.first?.hasPrefix("not this kernel: ") == true)
    }
}
