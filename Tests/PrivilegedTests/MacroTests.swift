import Foundation
import Subprocess
import SystemPackage
import Testing

extension HostTests {
    /// Our C macros beside those of `bpftool feature probe kernel macros`.
    struct MacroTests {
        /// A difference in names, with its reason; the names without `NO_`, which is an answer.
        private struct Difference {
            var reason: String
            /// Whether it is a difference on every kernel, so that an entry that covers nothing is stale.
            var isEverywhere = true
            var covers: @Sendable (String) -> Bool
        }

        /// bpftool 7.1 knows no type or helper that is younger than Linux 6.1.
        private static let onlyOurs: [Difference] = [
            Difference(reason: "a program type of Linux 6.4") {
                $0 == "HAVE_NETFILTER_PROG_TYPE" || $0.hasPrefix("BPF__PROG_TYPE_netfilter__")
            },
            Difference(reason: "map types of Linux 6.2 and later") {
                ["CGRP_STORAGE", "ARENA", "INSN_ARRAY", "RHASH"].map { "HAVE_\($0)_MAP_TYPE" }.contains($0)
            },
            Difference(reason: "helpers of Linux 6.2") {
                $0.hasSuffix("__HELPER_bpf_cgrp_storage_get") || $0.hasSuffix("__HELPER_bpf_cgrp_storage_delete")
            },
        ]

        private static let onlyTheirs: [Difference] = [
            Difference(
                reason: "we say that nobody knows: the kernel answers ENOTSUPP, and bpftool calls that an answer",
                isEverywhere: false
            ) {
                $0.hasSuffix("__HELPER_bpf_get_func_ip")
            }
        ]

        private static func names(_ header: String) -> Set<String> {
            Set(
                header.split(separator: "\n").filter { $0.hasPrefix("#define ") }.compactMap { line in
                    let name = line.dropFirst("#define ".count).prefix { $0.isLetter || $0.isNumber || $0 == "_" }
                    return name.hasPrefix("NO_HAVE_") ? String(name.dropFirst(3)) : String(name)
                }
            )
        }

        private static func check(_ names: Set<String>, _ differences: [Difference], _ whose: String) {
            for name in names.sorted() where !differences.contains(where: { $0.covers(name) }) {
                Issue.record("only \(whose): \(name)")
            }
            for difference in differences where difference.isEverywhere && !names.contains(where: difference.covers) {
                Issue.record("no longer a difference: \(difference.reason)")
            }
        }

        private static func output(of words: [String], allowing codes: [CInt]) async throws -> String {
            let result = try await Subprocess.run(
                words[0].contains("/") ? .path(FilePath(words[0])) : .name(words[0]),
                arguments: Arguments(Array(words.dropFirst())),
                environment: .inherit.updating(["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"]),
                output: .string(limit: 8 << 20),
                error: .string(limit: 1 << 20)
            )
            #expect(codes.map { .exited($0) }.contains(result.terminationStatus), "\(words): \(result.standardError)")
            return result.standardOutput
        }

        @Test func `have bpftool's names, and every difference has a reason`() async throws {
            let theirs = Self.names(
                try await Self.output(of: ["bpftool", "feature", "probe", "kernel", "macros"], allowing: [0])
            )
            let products = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().path
            // The exit status is the profile's business.
            let ours = Self.names(
                try await Self.output(
                    of: ["\(products)/bpf-assay", "check", "--format", "macros"],
                    allowing: [0, 1, 3, 4]
                )
            )
            #expect(theirs.count > 6000 && ours.count > 6000)
            Self.check(ours.subtracting(theirs), Self.onlyOurs, "ours")
            Self.check(theirs.subtracting(ours), Self.onlyTheirs, "bpftool's")
        }
    }
}
