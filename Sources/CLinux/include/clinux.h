/* Calls, constants and structs that Swift's Glibc module does not import.
 *
 * Every function returns a result of 0 or more, or the negated errno; none reads or sets errno for its caller.
 * All names begin with lx_. SPDX-License-Identifier: GPL-2.0-only */
#pragma once
#include <netinet/in.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <linux/if_xdp.h>
#include <linux/lwtunnel.h>
#include <linux/netlink.h>
#include <linux/perf_event.h>
#include <linux/pkt_cls.h>
#include <linux/rtnetlink.h>
#include <linux/seg6_local.h>
#include <linux/tc_act/tc_bpf.h>
#include <linux/veth.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/time.h>

enum {
	LX_NEWNS = 0x00020000,  /* CLONE_NEWNS */
	LX_NEWNET = 0x40000000, /* CLONE_NEWNET */
	LX_MS_PRIVATE = 1 << 18,
	LX_MS_REC = 1 << 14,
	LX_MS_NOSUID = 2,
	LX_MS_NODEV = 4,
	LX_MS_NOEXEC = 8,
	/* asm-generic/resource.h; sys/resource.h hides some of them from Swift. */
	LX_RLIMIT_CPU = 0,
	LX_RLIMIT_FSIZE = 1,
	LX_RLIMIT_CORE = 4,
	LX_RLIMIT_NOFILE = 7,
	LX_RLIMIT_MEMLOCK = 8,
	/* IFLA_IPTUN_… of linux/if_tunnel.h, which cannot be included beside net/if.h. */
	LX_IPTUN_LOCAL = 2,
	LX_IPTUN_REMOTE = 3,
	LX_IPTUN_TTL = 4,
	LX_IPTUN_FLAGS = 8,
	LX_IPTUN_PROTO = 9,
	LX_IPTUN_COLLECT_METADATA = 19,
	/* AF_XDP, SOL_XDP of bits/socket.h, which older C libraries lack. */
	LX_AF_XDP = 44,
	LX_SOL_XDP = 283,
	/* IFLA_GRE_… of the same file. */
	LX_GRE_COLLECT_METADATA = 18,
};

/* unshare(2), setns(2) for the calling thread. */
int lx_unshare(int flags);
int lx_setns(int descriptor, int type);

/* pipe2(2) with O_CLOEXEC. */
int lx_pipe(int ends[2]);

/* Where some bytes are first found among others (memmem(3)), or -1. */
ptrdiff_t lx_find(const void *bytes, size_t count, const void *wanted, size_t wanted_count);

/* perf_event_open(2); the descriptor is close-on-exec. */
int lx_perf_event_open(struct perf_event_attr *attributes, int pid, int cpu, int group);

/* Makes a perf event's time stamps those of CLOCK_MONOTONIC (a bit field of perf_event_attr). */
void lx_perf_use_monotonic_clock(struct perf_event_attr *attributes);

/* PERF_EVENT_IOC_SET_BPF: attaches a program to a perf event, until the event is closed. */
int lx_perf_set_program(int event, int program);

/* PERF_EVENT_IOC_SET_FILTER, PERF_EVENT_IOC_DISABLE, _ENABLE: ioctl(2) macros that Swift does not import. */
int lx_perf_set_filter(int event, const char *filter);
int lx_perf_disable(int event);
int lx_perf_enable(int event);

/* gettid(2). */
int lx_gettid(void);

/* Gives the calling thread, and no other of its process, another user and group for good; it keeps its capabilities. Needs
 * CAP_SETUID, CAP_SETGID and CAP_SETPCAP. */
int lx_act_as(unsigned int user, unsigned int group);

/* The processor that the calling thread runs on at this moment (sched_getcpu(3)). */
int lx_current_cpu(void);

/* Restricts the calling thread to one processor (sched_setaffinity(2)). */
int lx_pin_to_cpu(int cpu);

/* Whether the calling thread may run on a processor (sched_getaffinity(2)): 1 or 0. */
int lx_may_run_on(int cpu);

/* Allows the calling thread every processor again that it was allowed when the process began. */
int lx_unpin(void);

/* The words of the command line, the program's name first; no /proc is needed. NULL behind the last one. */
int lx_argument_count(void);
const char *lx_argument(int index);

