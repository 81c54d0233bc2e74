import FoundationEssentials
import RunModel
import SystemPackage
import TestSupport
import Testing

@testable import ConfigCheck

/// Mistakes that other checkers are known to make.
@Suite struct TrapTests {
    private static let kernel = RunningKernel(release: "6.18.44-fc", version: "#1 SMP PREEMPT_DYNAMIC")

    @Test func `a stale file in boot beside the kernel's own config is seen and named`() throws {
        let root = try ScratchFolder()
        try root.write("proc/config.gz", try gzip(Array(generated("6.18.44", "CONFIG_BPF_SYSCALL=y").utf8)))
        let stale = try root.write("boot/config-6.18.44-fc", generated("6.18.2", "# CONFIG_BPF_SYSCALL is not set"))
        let running = RunningConfig(of: Self.kernel, root: root.path)
        #expect(running.found?.config["CONFIG_BPF_SYSCALL"] == .builtIn)
        #expect(
            running.contradicted
                == ["\(stale): suspect, its header says 6.18.2, the running kernel is 6.18.44-fc"]
        )
    }

    @Test func `a file that claims to be this kernel's and says otherwise is named with an option`() throws {
        let root = try ScratchFolder()
        let own = generated("6.18.44", "CONFIG_BPF_SYSCALL=y", "# CONFIG_A is not set", "CONFIG_HZ=250")
        let proc = try root.write("proc/config.gz", try gzip(Array(own.utf8)))
        let other = generated("6.18.44", "# CONFIG_BPF_SYSCALL is not set", "CONFIG_HZ=250", "CONFIG_B=n")
        let file = try root.write("boot/config-6.18.44-fc", other)
        try root.write("usr/lib/modules/6.18.44-fc/config", own)
        #expect(
            RunningConfig(of: Self.kernel, root: root.path).contradicted == [
                "\(file): it differs from \(proc) in 1 options, such as CONFIG_BPF_SYSCALL, which is not set there and y here"
            ]
        )
    }

    @Test func `a stale file that was looked at first contradicts too`() throws {
        let root = try ScratchFolder()
        try root.write("boot/config-6.18.44-fc", generated("6.18.2", "CONFIG_BPF=y"))
        #expect(RunningConfig(of: Self.kernel, root: root.path).contradicted.isEmpty)
        try root.write("usr/lib/modules/6.18.44-fc/config", generated("6.18.44", "CONFIG_BPF=y"))
        let running = RunningConfig(of: Self.kernel, root: root.path)
        #expect(running.contradicted.count == 1)
        #expect(running.found?.isTrusted == true)
    }

    @Test func `an option that ended in 4.6 is not asked of a new kernel`() throws {
        let config = generated("6.18.44", "CONFIG_BPF=y", "CONFIG_HAVE_EBPF_JIT=y")
        let checks = report(try .load("bcc"), on: config).checks
        #expect(checks.first { $0.feature == "CONFIG_HAVE_BPF_JIT" }?.verdict == .notApplicable)
        #expect(checks.first { $0.feature == "CONFIG_HAVE_EBPF_JIT" }?.verdict == .met)
        let old = generated("4.4.178", "CONFIG_BPF=y", "CONFIG_HAVE_BPF_JIT=y")
        let before = report(try .load("bcc"), on: old).checks
        #expect(before.first { $0.feature == "CONFIG_HAVE_BPF_JIT" }?.verdict == .met)
        #expect(before.first { $0.feature == "CONFIG_HAVE_EBPF_JIT" }?.verdict == .notApplicable)
    }

    @Test func `BPF_EVENTS with uprobes alone does not make kprobes`() throws {
        let config = generated(
            "6.18.44",
            "CONFIG_BPF_SYSCALL=y",
            "CONFIG_PERF_EVENTS=y",
            "CONFIG_UPROBE_EVENTS=y",
            "CONFIG_BPF_EVENTS=y",
            "CONFIG_HAVE_KPROBES=y",
            "# CONFIG_KPROBES is not set"
        )
        for (name, weight) in [
            ("tracing", CheckResult.Weight.required), ("samples-all", .required), ("samples", .optional),
        ] {
            let checks = report(try .load(name), on: config).checks
            #expect(checks.first { $0.feature == "CONFIG_BPF_EVENTS" }?.verdict == .met)
            let kprobes = try #require(checks.first { $0.feature == "CONFIG_KPROBE_EVENTS" })
            #expect(kprobes.verdict == .unmet && kprobes.weight == weight, "\(name)")
            #expect(kprobes.evidence.contains { $0.hasPrefix("CONFIG_KPROBE_EVENTS depends on CONFIG_KPROBES") })
        }
    }

    @Test func `line ends of another system and repeated options change no verdict`() throws {
        let unix = generated("6.1.192", "CONFIG_BPF_SYSCALL=n", "CONFIG_BPF_SYSCALL=y", "CONFIG_LSM=\"landlock,bpf\"")
        let dos = unix.replacing("\n", with: "\r\n")
        let asked = try profile("CONFIG_BPF_SYSCALL=y\nCONFIG_LSM=\"landlock,bpf\"\n")
        #expect(report(asked, on: dos).conclusion == .met)
        #expect(parsed(dos).entries.mapValues(\.value) == parsed(unix).entries.mapValues(\.value))
        #expect(parsed(dos).duplicates.map(\.line) == parsed(unix).duplicates.map(\.line))
    }

    @Test func `a file of 200 MB is refused before it is read, and so is one that inflates to it`() throws {
        let folder = try ScratchFolder()
        let file = try folder.write("large.config", "CONFIG_BPF=y\n")
        let descriptor = try FileDescriptor.open(file, .readWrite)
        // Sparse: the file system holds a few blocks of it.
        try descriptor.closeAfter { try descriptor.resize(to: 200_000_000) }
        let zeroes = try gzip([UInt8](repeating: UInt8(ascii: "\n"), count: 200_000_000))
        for path in [file, try folder.write("large.gz", zeroes)] {
            #expect {
                try KernelConfigSource.file(path).read()
            } throws: {
                "\($0)".hasSuffix("more than 8 MiB, so it is no kernel config")
                    || "\($0)".hasSuffix("larger than 8 MiB, so it is no kernel config")
            }
        }
    }
}
