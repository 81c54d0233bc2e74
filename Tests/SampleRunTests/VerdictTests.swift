import LinuxHost
import RunModel
import SampleKit
import Testing
import WorkerWire

@testable import SampleRun

/// What became of a worker, and the verdict it makes.
struct VerdictTests {
    private func verdict(
        _ last: WorkerFrame?,
        on host: HostFacts = goodHost(),
        _ change: (inout WorkerOutcome) -> Void = { _ in }
    ) -> AttemptOutcome {
        var outcome = WorkerOutcome(allowed: 10)
        outcome.said = last.map { [$0.json.text] } ?? []
        outcome.end = ChildProcess.End(status: 0, signal: nil, cpuSeconds: 0, peakKiB: 0)
        change(&outcome)
        return AttemptOutcome(outcome, of: fakes[0], on: host)
    }

    private let right = WorkerFrame.observed(.object(["number": .integer(42)]))

    @Test func `a right observation passes, and says what it did not reach`() {
        let outcome = verdict(right)
        #expect(outcome.verdict == .pass && outcome.reason == nil && outcome.checks.count == 1)
        #expect(outcome.notReached == ["the other number"])
    }

    @Test func `a wrong observation fails with the numbers`() {
        let outcome = verdict(.observed(.object(["number": .integer(41)])))
        #expect(outcome.verdict == .fail && outcome.reason == .oracle)
        #expect(outcome.message == "the number: expected 42, found 41")
    }

    @Test func `an observation of another shape is the harness's fault`() {
        #expect(verdict(.observed(.string("42"))).verdict == .error)
    }

    @Test func `a worker that said nothing never passes`() {
        #expect(verdict(nil).verdict == .error)
        let killed = verdict(nil) { $0.end = ChildProcess.End(status: nil, signal: 11, cpuSeconds: 0, peakKiB: 0) }
        #expect(killed.verdict == .error && killed.reason == .crash && killed.message.contains("signal 11"))
    }

    @Test func `a worker that crashes after its observation never passes`() {
        let crashed = verdict(right) { $0.end = ChildProcess.End(status: nil, signal: 6, cpuSeconds: 0, peakKiB: 0) }
        #expect(crashed.verdict == .error && crashed.reason == .crash)
    }

    @Test func `time that is over is a fail even if the observation came`() {
        let late = verdict(right) { $0.timedOut = true }
        #expect(late.verdict == .fail && late.reason == .timeout)
    }

    @Test func `an interrupted sample is missing`() {
        #expect(verdict(right) { $0.interrupted = true }.verdict == .miss)
    }

    @Test func `a refusal counts against the kernel only where its options are known`() {
        let refused = WorkerFrame.refused(reason: .loadRejected, message: "EINVAL", details: ["line"])
        let known = verdict(refused)
        #expect(known.verdict == .fail && known.reason == .loadRejected && known.details == ["line"])
        var host = goodHost()
        host.options["CONFIG_FAKE"] = nil
        let unknown = verdict(refused, on: host)
        #expect(unknown.verdict == .error && unknown.message.contains("CONFIG_FAKE"))
    }

    @Test func `what only an object asks for is a skip where it is off, and a fail where it is on`() {
        let need = Need.option("CONFIG_FPROBE")
        let refused = WorkerFrame.refused(reason: .attachFailed, message: "EOPNOTSUPP", details: [], need: need)
        #expect(WorkerFrame(refused.json) == refused)
        var host = goodHost()
        host.options["CONFIG_FPROBE"] = .off
        let off = verdict(refused, on: host)
        #expect(off.verdict == .skip && off.reason == .configMissing && off.need == need)
        #expect(off.message.contains("EOPNOTSUPP"))
        host.options["CONFIG_FPROBE"] = .on
        let on = verdict(refused, on: host)
        #expect(on.verdict == .fail && on.reason == .attachFailed && on.need == nil)
        host.options["CONFIG_FPROBE"] = nil
        let unknown = verdict(refused, on: host)
        #expect(unknown.verdict == .error && unknown.message.contains("CONFIG_FPROBE"))
    }

    private let unmet = WorkerFrame.unmet(
        need: .helper("bpf_fake"),
        message: "locked down",
        details: ["none [integrity]"]
    )

    @Test func `what only the kernel can say to be lacking is a skip that names it`() {
        let outcome = verdict(unmet)
        #expect(outcome.verdict == .skip && outcome.reason == .featureMissing && outcome.need == .helper("bpf_fake"))
        #expect(outcome.message == "locked down" && outcome.details == ["none [integrity]"])
    }

    @Test func `nothing is lacking that the sample does not need, and nothing to a worker that crashed`() {
        let other = verdict(.unmet(need: .helper("bpf_other"), message: "locked down", details: []))
        #expect(other.verdict == .error && other.reason == .harness && other.need == nil)
        let crashed = verdict(unmet) { $0.end = ChildProcess.End(status: nil, signal: 6, cpuSeconds: 0, peakKiB: 0) }
        #expect(crashed.verdict == .error && crashed.reason == .crash && crashed.need == nil)
        let splat = verdict(unmet) { $0.splats = ["BUG: x"] }
        #expect(splat.verdict == .fail && splat.reason == .splat && splat.need == nil)
    }

    @Test func `a drifted layout is a fail whatever is known of the options`() {
        var host = goodHost()
        host.options = [:]
        let drifted = WorkerFrame.refused(reason: .oracle, message: "drift", details: [])
        #expect(verdict(drifted, on: host).verdict == .fail)
    }

    @Test func `a warning of the kernel turns a pass into a fail`() {
        let outcome = verdict(right) { $0.splats = ["WARNING: CPU: 0 PID: 1 at kernel/bpf/x.c"] }
        #expect(outcome.verdict == .fail && outcome.reason == .splat)
        let failed = verdict(.observed(.object(["number": .integer(41)]))) { $0.splats = ["BUG: x"] }
        #expect(failed.reason == .oracle && failed.splats == ["BUG: x"])
    }
}
