import Foundation
import KernBuild
import Subprocess
import SystemPackage

/// What this kernel has, found by a path that shares nothing with the probe: a C program with bpf(2) calls of its own.
///
/// It calls each helper with a context, a pointer to initialised stack and lengths, and reads the verifier's words as people
/// know them. The probe gives no arguments and knows no words.
struct ProbeTruth {
    /// Program types by `TYPE/ATTACH`, then by helper number: `y`es, `n`o, `s`leepable only, `?`.
    var helpers: [String: [Int: Character]] = [:]
    /// The errno of each program's load, by `TYPE/ATTACH`; negative where the verifier had something to say.
    var programs: [String: Int] = [:]

    /// Asks about loads such as `26/28 0 4711`: type and attach type, flags, id of the kernel's type.
    static func ask(_ loads: [String]) async throws -> ProbeTruth {
        let folder = "\(FileManager.default.temporaryDirectory.path)/bpf-assay-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Data(source.utf8).write(to: URL(fileURLWithPath: "\(folder)/truth.c"))
        let compiler = try await Compiler.find()
        _ = try await Subprocess.run(
            .path(FilePath(compiler.path)),
            arguments: ["-O1", "-w", "\(folder)/truth.c", "-o", "\(folder)/truth"],
            input: .none,
            output: .discarded,
            error: .discarded
        )
        let result = try await Subprocess.run(
            .path(FilePath("\(folder)/truth")),
            arguments: Arguments(loads),
            input: .none,
            output: .string(limit: 4 << 20),
            error: .discarded
        )
        var truth = ProbeTruth()
        for line in result.standardOutput.split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            if words.count == 2 {
                truth.programs[words[0]] = Int(words[1])
            } else if words.count == 3, let id = Int(words[1]) {
                truth.helpers[words[0], default: [:]][id] = words[2].first
            }
        }
        return truth
    }

    private static let source = #"""
        #include <errno.h>
        #include <linux/bpf.h>
        #include <stdio.h>
        #include <string.h>
        #include <sys/syscall.h>
        #include <unistd.h>
        static char said[65536];
        static int load(int type, int attach, int flags, int id, const struct bpf_insn *code, int count) {
            union bpf_attr a;
            memset(&a, 0, sizeof a);
            memset(said, 0, 4096);
            a.prog_type = type; a.expected_attach_type = attach; a.prog_flags = flags; a.attach_btf_id = id;
            a.insns = (unsigned long)code; a.insn_cnt = count; a.license = (unsigned long)"Dual BSD/GPL";
            a.log_buf = (unsigned long)said; a.log_size = sizeof said; a.log_level = 2;
            int fd = syscall(SYS_bpf, BPF_PROG_LOAD, &a, 120);
            if (fd >= 0) { close(fd); return 0; }
            return errno;
        }
        #define MOV(d, v) { 0xb7, d, 0, 0, v }
        static char ask(int type, int attach, int flags, int id, int helper) {
            const struct bpf_insn code[] = {
                { 0x7a, 10, 0, -8, 0 }, { 0x7a, 10, 0, -16, 0 }, { 0xbf, 2, 10, 0, 0 }, { 0x07, 2, 0, 0, -16 },
                MOV(3, 8), MOV(4, 0), MOV(5, 0), { 0x85, 0, 0, 0, helper }, MOV(0, 0), { 0x95 },
            };
            int e = load(type, attach, flags, id, code, sizeof code / sizeof *code);
            if (e == 0 || e == EACCES) return 'y';
            if (e == 524) return 'n';
            if (strstr(said, "sleep")) return 's';
            static const char *const no[] = { "unknown func ", "cannot use helper", "invalid func ", "not allowed in probe" };
            for (int i = 0; i < 4; i++) if (strstr(said, no[i])) return 'n';
            if (strstr(said, "Unreleased reference")) return 'y'; /* it was called; its result was not given back */
            return strstr(said, "R1 ") || strstr(said, "R2 ") || strstr(said, "R3 ") ? 'y' : '?';
        }
        int main(int count, char **words) {
            static const struct bpf_insn bare[] = { MOV(0, 0), { 0x95 } };
            for (int i = 1; i < count; i++) {
                int type, attach, flags, id;
                if (sscanf(words[i], "%d/%d %d %d", &type, &attach, &flags, &id) != 4) return 2;
                int e = load(type, attach, flags, id, bare, 2);
                printf("%d/%d %d\n", type, attach, *said && e ? -e : e);
                if (e) continue;
                int dozes = !(flags & 16) && !load(type, attach, flags | 16, id, bare, 2);
                for (int helper = 1; helper < 214; helper++) {
                    if (helper == 6 || helper == 36 || helper == 177) continue;
                    char c = ask(type, attach, flags, id, helper);
                    if (c == 's') c = dozes && ask(type, attach, flags | 16, id, helper) == 'y' ? 's' : 'n';
                    printf("%d/%d %d %c\n", type, attach, helper, c);
                }
            }
            return 0;
        }
        """#
}
