import SystemPackage
import Testing

@testable import BPFProbe

/// Answers are told apart by comparison with canaries; the kernels' words here are made up.
struct CanaryTests {
    private static func said(_ errno: Errno?, _ lines: String...) -> HelperCanaries.Said {
        HelperCanaries.Said(errno: errno, log: Array(lines.joined(separator: "\n").utf8))
    }

    private static func kernel(no: String, unknown: String) -> HelperCanaries? {
        HelperCanaries(
            refused: said(.invalidArgument, "0: (85) call bpf_first#44", "\(no) bpf_first#44", "2 steps in 17 usec"),
            unknown: said(.invalidArgument, "0: (85) call unknown#7", "\(unknown) unknown#7")
        )
    }

    @Test(arguments: [("no entry for", "no such call"), ("keep off", "never heard of")])
    func `a refusal is recognised in any words, whatever helper it names`(no: String, unknown: String) throws {
        let canaries = try #require(Self.kernel(no: no, unknown: unknown))
        #expect(canaries.likeness(of: Self.said(.invalidArgument, "0: (85) call bpf_b#9", "\(no) bpf_b#9")) == .refused)
        #expect(canaries.likeness(of: Self.said(.invalidArgument, "\(unknown) unknown#300")) == .unknown)
    }

    @Test func `success and a complaint about arguments both mean that the call is allowed`() throws {
        let canaries = try #require(Self.kernel(no: "no", unknown: "what"))
        #expect(canaries.likeness(of: Self.said(nil)) == .accepted)
        #expect(canaries.likeness(of: Self.said(.permissionDenied, "no bpf_b#9")) == .accepted)
    }

    @Test func `what is like no canary, or like two, is undecided`() throws {
        let canaries = try #require(Self.kernel(no: "no", unknown: "what"))
        #expect(canaries.likeness(of: Self.said(.invalidArgument, "R1 must be a number")) == .other)
        #expect(canaries.likeness(of: Self.said(.invalidArgument)) == .other)
        #expect(canaries.likeness(of: Self.said(.notPermitted, "no bpf_b#9")) == .other)
        #expect(canaries.likeness(of: Self.said(.noMemory, "no bpf_b#9")) == .other)
        #expect(canaries.likeness(of: Self.said(.invalidArgument, "no bpf_b#9", "what bpf_b#9")) == .other)
        #expect(canaries.likeness(of: Self.said(.unsupportedByVerifier, "no bpf_b#9")) == .unsupported)
    }

    @Test func `a reason leaves out the figures that the kernel gives with every refusal`() throws {
        let canaries = try #require(Self.kernel(no: "no", unknown: "what"))
        let said = Self.said(.invalidArgument, "R1 must be 7", "processed 1 insns")
        #expect(canaries.summary(said).hasSuffix("(EINVAL): R1 must be 7; processed 1 insns"))
        let figures = try #require(
            HelperCanaries(
                refused: Self.said(.invalidArgument, "no a#1", "took 3 usec"),
                unknown: Self.said(.invalidArgument, "what b#2", "took 71 usec")
            )
        )
        #expect(figures.summary(Self.said(.invalidArgument, "R1 must be 7", "took 9 usec")).hasSuffix(": R1 must be 7"))
    }

    @Test func `canaries that do not behave give no verdicts at all`() {
        let refused = Self.said(.invalidArgument, "no bpf_b#9")
        #expect(HelperCanaries(refused: refused, unknown: refused) == nil)
        #expect(HelperCanaries(refused: Self.said(nil), unknown: refused) == nil)
        #expect(HelperCanaries(refused: refused, unknown: Self.said(.notPermitted, "go away")) == nil)
        #expect(HelperCanaries(refused: Self.said(.invalidArgument), unknown: refused) == nil)
    }

    @Test func `sleeping and misplaced helpers have canaries of their own`() throws {
        var canaries = try #require(Self.kernel(no: "no", unknown: "what"))
        canaries.learn(
            sleeping: Self.said(.invalidArgument, "0: (85) call bpf_s#148", "wake up"),
            unknown: Self.said(.invalidArgument, "0: (85) call unknown#7", "what unknown#7")
        )
        canaries.learn(
            misplaced: Self.said(.invalidArgument, "0: (85) call bpf_p#147", "not here"),
            unknown: Self.said(.invalidArgument, "0: (85) call unknown#7", "what unknown#7")
        )
        #expect(canaries.likeness(of: Self.said(.invalidArgument, "0: (85) call bpf_t#2", "wake up")) == .sleeping)
        #expect(canaries.likeness(of: Self.said(.invalidArgument, "not here")) == .misplaced)
    }
}
