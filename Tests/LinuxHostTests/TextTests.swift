import SystemPackage
import Testing

@testable import LinuxHost

struct SystemCallErrorTests {
    @Test func `an error names the call, the object and the errno in words and by symbol`() {
        let error = SystemCallError("open(2)", on: "'/nowhere'", errno: .noSuchFileOrDirectory)
        #expect("\(error)" == "open(2) on '/nowhere': no such file or directory (ENOENT)")
    }

    @Test func `a number that is no errno is shown as a number`() {
        #expect(Errno(rawValue: 9999).named.contains("9999"))
    }

    @Test func `opening what is not there says so`() {
        let error = #expect(throws: SystemCallError.self) { try SmallFile.read("/nowhere/at/all") }
        #expect(error?.errno == .noSuchFileOrDirectory)
    }
}

struct ProcessorListTests {
    @Test(arguments: [
        ("0\n", [0]), ("0-3\n", [0, 1, 2, 3]), ("0-1,4,6-7", [0, 1, 4, 6, 7]), ("", []), ("3-1,x,-", []),
    ])
    func `a list of processors is read`(text: String, numbers: [Int32]) {
        #expect(Processors.parse(list: text) == numbers)
    }
}

struct KernelLogTests {
    @Test(arguments: [
        "WARNING: CPU: 1 PID: 42 at kernel/bpf/verifier.c:1 check+0x0/0x10", "BUG: unable to handle page fault",
        "watchdog: BUG: soft lockup - CPU#0 stuck for 22s!", "INFO: task kworker blocked for more than 120 seconds.",
        "UBSAN: array-index-out-of-bounds in net/core/filter.c:1:2",
    ])
    func `a report of the kernel against itself is a splat`(line: String) {
        #expect(KernelLog.isSplat(line))
    }

    @Test(arguments: ["device v0 entered promiscuous mode", "audit: BUG report sent", "loading WARNING.ko", ""])
    func `other lines are none`(line: String) {
        #expect(!KernelLog.isSplat(line))
    }

    @Test(arguments: [
        ("4,101,5,-;WARNING: CPU: 0\n SUBSYSTEM=bpf\n", "WARNING: CPU: 0"), ("0,1,2,-;a;b\n", "a;b"),
        ("6,1,2,-,caller=T1;x\n", "x"),
    ])
    func `a line of the kernel is taken out of its record`(record: String, line: String) {
        #expect(KernelLog.kernelLine(ofRecord: Array(record.utf8)[...]) == line)
    }

    @Test(arguments: ["12,101,5,-;WARNING: CPU: 0\n", "8,1,2,-;BUG: x\n", "x", "", "4,", "4;x", "44,1;x"])
    func `what a process has written to the log is not the kernel's`(record: String) {
        #expect(KernelLog.kernelLine(ofRecord: Array(record.utf8)[...]) == nil)
    }

    @Test func `a kill for lack of memory is told apart`() {
        #expect(KernelLog.isMemoryKill("Out of memory: Killed process 77 (x) total-vm:1kB"))
        #expect(
            !KernelLog.isMemoryKill("x: Out of memory: Killed process 77")
                && !KernelLog.isSplat("Out of memory: Killed process 77")
        )
    }
}