/* The effective capabilities of this thread as a mask, without /proc; 0 where the kernel does not say (capget(2)). */
unsigned long long lx_effective_capabilities(void);

/* The kernel's name of an errno, such as "EPERM", or NULL (strerrorname_np(3)). */
const char *lx_errno_name(int error);

/* open(2) by its plain system call, which Glibc's open() no longer makes: it calls openat(2). */
int lx_open_syscall(const char *path, int flags);

/* openat(2) in a folder; any negative number stands for AT_FDCWD. */
int lx_openat_syscall(int folder, const char *path, int flags);

/* openat2(2) in a folder likewise, of Linux 5.6; ENOSYS before. */
int lx_openat2_syscall(int folder, const char *path, int flags);

/* Whether this architecture has the open(2) system call at all. */
int lx_has_open_syscall(void);

/* The numbers of open(2), or -1 where there is none, openat(2) and openat2(2) on this architecture. */
int lx_open_number(void);
int lx_openat_number(void);
int lx_openat2_number(void);

/* Spins until the calling thread has used that much processor time; every instruction of the loop lies in
 * [lx_spin_begin(), lx_spin_end()). Returns the nanoseconds used; 0, without spinning, on a kernel that has no clock of a
 * thread (CONFIG_POSIX_TIMERS). */
uint64_t lx_spin(uint64_t nanoseconds);
uintptr_t lx_spin_begin(void);
uintptr_t lx_spin_end(void);

/* Moves the loop of lx_spin() to an address of this process's own, taken by chance: where programs are counted by their
 * addresses, two processes of one executable cannot be told apart otherwise. 0, or a negative errno, with the loop where it
 * was: EACCES where memory that was written may not be executed. */
int lx_spin_move(void);

/* Instructions that store a byte, each at an address of its own. */
size_t lx_store_count(void);
uintptr_t lx_store_address(size_t store);

/* Has an instruction of that table store to a page that is not there, so that each time the kernel counts one page fault
 * of user space at its address. 0 or a negative errno. */
int lx_fault_at(size_t store, unsigned int times);

/* What bpf(BPF_PROG_LOAD) is asked for; the licence is GPL. Fields that are 0 are as good as not there, so that a kernel
 * which does not know them yet does not refuse them. */
struct lx_bpf_program {
	uint32_t type;
	uint32_t attach_type;
	uint32_t flags;
	uint32_t attach_btf_id;
	uint32_t kernel_version; /* LINUX_VERSION_CODE, for kprobes before Linux 5.0 */
	const struct bpf_insn *instructions;
	uint32_t instruction_count;
	char *log; /* NULL, or where the verifier's log goes, always ended by a 0 */
	uint32_t log_size;
	uint32_t log_level; /* 0 stands for 1 */
};

/* bpf(BPF_PROG_LOAD). Returns the program's descriptor. */
int lx_bpf_load(const struct lx_bpf_program *program);

/* What bpf(BPF_MAP_CREATE) is asked for. */
struct lx_bpf_map {
	uint32_t type;
	uint32_t key_size;
	uint32_t value_size;
	uint32_t max_entries;
	uint32_t flags;
	uint32_t inner_map; /* a descriptor, or 0 */
	uint32_t btf;       /* a descriptor, or 0 */
	uint32_t btf_key_type;
	uint32_t btf_value_type;
	uint32_t btf_vmlinux_value_type;
};

/* bpf(BPF_MAP_CREATE). Returns the map's descriptor. */
int lx_bpf_create(const struct lx_bpf_map *map);

/* bpf(BPF_BTF_LOAD). Returns the descriptor of the type information. */
int lx_bpf_load_btf(const void *bytes, uint32_t size);

/* bpf(BPF_LINK_CREATE), without flags. `rest` is what belongs to the attach type, at most 112 bytes: the members of
 * `link_create` behind `flags`. Returns the link's descriptor. */
int lx_bpf_link(int program, uint32_t target, uint32_t attach_type, const void *rest, uint32_t rest_size);

/* bpf(BPF_RAW_TRACEPOINT_OPEN). `name` is NULL for a program that was loaded for its tracepoint. */
int lx_bpf_raw_tracepoint(int program, const char *name);

/* The type of a link (`enum bpf_link_type`) by bpf(BPF_OBJ_GET_INFO_BY_FD), Linux 5.8. */
int lx_bpf_link_type(int link);

