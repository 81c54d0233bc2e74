import Foundation
import LibBPF
import RunModel
import Subprocess
import SystemPackage
import TestSupport
import Testing

@testable import SampleKit
@testable import SampleLab

extension HostTests {
    /// Objects that are at fault themselves: the harness is not, and the kernel is not.
    struct ObjectFaultTests {
        private static func run(_ sample: String, _ source: String) async throws -> SampleResult {
            try await TestBench.run(sample, try OddObjects.compiled(source))
        }

        @Test func `what an object lacks is its sample's failure`() async throws {
            let program = "SEC(\"xdp\") int _xdp_icmp(void *c) { return 2; }"
            let map =
                "struct { __uint(type, TYPE); __uint(max_entries, 2); __type(key, u32); __type(value, VALUE); } icmpcnt SEC(\".maps\");"
            for (source, message) in [
                (program, "has no map 'icmpcnt'"),
                (map.replacing("TYPE", with: "2").replacing("VALUE", with: "u64"), "has no program '_xdp_icmp'"),
                // The kernel would write a value for each processor.
                (program + map.replacing("TYPE", with: "6").replacing("VALUE", with: "u64"), "is of type PERCPU_ARRAY"),
                (
                    program + map.replacing("TYPE", with: "2").replacing("VALUE", with: "u32"),
                    "has values of 4 bytes, not 8"
                ),
            ] {
                let result = try await Self.run("xdp/xdp_adjust_tail", source)
                #expect(result.verdict == .fail && result.reason == .oracle, "\(source): \(result.message)")
                #expect(result.message.contains(message), "\(result.message)")
            }
        }

        @Test func `a map that is too small, or no program array, is its sample's failure`() async throws {
            let programs = [
                "main_prog", "bpf_func_PARSE_VLAN", "bpf_func_PARSE_MPLS", "bpf_func_PARSE_IP", "bpf_func_PARSE_IPV6",
            ]
            .map { "SEC(\"socket\") int \($0)(void *c) { return 0; }\n" }.joined()
            for (type, message) in [("3", "has room for 2 entries"), ("2", "is of type ARRAY, not PROG_ARRAY")] {
                let map =
                    "struct { __uint(type, \(type)); __uint(max_entries, 2); __type(key, u32); __type(value, u32); } jmp_table SEC(\".maps\");"
                let result = try await Self.run("networking/sockex3", map + programs)
                #expect(result.verdict == .fail && result.reason == .oracle, "\(result.message)")
                #expect(result.message.contains(message), "\(result.message)")
            }
        }

        @Test func `a file that libbpf cannot read is an error, since the kernel was never asked`() async throws {
            var generator = TestSupport.SeededGenerator(seed: 5)
            let noise = (0..<4000).map { _ in UInt8.random(in: 0...255, using: &generator) }
            let sound = try OddObjects.compiled(OddObjects.mapAlone)
            for bytes in [[], noise, Array(sound.prefix(sound.count / 2))] {
                let result = try await TestBench.run("xdp/xdp1", bytes)
                #expect(result.verdict == .error && result.reason == .harness, "\(result)")
            }
        }

        @Test(arguments: [("own", Int32(2)), ("bisect", 125)])
        func `an object that is none ends a run as an error, and a bisection skips it`(style: String, code: Int32)
            async throws
        {
            let folder = try ScratchFolder()
            try folder.write("xdp1_kern.o", [])
            let run = try await Subprocess.run(
                .path(FilePath(TestBench.command)),
                arguments: [
                    "run", "--objects", folder.path.string, "--sample", "xdp/xdp1", "--results",
                    "\(folder.path.string)/r",
                    "--exit-style", style,
                ],
                input: .none,
                output: .string(limit: 1 << 16),
                error: .string(limit: 1 << 16)
            )
            #expect(run.terminationStatus == .exited(code), "\(run.standardOutput) \(run.standardError)")
            #expect(run.standardOutput.contains("it is no ELF file"), "\(run.standardOutput)")
        }

        @Test func `an object whose maps are pinned leaves nothing in the bpffs of the host`() async throws {
            let folder = try ScratchFolder()
            let path = try folder.write("pinned.o", try OddObjects.compiled(OddObjects.pinned)).string
            // A bpffs as systemd mounts it, for this command alone; twice, since the second run would find what the first left.
            let load = "'\(TestBench.command)' check --object '\(path)' --probe"
            let script = "mount -t bpf bpf /sys/fs/bpf && \(load) && \(load) && ls -A /sys/fs/bpf >&2"
            let run = try await Subprocess.run(
                .name("unshare"),
                arguments: ["--mount", "sh", "-c", script],
                input: .none,
                output: .string(limit: 1 << 16),
                error: .string(limit: 1 << 16)
            )
            #expect(run.terminationStatus == .exited(0), "\(run.standardOutput) \(run.standardError)")
            #expect(
                run.standardOutput.contains("loads") && !run.standardError.contains("bpf_assay_pin"),
                "\(run.standardError)"
            )
        }

        @Test func `a struct that is larger than the kernel's is a need, and its own size is none`() throws {
            let own = try #require(try KernelTypes().size(of: "bpf_tunnel_key"))
            #expect(TunnelKey.isTaken(Int32(own)) == true && TunnelKey.isTaken(Int32(own) + 8) == false)
            for (size, isTaken) in [(own, true), (20, true), (own + 8, false)] {
                let source = """
                    SEC("tc") int redirect(void *c) { u32 key[32] = {}; return set_tunnel_key(c, key, \(size), 0); }
                    """
                let object = try OpenedObject(try OddObjects.compiled(source), name: "a.o").load()
                var need: UnmetNeed?
                do { try TunnelKey.check(object) } catch let unmet as UnmetNeed { need = unmet }
                #expect((need == nil) == isTaken, "\(size): \(String(describing: need))")
                #expect(need == nil || need?.need == .helper("bpf_skb_set_tunnel_key"))
                #expect(need.map { $0.reason.contains("\(own) bytes") } ?? true)
            }
        }
    }
}
