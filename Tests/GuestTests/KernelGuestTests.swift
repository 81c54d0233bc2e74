import FileBytes
import Foundation
import RunModel
import Testing

@testable import GuestRun

extension MachineTests {
    /// Real kernels with the real worker, and kernels from which something is missing.
    @Suite(.serialized)
    struct KernelGuestTests {
        private func setup(_ kernel: GuestKernel) throws -> GuestSetup {
            try GuestSetup(kernel: kernel, worker: try GuestBench.worker())
        }

        @Test func `a kernel answers in a guest what BPF it has`() throws {
            let report = try GuestProbe.run(try setup(try GuestBench.kernel()))
            let types = Dictionary(
                report.programTypes.map { ($0.title, $0.answer) },
                uniquingKeysWith: { first, _ in first }
            )
            #expect(types["BPF_PROG_TYPE_XDP"] == .supported && types["BPF_PROG_TYPE_KPROBE"] == .supported)
            let maps = Dictionary(report.mapTypes.map { ($0.name, $0.answer) }, uniquingKeysWith: { first, _ in first })
            #expect(maps["BPF_MAP_TYPE_HASH"] == .supported && report.mapTypes.count > 25)
        }

        @Test func `what is found beside an image is its config and its modules`() throws {
            let kernel = try GuestBench.kernel()
            #expect(kernel.isDirect && kernel.hasTypes == true && kernel.banner?.contains(kernel.release) == true)
            #expect(kernel.configCandidates.contains { $0.hasSuffix("config-\(kernel.release)") })
            #expect(kernel.modules?.has("veth") == true && kernel.modules?.has("no-such-module") == false)
            #expect(try #require(kernel.modules).load(["veth"]).map(\.name) == ["veth.ko"])
        }

        @Test func `an image that was cut short is refused, and nothing of it is kept`() throws {
            let folder = try temporaryFolder()
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let whole = try Data(contentsOf: URL(fileURLWithPath: try GuestBench.kernel().image))
            let path = "\(folder)/vmlinuz"
            try whole.prefix(whole.count / 2).write(to: URL(fileURLWithPath: path))
            #expect {
                _ = try GuestKernel(path, cache: CacheFolder(path: "\(folder)/cache"))
            } throws: { error in
                if case .truncated = (error as? GuestKernelError)?.cause { true } else { false }
            }
            var damaged = Array(whole)
            for index in 0..<4096 { damaged[whole.count / 2 + index] = 0 }
            try Data(damaged).write(to: URL(fileURLWithPath: path))
            #expect {
                _ = try GuestKernel(path, cache: CacheFolder(path: "\(folder)/cache"))
            } throws: { error in
                if case .damaged = (error as? GuestKernelError)?.cause { true } else { false }
            }
            #expect(!FileManager.default.fileExists(atPath: "\(folder)/cache/vmlinux"))
        }

        @Test func `a kernel whose types are damaged boots, and is asked what it has`() throws {
            let folder = try temporaryFolder()
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let kernel = try GuestBench.kernel()
            var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: kernel.bootFile)))
            let types = try #require(ELFImage(bytes)?.contents(ofSection: ".BTF")?.range)
            for index in types.lowerBound..<(types.lowerBound + 24) { bytes[index] = 0 }
            let path = "\(folder)/vmlinux"
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            let report = try GuestProbe.run(try setup(try GuestKernel(path, cache: nil)))
            // Such a kernel refuses programs that it would load otherwise; maps need no types.
            #expect(report.programTypes.contains { $0.name == "BPF_PROG_TYPE_TRACING" && $0.answer != .supported })
            #expect(report.mapTypes.contains { $0.name == "BPF_MAP_TYPE_HASH" && $0.answer == .supported })
        }

        @Test func `a kernel that cannot switch a machine off ends it by a restart`() throws {
            // Locked down, it does not let go of QEMU's port either.
            let (results, guests) = GuestBench.run(
                ["good", "good2"],
                try GuestBench.unruly(append: "acpi=off lockdown=integrity")
            )
            #expect(results.map(\.verdict) == [.pass, .pass] && guests == 1, "\(results)")
        }

        @Test func `without a cache the image itself is booted`() throws {
            let kernel = try GuestKernel(try GuestBench.kernelPath(), cache: CacheFolder(path: "/proc/nothing"))
            #expect(!kernel.isDirect && kernel.bootFile == kernel.image && !kernel.notes.isEmpty)
            let (results, _) = GuestBench.run(["good"], try unruly(kernel))
            #expect(results.map(\.verdict) == [.pass])
        }

        private func unruly(_ kernel: GuestKernel) throws -> GuestSetup {
            var setup = try GuestBench.unruly()
            setup.machine.kernel = kernel.bootFile
            return setup
        }

        @Test func `a worker that needs libraries is refused before anything starts`() throws {
            #expect(throws: GuestSetupError.self) { try GuestSetup(kernel: try GuestBench.kernel(), worker: "/bin/sh") }
            #expect(throws: GuestSetupError.self) {
                try GuestSetup(kernel: try GuestBench.kernel(), worker: "/etc/passwd")
            }
        }

        private func temporaryFolder() throws -> String {
            let path = "\(NSTemporaryDirectory())/guest-tests-\(UUID().uuidString)"
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            return path
        }
    }
}