/* bpf(BPF_PROG_ATTACH), bpf(BPF_PROG_DETACH): attachments without a descriptor, which outlive their process. */
int lx_bpf_attach(int program, int target, uint32_t attach_type);
int lx_bpf_detach(int program, int target, uint32_t attach_type);

/* bpf(BPF_MAP_LOOKUP_ELEM), bpf(BPF_MAP_UPDATE_ELEM); key and value have the sizes that the map was created with. */
int lx_bpf_lookup(int map, const void *key, void *value);
int lx_bpf_update(int map, const void *key, const void *value);

/* bpf(BPF_PROG_TEST_RUN) without a context: runs a program once, in the calling thread where its type is
 * BPF_PROG_TYPE_RAW_TRACEPOINT (Linux 5.10). Stores what the program returned. */
int lx_bpf_test_run(int program, uint32_t *returned);

/* A function that does nothing and that nobody calls, for probes to be attached to, and where it is. */
void lx_probe_target(void);
uintptr_t lx_probe_target_address(void);

/* The name of a helper, such as "bpf_map_lookup_elem", as <linux/bpf.h> knew it when this was compiled, or NULL. */
const char *lx_bpf_helper_name(uint32_t id);

/* Raises RLIMIT_MEMLOCK of this process as far as it may, and stores what it was in `before`. */
int lx_raise_memlock(uint64_t before[2]);

/* Sets RLIMIT_MEMLOCK of this process to what lx_raise_memlock() stored. */
int lx_restore_memlock(const uint64_t before[2]);

/* A limit for a spawned process: setrlimit(2) with soft and hard set to the same value, or as high as they may be. */
struct lx_limit {
	int resource;
	uint64_t value;
};

struct lx_spawn_args {
	const char *path;
	char *const *argv;
	char *const *envp;
	const int *descriptors; /* descriptors[i] becomes descriptor i of the child; all others are closed */
	int descriptor_count;   /* at most 16 */
	const struct lx_limit *limits;
	int limit_count;
	int cgroup;              /* a directory of cgroup2 to be born in, or -1 */
	int parent_death_signal; /* sent when the *thread* that spawned ends, or 0 */
	uint64_t namespaces;     /* LX_NEWNET | LX_NEWNS, or 0 */
};

/* Starts a program by clone3(2), as the leader of a session of its own, with default signal handlers.
 *
 * Returns the child's pid and stores a pidfd (close-on-exec). A failure of any step, that of execve(2) included, is
 * returned as the negated errno; the child has then been reaped. Needs Linux 5.7 for a cgroup (CLONE_INTO_CGROUP). */
int lx_spawn(const struct lx_spawn_args *args, int *pidfd);

/* Waits for a child by its pidfd (waitid(2)). Returns 1 when it has ended, 0 if it still runs and `block` is 0.
 * `code` is CLD_EXITED, CLD_KILLED or CLD_DUMPED; `status` the exit status or the signal. */
int lx_wait_pidfd(int pidfd, int block, int *code, int *status, struct timeval *cpu, long *peak_kib);

/* init_module(2): loads a module from memory. */
int lx_init_module(const void *image, unsigned long size, const char *parameters);

/* Writes a byte to an I/O port, with the right to it (ioperm(2)) only meanwhile; -ENOSYS where there are no such ports. */
int lx_port_write(unsigned short port, unsigned char value);

/* Switches the machine off at once (reboot(2), RB_POWER_OFF). */
int lx_power_off(void);

/* Restarts the machine at once (reboot(2)). Returns a negative errno, if at all. */
int lx_restart(void);

/* A connected pair of close-on-exec stream sockets (socketpair(2)). */
int lx_socket_pair(int ends[2]);

/* An anonymous file in memory, close-on-exec (memfd_create(2)). */
int lx_memory_file(const char *name);

/* The frequency of the processor's time stamp counter in kHz, measured against the monotonic clock for that many
 * milliseconds; -ENOSYS where there is none. */
int lx_tsc_khz(int milliseconds);

/* The indices of a ring that the kernel shares, such as one of an AF_XDP socket: what was written before lx_publish() is seen
 * by whoever has seen its value. */
uint32_t lx_observe(const uint32_t *index);
void lx_publish(uint32_t *index, uint32_t value);
