import Foundation
import RunModel
import Testing

@testable import GuestRun

extension MachineTests {
    /// The command with `--kernel`, as a user would see it.
    @Suite(.serialized)
    struct CommandGuestTests {
        private let folder: String
        private let marker = "assay_test=\(UUID().uuidString)"

        init() throws {
            folder = "\(NSTemporaryDirectory())/guest-command-\(UUID().uuidString)"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        }

        private func cleanUp() { try? FileManager.default.removeItem(atPath: folder) }

        private func arguments(_ samples: [String], append: String = "") throws -> [String] {
            [
                "run", "--kernel", try GuestBench.kernelPath(), "--worker", try GuestBench.worker(), "--accel", "tcg",
                "--append", "\(marker) \(append)",
            ]
                + samples.flatMap { ["--sample", $0] }
        }

        private func record() throws -> RunRecord {
            let data = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/bpf-assay-results/latest/record.json"))
            return try JSONDecoder().decode(RunRecord.self, from: data)
        }

        @Test func `samples of every family pass in a guest, and the record names the machine`() throws {
            defer { cleanUp() }
            let samples = ["networking/sockex1", "xdp/xdp1", "tracing/syscall_tp", "cgroup/test_cgrp2_sock2"]
            let ended = try GuestCommand(try arguments(samples), in: folder).end()
            #expect(ended.status == 0, "\(ended.errors)\(ended.output)")
            let record = try record()
            #expect(record.results.map(\.verdict) == [.pass, .pass, .pass, .pass])
            #expect(record.results.allSatisfy { $0.control == .refused })
            let machine = try #require(record.machines.first)
            let release = try GuestBench.kernel().release
            #expect(record.machines.count == 1 && machine.id == "vm:\(release)")
            #expect(machine.config.identity == .verified && machine.kernel.arch == "x86_64")
            let boot = try #require(machine.boot)
            #expect(boot.guests >= 1 && boot.seconds ?? 0 > 0 && boot.failures.isEmpty, "\(boot)")
            #expect(record.checks(of: machine.id).count > 20 && machine.options?["CONFIG_VETH"] == "m")
            #expect(GuestBench.processes(with: marker) == [])
        }

        @Test(arguments: [
            ("integrity", ["test_probe_write_user": "helper:bpf_probe_write_user"]),
            (
                "confidentiality",
                [
                    "test_probe_write_user": "helper:bpf_probe_write_user",
                    "test_map_in_map": "helper:bpf_probe_read_kernel",
                    "tc_l2_redirect": "helper:bpf_probe_read_kernel_str", "cpustat": "attach:tracepoint",
                    "syscall_tp": "attach:tracepoint", "trace_output": "attach:kprobe",
                    "tracex1": "helper:bpf_probe_read_kernel_str",
                    "tracex4": "attach:kprobe",
                ]
            ),
        ])
        func `what a lockdown takes away is a skip that names it, and all else runs`(
            mode: String,
            lacking: [String: String]
        ) throws {
            defer { cleanUp() }
            let samples = ["maps", "networking/tc_l2_redirect", "tracing", "xdp1"]
            let ended = try GuestCommand(try arguments(samples, append: "lockdown=\(mode)"), in: folder).end()
            #expect(ended.status == 0, "\(ended.errors)\(ended.output)")
            for result in try record().results {
                let need = lacking[result.name]
                #expect(result.verdict == (need == nil ? .pass : .skip), "\(result.sample): \(result.message)")
                #expect(result.need?.description == need && result.control == (need == nil ? .refused : .notRun))
                guard need != nil else { continue }
                #expect(result.reason == .featureMissing && result.message.contains(mode) && result.leaks == [])
                #expect(
                    result.details.first?.hasSuffix("[\(mode)]") == true
                        || result.details.first?.contains("[\(mode)] ") == true
                )
            }
        }

