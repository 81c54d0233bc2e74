import LinuxHost
import RunModel
import SystemPackage
import Testing
import WorkerWire

@testable import SampleWorker

/// Refusals for lack of memory.
struct MemoryShortageTests {
    private func refusal(_ errno: Errno) -> SystemCallError {
        SystemCallError("bpf(BPF_MAP_CREATE)", on: "'my_map'", errno: errno)
    }

    @Test func `a refusal for lack of memory says nothing where there is little`() {
        guard case .starved(let message, let details) = MemoryShortage.frame(of: refusal(.noMemory), isShort: true)
        else {
            Issue.record("no such frame")
            return
        }
        #expect(message.contains("ENOMEM") && details.contains { $0.hasPrefix("MemAvailable: ") })
    }

    @Test func `where there is plenty, or for another reason, a refusal counts`() {
        #expect(MemoryShortage.frame(of: refusal(.noMemory), isShort: false) == nil)
        #expect(MemoryShortage.frame(of: refusal(.invalidArgument), isShort: true) == nil)
    }

    @Test func `what is available is read in MiB`() {
        #expect(MemoryShortage.available(in: "MemTotal:  1048576 kB\nMemAvailable:   102400 kB\n") == 100)
        #expect(MemoryShortage.available(in: "MemTotal:  1048576 kB\n") == nil)
    }

    @Test func `its frame travels whole`() {
        let frame = WorkerFrame.starved(message: "x", details: ["a", "b"])
        #expect(WorkerFrame(frame.json) == frame)
    }
}
