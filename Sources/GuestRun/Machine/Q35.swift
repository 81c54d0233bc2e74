import GuestWire

/// QEMU's q35 for x86-64: it has the timers (HPET, PM timer) without which a kernel's start hangs on a busy host, as
/// `microvm` does in most boots.
public struct Q35: MachineType {
    /// Creates the type.
    public init() {}

    /// `qemu-system-x86_64`.
    public var program: String { "qemu-system-x86_64" }
    /// `x86_64`.
    public var architecture: String { "x86_64" }

    /// The arguments of QEMU behind its name.
    public func arguments(_ setup: MachineSetup, _ descriptors: EmulatorDescriptors) -> [String] {
        var arguments = ["-machine", "q35", "-accel", setup.accelerator.rawValue]
        // With an instruction for random numbers the kernel's generator is ready at once. Without, the first process waits
        // for it longer than all else takes: Swift seeds its hashes, and getrandom(2) blocks until then.
        arguments += ["-cpu", setup.accelerator == .kvm ? "host" : "qemu64,+rdrand"]
        arguments += ["-smp", "\(setup.processors)", "-m", "\(setup.memory)", "-nodefaults", "-no-user-config"]
        arguments += ["-display", "none", "-no-reboot", "-kernel", setup.kernel]
        arguments += ["-initrd", "/proc/self/fd/\(descriptors.initramfs)"]
        // The order of -serial gives ttyS0 and ttyS1, which need no driver that is a module anywhere.
        for (name, number) in [("console", descriptors.console), ("results", descriptors.results)] {
            arguments += ["-chardev", "socket,id=\(name),fd=\(number)", "-serial", "chardev:\(name)"]
        }
        arguments += [
            "-chardev", "socket,id=control,fd=\(descriptors.control)", "-mon", "chardev=control,mode=control",
        ]
        arguments += ["-device", "isa-debug-exit,iobase=0x\(String(GuestLayout.exitPort, radix: 16)),iosize=0x04"]
        return arguments + ["-append", commandLine(setup)]
    }

    /// The kernel's command line.
    func commandLine(_ setup: MachineSetup) -> String {
        var words = [
            "console=ttyS0", "panic=-1", "oops=panic", "cryptomgr.notests", "mitigations=off", "printk.devkmsg=on",
            "log_buf_len=4M", "random.trust_cpu=on",
            // With PREEMPT_RT the serial port's interrupts are counted as handled when their thread has run, once for thousands
            // of bytes. After an answer of 100 kB the kernel would switch the interrupt off, and the next ones would take seconds.
            "noirqdebug",
        ]
        if setup.accelerator == .tcg {
            // Under emulation the check of the timer's interrupt panics some kernels now and then.
            words.append("no_timer_check")
            if let frequency = setup.timeStampKHz { words.append("tsc_early_khz=\(frequency)") }
        }
        if let modules = setup.securityModules { words.append("lsm=\(modules)") }
        if !setup.append.isEmpty { words.append(setup.append) }
        return words.joined(separator: " ")
    }
}