        @Test(arguments: [SIGINT, SIGTERM, SIGKILL])
        func `a run that is ended with guests up leaves no process and no file behind`(number: Int32) throws {
            defer { cleanUp() }
            var words = try arguments([])
            words += ["--jobs", "4"]
            let command = try GuestCommand(words, in: folder)
            // Each guest is a process beside the command; how many there are is asked once, for one may end in between.
            let deadline = Date(timeIntervalSinceNow: 120)
            var guests = 0
            while guests < 4, Date() < deadline, command.process.isRunning {
                Thread.sleep(forTimeInterval: 0.1)
                guests = GuestBench.processes(with: marker).count { $0 != command.process.processIdentifier }
            }
            #expect(guests >= 4)
            kill(command.process.processIdentifier, number)
            let ended = try command.end()
            #expect(ended.status == (number == SIGKILL ? SIGKILL : 128 + number))
            let gone = Date(timeIntervalSinceNow: 20)
            while !GuestBench.processes(with: marker).isEmpty, Date() < gone { Thread.sleep(forTimeInterval: 0.05) }
            #expect(GuestBench.processes(with: marker) == [])
            if number != SIGKILL {
                let record = try record()
                #expect(record.results.allSatisfy { $0.verdict != .fail && $0.verdict != .error })
                #expect(record.results.contains { $0.verdict == .miss })
            }
        }

