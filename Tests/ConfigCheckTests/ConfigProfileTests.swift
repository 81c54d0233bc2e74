import FoundationEssentials
import RunModel
import SystemPackage
import TestSupport
import Testing

@testable import ConfigCheck

@Suite struct ConfigProfileTests {
    @Test func `the profile of bcc's list is read as it was written down`() throws {
        let core = try ConfigProfile.load("bcc")
        #expect(core.name == "bcc")
        #expect(
            core.requirements.map(\.configLine) == [
                "CONFIG_BPF=y", "CONFIG_BPF_SYSCALL=y", "CONFIG_NET_CLS_BPF=m", "CONFIG_NET_ACT_BPF=m",
                "CONFIG_BPF_JIT=y", "CONFIG_HAVE_BPF_JIT=y", "CONFIG_HAVE_EBPF_JIT=y", "CONFIG_BPF_EVENTS=y",
                "CONFIG_NET_SCH_SFQ=m", "CONFIG_NET_ACT_POLICE=m", "CONFIG_NET_ACT_GACT=m", "CONFIG_DUMMY=m",
                "CONFIG_VXLAN=m",
            ]
        )
        let optional = core.requirements.filter(\.isOptional)
        let examples = Array(repeating: ["bcc's networking examples"], count: 5)
        #expect(optional.map(\.purposes) == [["tc filters"], ["tc actions"], ["kprobes"]] + examples)
        #expect(core.requirements.compactMap { $0.versions?.description } == ["4.1 through 4.6", "4.7 and later"])
    }

    @Test func `the core profile requires of a kernel what BPF itself needs, and no place to attach`() throws {
        let core = try ConfigProfile.load("core")
        let required = core.features.filter { $0.weight == .required }.map(\.name)
        #expect(core.requirements.map(\.configLine) == ["CONFIG_BPF_SYSCALL=y", "CONFIG_BPF_JIT=y"])
        #expect(
            required == [
                "BPF_MAP_TYPE_ARRAY", "BPF_MAP_TYPE_HASH", "BPF_PROG_TYPE_SOCKET_FILTER", "attach:socket_filter",
            ]
        )
    }

    @Test func `a guest's kernel is asked for file locks`() throws {
        // Without them flock(2) is ENOSYS, and what a dead run left behind is not swept.
        let guest = try ConfigProfile.load("guest").requirements
        #expect(guest.contains { $0.configLine == "CONFIG_FILE_LOCKING=y" })
    }

    @Test func `every file in kconfig/profiles is built in under its name`() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "kconfig/profiles")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(files.sorted() == ConfigProfile.builtInNames.map { "\($0).config" }.sorted())
        for name in ConfigProfile.builtInNames {
            let file = try ConfigProfile.load(folder.appending(path: "\(name).config").path)
            #expect(try ConfigProfile.load(name) == file)
        }
    }

    @Test(arguments: ConfigProfile.builtInNames)
    func `every option of a profile says what it is for and is a known one`(name: String) throws {
        let profile = try ConfigProfile.load(name)
        #expect(profile.requirements.allSatisfy { !$0.purposes.isEmpty })
        #expect(profile.features.allSatisfy { !$0.purposes.isEmpty })
        // What a virtual machine needs is known before there is a kernel that could be asked.
        #expect(profile.features.allSatisfy { $0.name.hasPrefix("subsystem:") } == (name == "guest"))
        #expect(profile.requirements.allSatisfy { OptionFact.named($0.option) != nil })
    }

    @Test func `a note holds for the next option only`() throws {
        let read = try profile("# [optional, for x]\n\n# a comment\nCONFIG_A=y\nCONFIG_B=y\n")
        #expect(read.requirements.map(\.isOptional) == [true, false])
        #expect(read.requirements.map(\.purposes) == [["x"], []])
        #expect(read.requirements.map(\.line) == [4, 5])
    }

    @Test func `notes combine in one bracket or in several`() throws {
        let read = try profile(
            """
            # [optional, for xdp, tc and lwt, for Linux kernel versions 4.1 and later]
            CONFIG_A=y
            #  [Optional]
            # [for x]
            # [Linux next only] ask Daniel
            # CONFIG_B is not set
            """
        )
        #expect(read.requirements[0].purposes == ["xdp, tc and lwt"])
        #expect(read.requirements[0].versions?.description == "4.1 and later")
        #expect(read.requirements[1].isOptional)
        #expect(read.requirements[1].purposes == ["x"])
        #expect(read.requirements[1].remarks == ["Linux next only", "ask Daniel"])
        #expect(read.requirements[1].wanted == .notSet)
    }

    @Test(arguments: [
        (
            "4.1 through 4.6", [KernelVersion(4, 1), KernelVersion(4, 6, 7)],
            [KernelVersion(4, 0, 9), KernelVersion(4, 7)]
        ),
        ("4.1 through 4.6.2", [KernelVersion(4, 6, 2)], [KernelVersion(4, 6, 3)]),
        ("4.7 and later", [KernelVersion(4, 7), KernelVersion(6, 18, 44)], [KernelVersion(4, 6, 7)]),
        ("4.6 and earlier", [KernelVersion(3, 18), KernelVersion(4, 6, 7)], [KernelVersion(4, 7)]),
        ("4.4", [KernelVersion(4, 4), KernelVersion(4, 4, 178)], [KernelVersion(4, 3), KernelVersion(4, 5)]),
        ("4.4.178", [KernelVersion(4, 4, 178)], [KernelVersion(4, 4, 179)]),
    ])
    func `a range includes both ends`(text: String, inside: [KernelVersion], outside: [KernelVersion]) throws {
        let range = try #require(KernelVersionRange(text))
        #expect(inside.allSatisfy(range.contains))
        #expect(!outside.contains(where: range.contains))
        #expect(range.description == text)
    }

    @Test(arguments: [
        "", "4", "4.6 through 4.1", "4.1 trough 4.6", "4.1 through", "4.1-4.6", "4.1.2.3", "4.", "4.x and later",
        "99999999999999999999.1", "later",
    ])
    func `a range that makes no sense is none`(text: String) {
        #expect(KernelVersionRange(text) == nil)
    }

    @Test(arguments: [
        ("CONFIG_A\n", "line 1: CONFIG_A has no value"),
        ("# [optional\nCONFIG_A=y\n", "line 1: the note '[optional' has no closing bracket"),
        (
            "CONFIG_A=y\n# [optional]\n",
            "line 2: no option follows the note; what is said of a feature stands in the feature's own brackets"
        ),
        (
            "# [optional]\n# [feature attach:xdp]\nCONFIG_A=y\n",
            "line 2: no option follows the note; what is said of a feature stands in the feature's own brackets"
        ),
        ("# [for x, feature attach:xdp]\n", "line 1: the feature 'attach:xdp' must stand first in its brackets"),
        (
            "# [feature xdp]\n",
            "line 1: 'xdp' names no feature; "
                + "write BPF_PROG_TYPE_X, BPF_MAP_TYPE_X, BPF_LINK_TYPE_X, attach:x, effect:x or subsystem:x"
        ),
        (
            "# [optional, recommended]\nCONFIG_A=y\n",
            "line 1: 'recommended' contradicts what the same note says before; keep one of the two"
        ),
        (
            "# [for Linux kernel versions 4.1 trough 4.6]\nCONFIG_A=y\n",
            "line 1: '4.1 trough 4.6' names no kernel versions; "
                + "write '4.1 through 4.6', '4.7 and later' or '4.6 and earlier'"
        ),
        (
            "# [for Linux kernel version 4.1, for Linux kernel version 4.2]\nCONFIG_A=y\n",
            "line 1: '4.2' is a second range of kernel versions for one option"
        ),
        (
            "CONFIG_A=y\nCONFIG_A=m\n",
            "line 2: CONFIG_A is asked for with another value in line 1; keep one of the two"
        ),
        ("# nothing\n", "it asks for no option and no feature; give a file with CONFIG_ lines"),
    ])
    func `a profile that makes no sense is refused with its line`(text: String, message: String) {
        #expect {
            try profile(text)
        } throws: {
            "\($0)" == "reading the profile 'mine': \(message)"
        }
    }

    @Test func `an option asked for twice alike is asked once and ranges may differ`() throws {
        #expect(try profile("CONFIG_A=y\nCONFIG_A=y\n").requirements.count == 1)
        let ranged = """
            # [for Linux kernel versions 4.1 and earlier]
            CONFIG_A=y
            # [for Linux kernel versions 4.2 and later]
            CONFIG_A=m
            """
        #expect(try profile(ranged).requirements.count == 2)
    }

    @Test func `a feature's line stands for itself and leaves the options as they are`() throws {
        let read = try profile(
            """
            # [for x]
            CONFIG_A=y
            # [feature attach:kprobe, optional, for kprobe samples, for Linux kernel versions 4.1 and later] see A
            # [feature BPF_PROG_TYPE_TRACING/BPF_TRACE_FENTRY]
            # [Recommended]
            CONFIG_B=y
            # [feature effect:lsm, recommended, for a, b and c]
            """
        )
        #expect(read.requirements.map(\.weight) == [.required, .recommended])
        #expect(read.requirements.map(\.isOptional) == [false, true])
        #expect(
            read.features.map(\.name) == ["attach:kprobe", "BPF_PROG_TYPE_TRACING/BPF_TRACE_FENTRY", "effect:lsm"]
        )
        #expect(read.features.map(\.weight) == [.optional, .required, .recommended])
        #expect(read.features.map(\.purposes) == [["kprobe samples"], [], ["a, b and c"]])
        #expect(read.features.map { $0.versions?.description } == ["4.1 and later", nil, nil])
        #expect(read.features.map(\.line) == [3, 4, 7])
        #expect(read.features[0].remarks == ["see A"])
    }

    @Test func `joined profiles ask for a feature once and the one that fails most holds`() throws {
        let first = try profile("# [feature attach:xdp, optional]\n# [feature effect:lsm]\n", name: "first")
        let second = try profile("# [feature attach:xdp, recommended, for y]\n# [feature effect:lsm, optional]\n")
        let joined = ConfigProfile(joining: [first, second])
        #expect(joined.features.map(\.name) == ["attach:xdp", "effect:lsm"])
        #expect(joined.features.map(\.weight) == [.recommended, .required])
        #expect(joined.features[0].purposes == ["y"])
        #expect(ConfigProfile(joining: [second, first]).features.map(\.weight) == [.recommended, .required])
    }

    @Test func `what is recommended is named before what is optional and fails nothing`() throws {
        let asked = try profile("# [optional, for x]\nCONFIG_A=y\n# [recommended, for y]\nCONFIG_B=y\n")
        let report = report(asked, on: whole("CONFIG_Z=y"))
        #expect(report.conclusion == .met)
        #expect(report.missingOptional.map(\.requirement.option) == ["CONFIG_B", "CONFIG_A"])
        #expect(report.fixFragment.contains("# Recommended, for y:\n# CONFIG_B=y\n# Optional, for x:\n# CONFIG_A=y\n"))
    }

    @Test func `joined profiles ask once and required beats optional`() throws {
        let first = try profile("# [optional]\nCONFIG_A=y\nCONFIG_B=m\n", name: "first")
        let second = try profile("CONFIG_A=y\nCONFIG_B=y\n", name: "second")
        let joined = ConfigProfile(joining: [first, second])
        #expect(joined.name == "first+second")
        #expect(joined.requirements.map(\.configLine) == ["CONFIG_A=y", "CONFIG_B=m", "CONFIG_B=y"])
        #expect(joined.requirements[0].isOptional == false)
        let fix = report(joined, on: whole("CONFIG_Z=y")).fixFragment
        #expect(report(joined, on: whole(fix)).conclusion == .met)
    }

    @Test func `a profile is loaded by name or by path and a wrong one names the choice`() throws {
        let folder = try ScratchFolder()
        let file = try folder.write("mine.config", "CONFIG_A=y\r\n")
        #expect(try ConfigProfile.load(file.string).name == "mine")
        #expect {
            try ConfigProfile.load("kore")
        } throws: {
            "\($0)"
                == "reading the profile 'kore': no such file, and the built-in ones are core, bcc, samples, tracing, networking, "
                + "xdp, cgroup, lsm, ci-minimal, guest, samples-all and libbpf-selftests; "
                + "give one of these or a path"
        }
        let missing = folder.path.appending("core")
        #expect {
            try ConfigProfile.load(missing.string)
        } throws: {
            "\($0)" == "reading the profile '\(missing)': no such file; check the path"
        }
    }

    @Test func `what features need is asked for like an option, once, and only where nobody asks for it`() throws {
        let asked = try profile("CONFIG_A=y\n# [feature attach:x]\n")
        func need(_ anyOf: [String], _ weight: CheckResult.Weight = .required, _ purpose: String = "attach:x")
            -> ConfigProfile.OptionNeed
        { ConfigProfile.OptionNeed(anyOf: anyOf, weight: weight, purpose: purpose) }
        let config = KernelConfig(parsing: Array("CONFIG_D=y\n".utf8))
        let joined = asked.adding(
            [
                need(["CONFIG_A"]), need(["CONFIG_C", "CONFIG_D"]), need(["CONFIG_E"], .optional),
                need(["CONFIG_E"], .required, "attach:y"), need(["CONFIG_NET_CLS_BPF"]),
            ],
            to: config,
            of: KernelVersion(6, 1)
        )
        #expect(joined.requirements.map(\.option) == ["CONFIG_A", "CONFIG_D", "CONFIG_E", "CONFIG_NET_CLS_BPF"])
        #expect(joined.requirements.map(\.weight) == [.required, .required, .required, .required])
        #expect(joined.requirements[2].purposes == ["attach:x", "attach:y"])
        // A module does where the option can be one.
        #expect(joined.requirements.map(\.wanted) == [.builtIn, .builtIn, .builtIn, .module])
    }
}
