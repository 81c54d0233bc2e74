import BPFProbe
import ConfigCheck
import KernelChecks
import RunModel
import SystemPackage
import TestSupport
import Testing

/// A check of a config against profiles, from the request to the conclusion.
struct ProfileCheckTests {
    private func refusal(_ change: (inout ProfileCheck) -> Void) -> String? {
        var check = ProfileCheck()
        change(&check)
        do {
            _ = try check.prepared { _ in }
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test func `a request that contradicts itself is refused before anything is read`() {
        func words(_ change: (inout ProfileCheck) -> Void) -> String { refusal(change) ?? "" }
        #expect(words { ($0.parts, $0.isProbed) = ([.helpers], false) }.contains("--no-probe forbids"))
        #expect(words { ($0.isProbed, $0.subject.config) = (true, "/nowhere") }.contains("leave out --config"))
        #expect(words { ($0.parts, $0.subject.tree) = ([.helpers], "/nowhere") }.contains("leave out --config"))
        for change: (inout ProfileCheck) -> Void in [
            { $0.subject.isRunning = true }, { $0.subject.image = "/nowhere" }, { $0.subject.tree = "/nowhere" },
            { $0.parts = [.helpers] },
        ] {
            let words = words { check in
                check.kernel = "/nowhere"
                change(&check)
            }
            #expect(words.contains("--kernel boots it"), "\(words)")
        }
    }

    @Test func `a profile that asks for a feature nobody knows is refused with its line`() throws {
        let scratch = try ScratchFolder()
        let profile = try scratch.write("mine.config", "# [feature attach:nothing]\n")
        let words = refusal { ($0.profiles, $0.subject.config) = ([profile.string], "/nowhere") }
        #expect(words?.contains("line 1") == true && words?.contains("attach:nothing") == true, "\(words ?? "")")
    }

    private func prepared(_ config: String, _ profile: String) throws -> (ProfileCheck.Prepared, said: [String]) {
        let scratch = try ScratchFolder()
        var check = ProfileCheck()
        check.subject.config = try scratch.write("config", config).string
        check.profiles = [try scratch.write("mine.config", profile).string]
        var said: [String] = []
        return (try check.prepared { said.append($0) }, said)
    }

    @Test(arguments: [
        ("CONFIG_BPF=y", CheckConclusion.met), ("# CONFIG_BPF is not set", .unmet), ("CONFIG_NET=y", .unmet),
    ])
    func `a whole config is met or not`(line: String, expected: CheckConclusion) throws {
        let (ready, said) = try prepared(generated("6.1.0", line), "CONFIG_BPF=y\n")
        let record = ready.check.record(notes: ready.notes)
        #expect(record.conclusion == expected && said.isEmpty, "\(record.checks)")
        #expect(ready.check.probe == nil && ready.check.host == nil)
    }

    @Test func `a fragment leaves open what it does not mention`() throws {
        let (ready, _) = try prepared("CONFIG_NET=y\n", "CONFIG_BPF=y\n")
        #expect(ready.check.record(notes: []).conclusion == .inconclusive)
        #expect(ready.check.subject?.isFragment == true)
    }

    @Test func `an option that is set twice is told`() throws {
        let (_, said) = try prepared(generated("6.1.0", "CONFIG_BPF=n", "CONFIG_BPF=y"), "CONFIG_BPF=y\n")
        #expect(said.count == 1 && said[0].contains("CONFIG_BPF in line"), "\(said)")
    }

    @Test func `options that promise what the kernel does not have are a conflict`() throws {
        let scratch = try ScratchFolder()
        let file = try scratch.write("mine.config", "# [feature BPF_PROG_TYPE_SOCKET_FILTER]\n")
        let profile = try ConfigProfile.load(file.string)
        let config = KernelConfig(
            parsing: Array(generated("6.1.0", "CONFIG_NET=y", "CONFIG_BPF=y", "CONFIG_BPF_SYSCALL=y").utf8)
        )
        func conclusion(_ answer: ProbeAnswer) -> CheckConclusion {
            KernelCheck(
                subject: IdentifiedConfig(judgedForItself: config, source: "mine"),
                passedOver: [],
                profile: profile,
                version: KernelVersion("6.1.0"),
                probe: ProbeReport(programTypes: [ProbedType(name: "BPF_PROG_TYPE_SOCKET_FILTER", answer: answer)]),
                host: nil
            ).record(notes: []).conclusion
        }
        #expect(conclusion(.supported) == .met)
        #expect(conclusion(.absent) == .conflict)
    }
}