        @Test(arguments: [
            ("/etc/passwd", "neither a bzImage, a vmlinux nor a unified kernel image"), ("/nowhere", "no such file"),
            ("9.9.9-none", "no such file"),
            ("/proc", "holds no kernel"),
        ])
        func `what is no kernel is refused in one line, and nothing is made`(name: String, words: String) throws {
            defer { cleanUp() }
            let ended = try GuestCommand(["run", "--kernel", name, "--worker", try GuestBench.worker()], in: folder)
                .end()
            #expect(
                ended.status == 64 && ended.errors.contains(words) && ended.errors.split(separator: "\n").count == 1
            )
            #expect(!FileManager.default.fileExists(atPath: "\(folder)/bpf-assay-results"))
        }

        @Test func `without QEMU nothing is made, and it is said what to install`() throws {
            defer { cleanUp() }
            let ended = try GuestCommand(
                try arguments(["sockex1"]),
                in: folder,
                environment: ["BPF_ASSAY_QEMU": "/nowhere/qemu"]
            ).end()
            #expect(ended.status == 69 && ended.errors.contains("apt-get install qemu-system-x86"))
            #expect(!FileManager.default.fileExists(atPath: "\(folder)/bpf-assay-results"))
        }

        @Test(arguments: [
            "#!/bin/sh\nexit 3\n", "#!/bin/sh\necho broken >&2\nkill -9 $$\n",
        ])
        func `a QEMU that dies is said to, and no sample passes`(script: String) throws {
            defer { cleanUp() }
            let qemu = "\(folder)/qemu"
            try script.write(toFile: qemu, atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: qemu)
            let begin = Date()
            // Not even where a kernel that does not start is to fail: it was never asked to.
            let words = try arguments(["sockex1"]) + ["--failed-boot", "fail"]
            let ended = try GuestCommand(words, in: folder, environment: ["BPF_ASSAY_QEMU": qemu]).end()
            #expect(ended.status == 2 && begin.timeIntervalSinceNow > -60)
            #expect(try record().results.map(\.reason) == [.bootFailed])
            #expect(GuestBench.processes(with: marker) == [])
        }

        @Test(arguments: [(["--exit-style", "bisect"], Int32(125)), (["--failed-boot", "fail"], Int32(1))])
        func `a kernel that does not start cannot be tested, or fails where that was asked for`(
            extra: [String],
            code: Int32
        ) throws {
            defer { cleanUp() }
            // A config without what virtual machines need is no verdict: it is said, and said again where the kernel fails to start.
            let config = try self.config(without: "CONFIG_BLK_DEV_INITRD=y")
            let words =
                try arguments(["sockex1"], append: "rdinit=/nothing init=/nothing") + ["--config", config] + extra
            let ended = try GuestCommand(words, in: folder).end()
            #expect(ended.status == code, "\(ended.errors)\(ended.output)")
            let record = try record()
            #expect(record.results.map(\.reason) == [.bootFailed])
            let hint =
                "its config lacks CONFIG_BLK_DEV_INITRD, which virtual machines need: 'bpf-assay check --config \(config)"
            #expect(record.results[0].message.contains("; \(hint)"), "\(record.results[0].message)")
            #expect(ended.errors.contains("vm:\(try GuestBench.kernel().release): \(hint)"))
            let boot = try #require(record.machines.first?.boot)
            #expect(
                boot.guests == 0 && boot.failures.count == 3 && boot.failures[0].contains("panicked while it started")
            )
        }

        @Test func `an image without modules beside it skips what needs them, and runs the rest`() throws {
            defer { cleanUp() }
            let kernel = try GuestBench.kernel()
            for file in [kernel.image, try #require(kernel.configCandidates.first)] {
                let name = URL(fileURLWithPath: file).lastPathComponent
                try FileManager.default.copyItem(atPath: file, toPath: "\(folder)/\(name)")
            }
            let image = "\(folder)/\(URL(fileURLWithPath: kernel.image).lastPathComponent)"
            let ended = try GuestCommand(
                ["run", "--kernel", image, "--worker", try GuestBench.worker(), "--dry-run"],
                in: folder
            ).end()
            #expect(ended.status == 0)
            let lines = ended.output.split(separator: "\n")
            #expect(
                lines.contains { $0.hasPrefix("skip vm:\(kernel.release) xdp/xdp1  # feature_missing CONFIG_VETH") }
            )
            #expect(lines.contains { $0.hasPrefix("run  vm:\(kernel.release) tracing/syscall_tp") })
        }

        @Test func `the kernels of a list are planned for, each with what is known to fail on it`() throws {
            defer { cleanUp() }
            let newer = try GuestBench.folder(ofKernel: "6.12")
            let text = """
                {"schema": "bpf-assay/kernels/1", "kernels": [
                    {"name": "one", "kernel": "\(try GuestBench.kernelPath())"},
                    {"name": "two", "kernel": "\(newer)", "deny": ["sockex1 # skip: to see it"]}]}
                """
            try text.write(toFile: "\(folder)/list.json", atomically: true, encoding: .utf8)
            let words = ["run", "--kernels", "list.json", "--sample", "sockex1", "--dry-run"]
            let ended = try GuestCommand(words, in: folder).end()
            #expect(ended.status == 0, "\(ended.errors)")
            let releases = try [GuestBench.kernel().release, GuestKernel(newer, cache: GuestBench.cache).release]
            let lines = ended.output.split(separator: "\n").prefix(2).map { String($0) }
            #expect(
                lines == [
                    "run  vm:\(releases[0]) networking/sockex1",
                    "skip vm:\(releases[1]) networking/sockex1  # deny_listed: skip: to see it",
                ]
            )
        }

        @Test func `objects of a tree that is too old to work on any kernel here are skipped`() throws {
            defer { cleanUp() }
            let sources = "\(folder)/tree/samples/bpf"
            for part in [sources, "\(folder)/tree/include/uapi"] {
                try FileManager.default.createDirectory(atPath: part, withIntermediateDirectories: true)
            }
            try "VERSION = 5\nPATCHLEVEL = 4\nSUBLEVEL = 59\n".write(
                toFile: "\(folder)/tree/Makefile",
                atomically: true,
                encoding: .utf8
            )
            try "int nothing;\n".write(toFile: "\(sources)/trace_output_kern.c", atomically: true, encoding: .utf8)
            let words = try arguments(["trace_output"]) + ["--tree", "\(folder)/tree"]
            let planned = try GuestCommand(words + ["--dry-run"], in: folder).end()
            let told = "the trace_output_kern.c of Linux 5.4.59 attaches to sys_write, which"
            #expect(
                planned.output.hasPrefix(
                    "skip vm:\(try GuestBench.kernel().release) tracing/trace_output  # feature_missing source:trace_output_kern.c: \(told)"
                )
            )
            let ended = try GuestCommand(words, in: folder).end()
            #expect(ended.status == 4 && ended.output.contains("1 skipped: no usable trace_output_kern.c"))
            let result = try #require(try record().results.first)
            #expect(
                result.need == .source("trace_output_kern.c") && result.message.hasPrefix(told),
                "\(result.message)"
            )
        }

        @Test func `an object that says it is too old is skipped as well, and one that does not is run`() throws {
            defer { cleanUp() }
            let words = try arguments(["trace_output"]) + ["--objects", folder]
            func compile(_ version: String) throws {
                let source = "\(folder)/a.c"
                try "unsigned _version __attribute__((section(\"version\"))) = \(version);\n".write(
                    toFile: source,
                    atomically: true,
                    encoding: .utf8
                )
                let object = "\(folder)/trace_output_kern.o"
                let ended = try Process.run(
                    URL(fileURLWithPath: "/usr/bin/clang"),
                    arguments: ["-target", "bpf", "-c", source, "-o", object]
                )
                ended.waitUntilExit()
                try #require(ended.terminationStatus == 0)
            }
            try compile("0x050436")
            let told =
                "'\(folder)/trace_output_kern.o' says that it was built from Linux 5.4.54: the trace_output_kern.c of Linux 5.4.54 attaches to sys_write, which"
            let planned = try GuestCommand(words + ["--dry-run"], in: folder).end()
            #expect(
                planned.output.contains("# feature_missing source:trace_output_kern.c: \(told)"),
                "\(planned.output)"
            )
            let ended = try GuestCommand(words, in: folder).end()
            #expect(ended.status == 4 && ended.output.contains("1 skipped: no usable trace_output_kern.c"))
            #expect(try record().results.first?.message.hasPrefix(told) == true)
            // It is no object of that sample at all, and is not passed over for that.
            for version in ["0x050a00", "0"] {
                try compile(version)
                let run = try GuestCommand(words, in: folder).end()
                #expect(run.status == 2, "\(run.output)")
                #expect(try record().results.map(\.verdict) == [.error])
            }
        }

        @Test func `an object that is a FIFO is no object, and nobody waits for its other end`() throws {
            defer { cleanUp() }
            try #require(mkfifo("\(folder)/trace_output_kern.o", 0o600) == 0)
            let run = try GuestCommand(try arguments(["trace_output"]) + ["--objects", folder], in: folder)
            let deadline = Date() + 60
            while run.process.isRunning, Date() < deadline { Thread.sleep(forTimeInterval: 0.05) }
            if run.process.isRunning { run.process.terminate() }
            let ended = try run.end()
            #expect(ended.status == 2, "\(ended.errors)\(ended.output)")
            #expect(try record().results.map(\.verdict) == [.error])
            #expect(try record().results[0].message.contains("it is a pipe"))
        }

        @Test func `a config that turns an option off skips what needs it`() throws {
            defer { cleanUp() }
            let kernel = try GuestBench.kernel()
            let words = [
                "run", "--kernel", kernel.image, "--config", try config(without: "CONFIG_VETH=m"), "--worker",
                try GuestBench.worker(), "--dry-run",
            ]
            let ended = try GuestCommand(words, in: folder).end()
            #expect(ended.output.contains("skip vm:\(kernel.release) xdp/xdp1  # config_missing CONFIG_VETH"))
        }

        /// The kernel's config without one of its lines.
        private func config(without line: String) throws -> String {
            let found = try #require(try GuestBench.kernel().configCandidates.first)
            let text = try String(contentsOfFile: found, encoding: .utf8)
            try #require(text.contains("\n\(line)\n"))
            let config = "\(folder)/config"
            try text.replacingOccurrences(of: "\n\(line)\n", with: "\n").write(
                toFile: config,
                atomically: true,
                encoding: .utf8
            )
            return config
        }
    }
}
