import Testing

@testable import GuestRun

struct MachineTypeTests {
    private func line(_ change: (inout MachineSetup) -> Void = { _ in }) -> [String] {
        var setup = MachineSetup(kernel: "/k", memory: 192, accelerator: .tcg)
        change(&setup)
        return Q35().arguments(setup, EmulatorDescriptors())
    }

    private func value(_ option: String, in line: [String]) -> String? {
        line.firstIndex(of: option).map { line[$0 + 1] }
    }

    @Test func `the console is the first serial port and the results the second`() {
        let line = line()
        let ports = line.indices.filter { line[$0] == "-serial" }.map { line[$0 + 1] }
        #expect(ports == ["chardev:console", "chardev:results"])
        #expect(line.contains("socket,id=results,fd=3") && line.contains("socket,id=console,fd=4"))
        #expect(value("-initrd", in: line) == "/proc/self/fd/6" && value("-m", in: line) == "192")
    }

    @Test func `nothing of the user's or the host's is taken in, and a panic ends the machine`() {
        let line = line()
        #expect(line.contains("-nodefaults") && line.contains("-no-user-config") && line.contains("-no-reboot"))
        let words = (value("-append", in: line) ?? "").split(separator: " ")
        #expect(
            words.contains("panic=-1") && words.contains("console=ttyS0") && !words.contains { $0.hasPrefix("tsc") }
        )
    }

    @Test func `what the user appends comes last, so that it counts`() {
        let append = value("-append", in: line { $0.append = "panic=5 quiet" })
        #expect(append?.hasSuffix(" panic=5 quiet") == true)
    }

    @Test func `a machine has one processor unless more are wanted`() {
        #expect(value("-smp", in: line()) == "1" && value("-smp", in: line { $0.processors = 3 }) == "3")
    }

    @Test func `the time stamp counter's frequency is told to emulated machines only`() {
        let told = { (accelerator: Accelerator) in
            value(
                "-append",
                in: line {
                    $0.timeStampKHz = 2_299_998
                    $0.accelerator = accelerator
                }
            )?.contains("tsc_early_khz=2299998")
        }
        #expect(told(.tcg) == true && told(.kvm) == false)
    }

    @Test func `BPF joins the security modules where it is asked for`() {
        #expect(value("-append", in: line { $0.securityModules = "yama,bpf" })?.contains("lsm=yama,bpf") == true)
        #expect(value("-append", in: line())?.contains("lsm=") == false)
    }
}
