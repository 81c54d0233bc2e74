import Foundation
import LibBPF
import Subprocess
import SystemPackage
import TestSupport
import Testing

extension HostTests {
    /// `build` on file systems that do not let it: full, read-only, another user's.
    struct BuildPlacesTests {
        private struct Run {
            let status: Int32
            let output: String
            let errors: String
        }

        private let folder: String

        init() throws {
            folder = "\(NSTemporaryDirectory())/build-places-\(UUID().uuidString)"
            for name in ["out", "tree"] {
                try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
            }
        }

        private func cleanUp() { try? FileManager.default.removeItem(atPath: folder) }

        /// Runs shell text in a mount namespace of its own; `$A` is the command, `$T` a real tree, `$D` this test's folder.
        private func shell(_ text: String) async throws -> Run {
            let run = try await Subprocess.run(
                .name("unshare"),
                arguments: ["--mount", "sh", "-c", text],
                environment: .inherit.updating([
                    "A": TestBench.command, "T": try DebianTree.path("6.1"), "D": folder,
                ]),
                input: .none,
                output: .string(limit: 1 << 20),
                error: .string(limit: 1 << 20)
            )
            guard case .exited(let status) = run.terminationStatus else {
                return Run(status: -1, output: "", errors: "")
            }
            return Run(status: status, output: run.standardOutput, errors: run.standardError)
        }

        @Test(arguments: ["300k", "2m", "4m"])
        func `a full disk costs the objects that do not fit, and no object is half written`(size: String) async throws {
            defer { cleanUp() }
            // What is left is copied to where there is room, since the file system ends with the namespace.
            let run = try await shell(
                """
                mount -t tmpfs -o size=\(size) tmpfs $D/out || exit 99
                $A build --no-cache --tree $T --out $D/out; status=$?
                mkdir $D/kept && find $D/out -maxdepth 1 -name '*.o' -exec cp {} $D/kept \\;
                exit $status
                """
            )
            #expect(run.status == 2, "\(run.errors)")
            #expect(run.errors.contains("no space left on device (ENOSPC); free some there"))
            // It is neither the tree's fault nor that of the kernel's types.
            #expect(!run.errors.contains("the BTF: cannot write") && !run.output.contains("FAIL"))
            let kept = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/kept")
            #expect(kept.count == run.output.split(separator: "\n").count { $0.hasPrefix("PASS") })
            #expect(!kept.isEmpty && kept.count < 69)
            for name in kept {
                let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: "\(folder)/kept/\(name)")))
                #expect(throws: Never.self, "\(name)") { _ = try BuiltBytes(bytes, name) }
            }
        }

        /// An object that libbpf reads to its end, or says of it that its externs are elsewhere.
        private struct BuiltBytes {
            init(_ bytes: [UInt8], _ name: String) throws {
                do {
                    _ = try OpenedObject(bytes, name: name)
                } catch {
                    guard "\(error)".contains("failed to find BTF for extern") else { throw error }
                }
            }
        }

        @Test func `a disk with room for nothing is said in one line`() async throws {
            defer { cleanUp() }
            let run = try await shell(
                "mount -t tmpfs -o size=16k tmpfs $D/out || exit 99; exec $A build --tree $T --out $D/out"
            )
            #expect(run.status == 69)
            #expect(run.output.isEmpty && run.errors.split(separator: "\n").count == 1, "\(run.errors)")
            #expect(run.errors.contains("no space left on device (ENOSPC)"))
        }

        @Test func `a tree on a read-only mount builds whole`() async throws {
            defer { cleanUp() }
            let run = try await shell(
                """
                mount --bind $T $D/tree && mount -o remount,ro,bind $D/tree || exit 99
                touch $D/tree/x 2>/dev/null && exit 98
                exec $A build --tree $D/tree --out $D/out
                """
            )
            #expect(run.status == 0 && run.output.contains(" built, 0 failed"), "\(run.status) \(run.errors)")
        }

        @Test(arguments: ["--out $D/out", "--out $D/out/deep", ""])
        func `a read-only place for the objects is said in one line`(place: String) async throws {
            defer { cleanUp() }
            let run = try await shell(
                """
                mount -t tmpfs tmpfs $D/out && mount -o remount,ro $D/out || exit 99
                cd $D/out && exec $A build --tree $T \(place)
                """
            )
            #expect(run.status == 69)
            #expect(run.output.isEmpty && run.errors.split(separator: "\n").count == 1, "\(run.errors)")
            #expect(run.errors.contains("read-only file system; name a folder that this user may write to with --out"))
        }

        @Test func `of a compiler that prints a gigabyte the beginning is kept, in bounded memory`() async throws {
            defer { cleanUp() }
            // Of address space there are 4 GiB, of which a gigabyte that was kept as bytes, text and lines would be most.
            let run = try await shell(
                """
                printf '%s\n' '#!/bin/sh' 'case "$*" in *--version*|*-print-*) exec clang "$@";; esac' \
                    'head -c 1000000000 /dev/zero | tr "\\0" x; exit 1' > $D/clang && chmod +x $D/clang || exit 99
                ulimit -v 4194304
                exec $A build --tree $T --out $D/out --clang $D/clang --sample sockex1
                """
            )
            #expect(run.status == 2)
            #expect(
                run.errors.contains("more bytes of the compiler's output were not kept"),
                "\(run.errors.prefix(400))"
            )
            #expect(run.errors.utf8.count < 1 << 20)
        }

        @Test func `files that another user may not read fail alone, by name`() async throws {
            defer { cleanUp() }
            // Of the tree only one source is hidden, by a mount over it that this user may not read.
            let run = try await shell(
                """
                mount --bind $T $D/tree || exit 99
                touch $D/hidden && chmod 600 $D/hidden
                mount --bind $D/hidden $D/tree/samples/bpf/sockex1_kern.c || exit 99
                chmod 755 $D && chmod 777 $D/out
                exec setpriv --reuid 65534 --regid 65534 --clear-groups $A build --tree $D/tree --out $D/out
                """
            )
            #expect(run.status == 2, "\(run.errors)")
            #expect(run.output.contains("68 built, 1 failed"), "\(run.output.suffix(200))")
            #expect(run.errors.contains("samples/bpf/sockex1_kern.c"))
            #expect(run.errors.lowercased().contains("permission denied"), "\(run.errors)")
        }
    }
}
