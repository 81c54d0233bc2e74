import Foundation
import KernBuild
import Subprocess
import SystemPackage

/// What can be attached on this kernel, found by a path that shares nothing with the probe: a C program with layouts of its
/// own, `tc` and `ip`.
///
/// Where the kernel has two ways, it takes the one that the probe does not: `BPF_PROG_ATTACH` to cgroups and socket maps,
/// ioctl(2) on perf events, and iproute2 with pinned programs for all that is the network's.
struct ProbeAttachTruth {
    /// 0 where the program was attached, else the errno, by the names of attach points; 1000 and up where it did not load.
    private(set) var errors: [String: Int] = [:]

    /// Asks with the ids of the kernel's types that programs of the tracing types belong to, by attach type.
    static func ask(_ ids: [UInt32: UInt32]) async throws -> ProbeAttachTruth {
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
            arguments: Arguments(ids.map { "\($0.key)=\($0.value)" }),
            input: .none,
            output: .string(limit: 1 << 20),
            error: .discarded
        )
        var truth = ProbeAttachTruth()
        for line in result.standardOutput.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2 { truth.errors[String(words[0])] = Int(words[1]) }
        }
        return truth
    }

    private static let source = #"""
        #define _GNU_SOURCE
        #include <errno.h>
        #include <fcntl.h>
        #include <linux/perf_event.h>
        #include <sched.h>
        #include <stdint.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <sys/ioctl.h>
        #include <sys/mount.h>
        #include <sys/socket.h>
        #include <sys/stat.h>
        #include <sys/syscall.h>
        #include <unistd.h>
        static uint32_t ids[64];
        static int group = -1, sockets = -1;
        static long bpf(int command, void *attr, int size) { return syscall(SYS_bpf, command, attr, size); }
        static int load(int type, int attach, int value) {
            struct insn { uint8_t code, regs; int16_t off; int32_t imm; } code[] = { { 0xb7, 0, 0, value }, { 0x95 } };
            struct {
                uint32_t type, count; uint64_t code, license; uint32_t level, size; uint64_t log;
                uint32_t version, flags; char name[16]; uint32_t device, attach, unused[9], target;
            } a;
            memset(&a, 0, sizeof a);
            a.type = type; a.count = 2; a.code = (uintptr_t)code; a.license = (uintptr_t)"GPL";
            a.attach = attach; a.target = attach < 64 ? ids[attach] : 0;
            return bpf(5, &a, sizeof a);
        }
        static int map(int type, int value) {
            uint32_t a[8] = { type, 4, value, 4 };
            return bpf(0, a, sizeof a);
        }
        static int hold(int descriptor) {
            if (descriptor < 0) return errno;
            close(descriptor);
            return 0;
        }
        static int tracepoint(int program, const char *name) {
            struct { uint64_t name; uint32_t program, pad; } a = { (uintptr_t)name, program };
            return hold(bpf(17, &a, sizeof a));
        }
        static int linked(int program, int target, int attach, const void *more, int size) {
            char a[64] = { 0 };
            uint32_t head[4] = { program, target, attach, 0 };
            memcpy(a, head, 16);
            if (size) memcpy(a + 16, more, size);
            return hold(bpf(28, a, 64));
        }
        static int attached(int program, int target, int attach) {
            uint32_t a[4] = { target, program, attach, 0 };
            if (bpf(8, a, sizeof a) < 0) return errno;
            return bpf(9, a, sizeof a) < 0 ? errno : 0;
        }
        static int number(const char *path) {
            int n = -1;
            FILE *f = fopen(path, "r");
            if (f) { if (fscanf(f, "%d", &n) != 1) n = -1; fclose(f); }
            return n;
        }
        __attribute__((noinline)) void victim(void) { __asm__ volatile("nop"); }
        static uint64_t where(void) {
            unsigned long from, to, start, at = (unsigned long)victim;
            char line[512];
            FILE *f = fopen("/proc/self/maps", "r");
            while (f && fgets(line, sizeof line, f))
                if (sscanf(line, "%lx-%lx %*s %lx", &from, &to, &start) == 3 && from <= at && at < to) return at - from + start;
            return 0;
        }
        static int on_event(int program, struct perf_event_attr *e) {
            e->size = sizeof *e;
            e->disabled = 1;
            if ((int)e->type < 0) return ENOENT;
            int event = syscall(SYS_perf_event_open, e, 0, -1, -1, 8);
            if (event < 0) return errno;
            int error = ioctl(event, PERF_EVENT_IOC_SET_BPF, program) ? errno : 0;
            close(event);
            return error;
        }
        /* A command of iproute2 with the program at /mnt/program. */
        static int tool(int program, const char *command) {
            struct { uint64_t path; uint32_t program, flags; } a = { (uintptr_t)"/mnt/program", program, 0 };
            char line[512];
            unlink("/mnt/program");
            if (bpf(6, &a, sizeof a)) return errno;
            snprintf(line, sizeof line, "PATH=$PATH:/usr/sbin:/sbin; %s >/dev/null 2>&1", command);
            int status = system(line);
            unlink("/mnt/program");
            return status == 0 ? 0 : ENOENT;
        }
        static int option(int program, int name, int reuse) {
            int s = socket(AF_INET, SOCK_DGRAM, 0), one = 1;
            if (reuse) setsockopt(s, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one);
            int error = setsockopt(s, SOL_SOCKET, name, &program, sizeof program) ? errno : 0;
            close(s);
            return error;
        }
        static int entry(int program, int type, uint32_t first) {
            int m = map(type, 8);
            uint32_t key = 0, value[2] = { first, program };
            struct { uint32_t map, pad; uint64_t key, value, flags; } a = { m, 0, (uintptr_t)&key, (uintptr_t)value, 0 };
            if (m < 0) return errno;
            int error = bpf(2, &a, sizeof a) ? errno : 0;
            close(m);
            return error;
        }
        static void say(const char *name, int error) { printf("%s %d\n", name, error); }
        #define ASK(name, type, attach, value, way) do { \
            int program = load(type, attach, value); \
            if (program < 0) say(name, 1000 + errno); \
            else { say(name, way); close(program); } } while (0)
        int main(int count, char **words) {
            for (int i = 1; i < count; i++) { int k, v; if (sscanf(words[i], "%d=%d", &k, &v) == 2 && k < 64) ids[k] = v; }
            char path[4096] = "", line[4096], point[2048] = "", own[2048] = "/";
            FILE *f = fopen("/proc/self/cgroup", "r");
            while (f && fgets(line, sizeof line, f)) sscanf(line, "0::%2000s", own);
            f = fopen("/proc/self/mounts", "r");
            while (f && fgets(line, sizeof line, f)) if (strstr(line, " cgroup2 ")) { sscanf(line, "%*s %2000s", point); break; }
            snprintf(path, sizeof path, "%s%s/truth-%d", point, strcmp(own, "/") ? own : "", getpid());
            mkdir(path, 0755);
            group = open(path, O_RDONLY | O_DIRECTORY);
            if (unshare(CLONE_NEWNET | CLONE_NEWNS) || mount("none", "/", 0, MS_REC | MS_PRIVATE, 0)) return 3;
            mount("tracefs", "/tmp", "tracefs", 0, 0);
            int id = number("/tmp/events/sched/sched_process_exec/id");
            umount("/tmp");
            mount("bpf", "/mnt", "bpf", 0, 0);
            system("PATH=$PATH:/usr/sbin:/sbin ip link set lo up >/dev/null 2>&1");
            sockets = map(15, 4);
            int net = open("/proc/self/ns/net", O_RDONLY);
            uint64_t offset = where();

            struct perf_event_attr e;
            #define EVENT(type_, a, b, c) (memset(&e, 0, sizeof e), e.type = (type_), e.config = (a), e.config1 = (b), e.config2 = (c), &e)
            #define PMU(name) number("/sys/bus/event_source/devices/" name "/type")
            ASK("kprobe", 2, 0, 1, on_event(program, EVENT(PMU("kprobe"), 0, (uintptr_t)"bpf_fentry_test1", 0)));
            ASK("uprobe", 2, 0, 1, on_event(program, EVENT(PMU("uprobe"), 0, (uintptr_t)"/proc/self/exe", offset)));
            ASK("tracepoint", 5, 0, 1, on_event(program, EVENT(id < 0 ? -1 : 2, id, 0, 0)));
            memset(&e, 0, sizeof e); e.type = 1; e.freq = 1; e.sample_freq = 1;
            ASK("perf_event", 7, 0, 1, on_event(program, &e));
            ASK("raw_tracepoint", 17, 0, 0, tracepoint(program, "sched_process_fork"));
            ASK("tp_btf", 26, 23, 0, tracepoint(program, 0));
            ASK("fentry", 26, 24, 0, tracepoint(program, 0));
            ASK("fexit", 26, 25, 0, tracepoint(program, 0));
            ASK("fmod_ret", 26, 26, 0, tracepoint(program, 0));
            ASK("lsm", 29, 27, 0, tracepoint(program, 0));
            ASK("iter_task", 26, 28, 0, linked(program, 0, 28, 0, 0));
            const char *name = "bpf_fentry_test1";
            struct { uint32_t flags, count; uint64_t names, addresses, cookies; } k = { 0, 1, (uintptr_t)&name };
            ASK("kprobe_multi", 2, 42, 0, linked(program, 0, 42, &k, sizeof k));
            ASK("kprobe_session", 2, 56, 0, linked(program, 0, 56, &k, sizeof k));
            struct { uint64_t path, offsets, counters, cookies; uint32_t count, flags, pid, pad; } u =
                { (uintptr_t)"/proc/self/exe", (uintptr_t)&offset, 0, 0, 1, 0, getpid() };
            ASK("uprobe_multi", 2, 48, 0, linked(program, 0, 48, &u, sizeof u - 4));
            ASK("uprobe_session", 2, 57, 0, linked(program, 0, 57, &u, sizeof u - 4));
            ASK("xdp", 6, 0, 2, tool(program, "ip link set dev lo xdpgeneric pinned /mnt/program && ip link set dev lo xdpgeneric off"));
            ASK("xdp_devmap", 6, 33, 2, entry(program, 14, 1));
            ASK("xdp_cpumap", 6, 35, 2, entry(program, 16, 64));
            ASK("tcx_ingress", 3, 0, 0, linked(program, 1, 46, 0, 0));
            ASK("tcx_egress", 3, 0, 0, linked(program, 1, 47, 0, 0));
            /* lo is no netkit device: ENXIO where the kernel knows netkit. */
            ASK("netkit_primary", 3, 0, 0, linked(program, 1, 54, 0, 0));
            ASK("netkit_peer", 3, 0, 0, linked(program, 1, 55, 0, 0));
            ASK("tc_filter", 3, 0, 0, tool(program, "tc qdisc add dev lo clsact && tc filter add dev lo ingress bpf da pinned /mnt/program"));
            ASK("tc_action", 4, 0, 0, tool(program, "tc actions add action bpf pinned /mnt/program"));
            uint32_t hook[4] = { 2, 4, 200, 0 };
            ASK("netfilter", 32, 45, 1, linked(program, 0, 45, hook, 16));
            ASK("flow_dissector", 22, 0, 0, attached(program, 0, 17));
            ASK("sk_lookup", 30, 36, 1, linked(program, net, 36, 0, 0));
            ASK("lwt_in", 10, 0, 0, tool(program, "ip route add 198.51.100.0/26 encap bpf in pinned /mnt/program dev lo"));
            ASK("lwt_out", 11, 0, 0, tool(program, "ip route add 198.51.100.64/26 encap bpf out pinned /mnt/program dev lo"));
            ASK("lwt_xmit", 12, 0, 0, tool(program, "ip route add 198.51.100.128/26 encap bpf xmit pinned /mnt/program dev lo"));
            ASK("lwt_seg6local", 19, 0, 0, tool(program, "ip -6 route add 2001:db8:7::/64 encap seg6local action End.BPF endpoint pinned /mnt/program dev lo"));
            ASK("socket_filter", 1, 0, -1, option(program, 50, 0));
            ASK("reuseport", 21, 0, 1, option(program, 52, 1));
            ASK("sockmap_stream_parser", 14, 0, 1, attached(program, sockets, 4));
            ASK("sockmap_stream_verdict", 14, 0, 1, attached(program, sockets, 5));
            ASK("sockmap_verdict", 14, 0, 1, attached(program, sockets, 38));
            ASK("sockmap_msg_verdict", 16, 0, 1, attached(program, sockets, 7));
            static const struct { const char *name; int type, attach; } hooks[] = {
                { "inet_ingress", 8, 0 }, { "inet_egress", 8, 1 }, { "inet_sock_create", 9, 2 }, { "inet_sock_release", 9, 34 },
                { "inet4_post_bind", 9, 12 }, { "inet6_post_bind", 9, 13 }, { "sock_ops", 13, 3 }, { "device", 15, 6 },
                { "inet4_bind", 18, 8 }, { "inet6_bind", 18, 9 }, { "inet4_connect", 18, 10 }, { "inet6_connect", 18, 11 },
                { "udp4_sendmsg", 18, 14 }, { "udp6_sendmsg", 18, 15 }, { "udp4_recvmsg", 18, 19 }, { "udp6_recvmsg", 18, 20 },
                { "inet4_getpeername", 18, 29 }, { "inet6_getpeername", 18, 30 }, { "inet4_getsockname", 18, 31 },
                { "inet6_getsockname", 18, 32 }, { "unix_connect", 18, 49 }, { "unix_sendmsg", 18, 50 },
                { "unix_recvmsg", 18, 51 }, { "unix_getpeername", 18, 52 }, { "unix_getsockname", 18, 53 },
                { "sysctl", 23, 18 }, { "getsockopt", 25, 21 }, { "setsockopt", 25, 22 },
            };
            for (int i = 0; i < (int)(sizeof hooks / sizeof *hooks); i++) {
                char full[64];
                snprintf(full, sizeof full, "cgroup_%s", hooks[i].name);
                ASK(full, hooks[i].type, hooks[i].attach, 1, attached(program, group, hooks[i].attach));
            }
            ASK("lsm_cgroup", 29, 43, 1, attached(program, group, 43));
            close(group);
            rmdir(path);
            return 0;
        }
        """#
}
