/* SPDX-License-Identifier: GPL-2.0-only */
#define _GNU_SOURCE
#include "clinux.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <linux/securebits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int result(long r) { return r < 0 ? -errno : (int)r; }

int lx_unshare(int flags) { return result(unshare(flags)); }
int lx_setns(int descriptor, int type) { return result(setns(descriptor, type)); }
int lx_pipe(int ends[2]) { return result(pipe2(ends, O_CLOEXEC)); }
const char *lx_errno_name(int error) { return strerrorname_np(error); }

int lx_perf_event_open(struct perf_event_attr *attributes, int pid, int cpu, int group)
{
	return result(syscall(SYS_perf_event_open, attributes, pid, cpu, group, PERF_FLAG_FD_CLOEXEC));
}

ptrdiff_t lx_find(const void *bytes, size_t count, const void *wanted, size_t wanted_count)
{
	const char *hit = memmem(bytes, count, wanted, wanted_count);
	return hit ? hit - (const char *)bytes : -1;
}

int lx_perf_set_filter(int event, const char *filter)
{
	return result(ioctl(event, PERF_EVENT_IOC_SET_FILTER, filter));
}
int lx_perf_set_program(int event, int program)
{
	return result(ioctl(event, PERF_EVENT_IOC_SET_BPF, program));
}
int lx_perf_disable(int event) { return result(ioctl(event, PERF_EVENT_IOC_DISABLE, 0)); }
int lx_perf_enable(int event) { return result(ioctl(event, PERF_EVENT_IOC_ENABLE, 0)); }

void lx_perf_use_monotonic_clock(struct perf_event_attr *attributes)
{
	attributes->use_clockid = 1;
	attributes->clockid = CLOCK_MONOTONIC;
}

int lx_gettid(void) { return (int)syscall(SYS_gettid); }
int lx_current_cpu(void) { return result(sched_getcpu()); }

int lx_pin_to_cpu(int cpu)
{
	cpu_set_t set;

	if (cpu < 0 || cpu >= CPU_SETSIZE) return -EINVAL;
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return result(sched_setaffinity(0, sizeof(set), &set));
}

int lx_may_run_on(int cpu)
{
	cpu_set_t set;

	if (cpu < 0 || cpu >= CPU_SETSIZE) return 0;
	if (sched_getaffinity(0, sizeof(set), &set) != 0) return -errno;
	return CPU_ISSET(cpu, &set) ? 1 : 0;
}

static cpu_set_t born_with;
__attribute__((constructor)) static void remember_affinity(void)
{
	if (sched_getaffinity(0, sizeof(born_with), &born_with) != 0) CPU_ZERO(&born_with);
}
int lx_unpin(void) { return result(sched_setaffinity(0, sizeof(born_with), &born_with)); }

/* glibc hands main()'s arguments to constructors as well. */
static int argument_count;
static char *const *arguments;
__attribute__((constructor)) static void remember_arguments(int count, char **words)
{
	argument_count = count;
	arguments = words;
}
int lx_argument_count(void) { return argument_count; }
const char *lx_argument(int index) { return index >= 0 && index < argument_count ? arguments[index] : NULL; }

int lx_openat_syscall(int folder, const char *path, int flags)
{
	return result(syscall(SYS_openat, folder < 0 ? AT_FDCWD : folder, path, flags, 0));
}
int lx_openat_number(void) { return SYS_openat; }
int lx_openat2_syscall(int folder, const char *path, int flags)
{
	struct open_how how = {.flags = (uint64_t)flags};

	return result(syscall(SYS_openat2, folder < 0 ? AT_FDCWD : folder, path, &how, sizeof(how)));
}
int lx_openat2_number(void) { return SYS_openat2; }
#ifdef SYS_open
int lx_open_number(void) { return SYS_open; }
int lx_has_open_syscall(void) { return 1; }
int lx_open_syscall(const char *path, int flags) { return result(syscall(SYS_open, path, flags, 0)); }
#else
int lx_open_number(void) { return -1; }
int lx_has_open_syscall(void) { return 0; }
int lx_open_syscall(const char *path, int flags) { (void)path, (void)flags; return -ENOSYS; }
#endif

/* The loop has a section of its own, whose bounds the linker provides. The clock is read outside of it, through
 * lx_spin() below, so that samples taken in the vDSO do not count; a turn of the loop is about 50 microseconds. */
extern char __start_lx_spin_text[], __stop_lx_spin_text[];
__attribute__((section("lx_spin_text"), noinline, used)) static void spin_once(void)
{
	for (volatile unsigned int i = 0; i < 100000; i++) {}
}
static void (*turn)(void) = spin_once;
static uintptr_t own_loop;

/* spin_once() calls nothing and names no address, so that it runs wherever it is copied to. */
int lx_spin_move(void)
{
	const size_t size = (size_t)(__stop_lx_spin_text - __start_lx_spin_text), page = (size_t)sysconf(_SC_PAGESIZE);
	const size_t length = (size + page - 1) / page * page;
	uint64_t chance = 0;
	char *copy;

	if (own_loop) return 0;
	if (syscall(SYS_getrandom, &chance, sizeof(chance), 0) != sizeof(chance)) return -errno;
	/* Any place between 16 and 32 TiB, which every 64-bit process has: 2^32 pages of 4096 bytes. */
	copy = mmap((void *)(uintptr_t)((1ULL << 44) + (chance >> 32) * page % (1ULL << 44)), length, PROT_READ | PROT_WRITE,
	            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (copy == MAP_FAILED) return -errno;
	memcpy(copy, __start_lx_spin_text, size);
	if (mprotect(copy, length, PROT_READ | PROT_EXEC)) {
		const int code = errno;
		munmap(copy, length);
		return -code;
	}
	__builtin___clear_cache(copy, copy + size);
	own_loop = (uintptr_t)copy;
	turn = (void (*)(void))(own_loop + ((uintptr_t)spin_once - (uintptr_t)__start_lx_spin_text));
	return 0;
}
uintptr_t lx_spin_begin(void) { return own_loop ? own_loop : (uintptr_t)__start_lx_spin_text; }
uintptr_t lx_spin_end(void) { return lx_spin_begin() + (uintptr_t)(__stop_lx_spin_text - __start_lx_spin_text); }

/* A table of stores, each of which returns to the caller. */
#if defined(__x86_64__)
#define STORE_BYTES 4
__asm__(".pushsection .text\n.balign 64\nlx_stores:\n.rept 1000\nmovb $0, (%rdi)\nret\n.endr\n.popsection");
#elif defined(__aarch64__)
#define STORE_BYTES 8
__asm__(".pushsection .text\n.balign 64\nlx_stores:\n.rept 1000\nstrb wzr, [x0]\nret\n.endr\n.popsection");
#else
#error "a table of stores for this architecture is missing"
#endif
extern const char lx_stores[];
size_t lx_store_count(void) { return 1000; }
uintptr_t lx_store_address(size_t store) { return (uintptr_t)lx_stores + store % lx_store_count() * STORE_BYTES; }

int lx_fault_at(size_t store, unsigned int times)
{
	static char *page;
	const size_t size = (size_t)sysconf(_SC_PAGESIZE);

	if (!page) {
		char *made = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (made == MAP_FAILED) return -errno;
		/* A page that belongs to a huge one would come back with it. */
		(void)madvise(made, size, MADV_NOHUGEPAGE);
		page = made;
	}
	while (times--) {
		if (madvise(page, size, MADV_DONTNEED)) return -errno;
		((void (*)(char *))lx_store_address(store))(page);
	}
	return 0;
}

/* 0 where there is no such clock: a thread that asks has used more. */
static uint64_t thread_time(void)
{
	struct timespec t;

	if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t)) return 0;
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

uint64_t lx_spin(uint64_t nanoseconds)
{
	uint64_t begin = thread_time(), used = 0;

	if (!begin) return 0;
	while (used < nanoseconds) {
		turn();
		used = thread_time() - begin;
	}
	return used;
}

/* In the child, between clone3() and execve(): only what signal-safety(7) allows. */
static void become(const struct lx_spawn_args *s, pid_t parent, int errors)
{
	int e, moved[16];
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	if (s->parent_death_signal) {
		prctl(PR_SET_PDEATHSIG, s->parent_death_signal);
		/* A parent that died before the line above can send nothing any more. */
		if (getppid() != parent) _exit(126);
	}
	for (int i = 0; i < s->limit_count; i++) {
		struct rlimit limit = { s->limits[i].value, s->limits[i].value };

		if (!setrlimit(s->limits[i].resource, &limit)) continue;
		/* Without CAP_SYS_RESOURCE a limit can only be lowered: then it stays as high as it is. */
		if (errno != EPERM) goto fail;
		if (getrlimit(s->limits[i].resource, &limit)) goto fail;
		limit.rlim_cur = limit.rlim_max;
		if (setrlimit(s->limits[i].resource, &limit)) goto fail;
	}
	for (int i = 0; i < s->descriptor_count; i++)
		if ((moved[i] = fcntl(s->descriptors[i], F_DUPFD, 32)) < 0) goto fail;
	for (int i = 0; i < s->descriptor_count; i++)
		if (dup2(moved[i], i) < 0) goto fail;
	syscall(SYS_close_range, s->descriptor_count, errors - 1, 0);
	syscall(SYS_close_range, errors + 1, ~0U, 0);
	execve(s->path, s->argv, s->envp);
fail:
	e = errno;
	(void)!write(errors, &e, sizeof(e));
	_exit(127);
}

int lx_spawn(const struct lx_spawn_args *s, int *pidfd_out)
{
	struct clone_args a;
	int pidfd = -1, ends[2], high, error = 0;
	sigset_t all, old;
	ssize_t n;

	if (s->descriptor_count < 0 || s->descriptor_count > 16) return -EINVAL;
	if (pipe2(ends, O_CLOEXEC)) return -errno;
	/* The pipe that reports a failed execve() must not be in the way of the child's descriptors. */
	high = fcntl(ends[1], F_DUPFD_CLOEXEC, 64);
	error = errno;
	close(ends[1]);
	if (high < 0) {
		close(ends[0]);
		return -error;
	}
	ends[1] = high;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	memset(&a, 0, sizeof(a));
	a.flags = CLONE_PIDFD | CLONE_CLEAR_SIGHAND | s->namespaces;
	a.pidfd = (uintptr_t)&pidfd;
	a.exit_signal = SIGCHLD;
	if (s->cgroup >= 0) {
		a.flags |= CLONE_INTO_CGROUP;
		a.cgroup = (uint64_t)s->cgroup;
	}
	pid_t parent = getpid();
	long pid = syscall(SYS_clone3, &a, sizeof(a));
	if (pid == 0) become(s, parent, ends[1]);
	error = pid < 0 ? errno : 0;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	close(ends[1]);
	if (pid > 0) {
		do n = read(ends[0], &error, sizeof(error));
		while (n < 0 && errno == EINTR);
		if (n != sizeof(error)) error = 0;
	}
	close(ends[0]);
	if (error) {
		if (pid > 0) {
			waitpid((pid_t)pid, NULL, 0);
			close(pidfd);
		}
		return -error;
	}
	*pidfd_out = pidfd;
	return (int)pid;
}

int lx_wait_pidfd(int pidfd, int block, int *code, int *status, struct timeval *cpu, long *peak_kib)
{
	siginfo_t info;
	struct rusage usage;
	long r;

	memset(&info, 0, sizeof(info));
	memset(&usage, 0, sizeof(usage));
	/* By its plain system call: glibc's waitid() hides the fifth argument, the resource usage. */
	do r = syscall(SYS_waitid, P_PIDFD, pidfd, &info, WEXITED | (block ? 0 : WNOHANG), &usage);
	while (r < 0 && errno == EINTR);
	if (r < 0) return -errno;
	if (info.si_pid == 0) return 0;
	*code = info.si_code;
	*status = info.si_status;
	*peak_kib = usage.ru_maxrss;
	timeradd(&usage.ru_utime, &usage.ru_stime, cpu);
	return 1;
}

/* A static Swift program aborts before main() where /proc is not mounted, as it is for the first process of a guest.
 * Priority 101 runs before the Swift runtime's own constructors. */
__attribute__((constructor(101))) static void mount_proc_for_init(void)
{
	if (getpid() == 1 && access("/proc/self/exe", F_OK) != 0) {
		mkdir("/proc", 0555);
		(void)mount("proc", "/proc", "proc", 0, NULL);
	}
}

int lx_bpf_load(const struct lx_bpf_program *p)
{
	union bpf_attr attr;
	memset(&attr, 0, sizeof(attr));
	attr.prog_type = p->type;
	attr.expected_attach_type = p->attach_type;
	attr.prog_flags = p->flags;
	attr.attach_btf_id = p->attach_btf_id;
	attr.kern_version = p->kernel_version;
	attr.insns = (uintptr_t)p->instructions;
	attr.insn_cnt = p->instruction_count;
	attr.license = (uintptr_t)"GPL";
	if (p->log) {
		p->log[0] = 0;
		attr.log_buf = (uintptr_t)p->log;
		attr.log_size = p->log_size;
		attr.log_level = p->log_level ? p->log_level : 1;
	}
	int descriptor = result(syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr)));
	if (p->log)
		p->log[p->log_size - 1] = 0;
	return descriptor;
}

int lx_bpf_create(const struct lx_bpf_map *m)
{
	union bpf_attr attr;
	memset(&attr, 0, sizeof(attr));
	attr.map_type = m->type;
	attr.key_size = m->key_size;
	attr.value_size = m->value_size;
	attr.max_entries = m->max_entries;
	attr.map_flags = m->flags;
	attr.inner_map_fd = m->inner_map;
	attr.btf_fd = m->btf;
	attr.btf_key_type_id = m->btf_key_type;
	attr.btf_value_type_id = m->btf_value_type;
	attr.btf_vmlinux_value_type_id = m->btf_vmlinux_value_type;
	return result(syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr)));
}

int lx_bpf_load_btf(const void *bytes, uint32_t size)
{
	union bpf_attr attr;
	memset(&attr, 0, sizeof(attr));
	attr.btf = (uintptr_t)bytes;
	attr.btf_size = size;
	return result(syscall(SYS_bpf, BPF_BTF_LOAD, &attr, sizeof(attr)));
}

int lx_bpf_link(int program, uint32_t target, uint32_t attach_type, const void *rest, uint32_t rest_size)
{
	/* Members of `link_create` that this header's union does not have yet follow its first four. */
	struct {
		uint32_t program, target, attach_type, flags;
		unsigned char rest[112];
	} attr;
	if (rest_size > sizeof(attr.rest))
		return -E2BIG;
	memset(&attr, 0, sizeof(attr));
	attr.program = (uint32_t)program;
	attr.target = target;
	attr.attach_type = attach_type;
	if (rest_size)
		memcpy(attr.rest, rest, rest_size);
	return result(syscall(SYS_bpf, BPF_LINK_CREATE, &attr, sizeof(attr)));
}

int lx_bpf_raw_tracepoint(int program, const char *name)
{
	union bpf_attr attr;
	memset(&attr, 0, sizeof(attr));
	attr.raw_tracepoint.name = (uintptr_t)name;
	attr.raw_tracepoint.prog_fd = (uint32_t)program;
	return result(syscall(SYS_bpf, BPF_RAW_TRACEPOINT_OPEN, &attr, sizeof(attr)));
}

int lx_bpf_link_type(int link)
{
	/* The members that `struct bpf_link_info` begins with. */
	struct {
		uint32_t type, id, program, padding;
	} info;
	union bpf_attr attr;
	memset(&info, 0, sizeof(info));
	memset(&attr, 0, sizeof(attr));
	attr.info.bpf_fd = (uint32_t)link;
	attr.info.info_len = sizeof(info);
	attr.info.info = (uintptr_t)&info;
	int error = result(syscall(SYS_bpf, BPF_OBJ_GET_INFO_BY_FD, &attr, sizeof(attr)));
	return error < 0 ? error : (int)info.type;
}

int lx_bpf_attach(int program, int target, uint32_t attach_type)
{
	union bpf_attr attr;
	memset(&attr, 0, sizeof(attr));
	attr.target_fd = (uint32_t)target;
	attr.attach_bpf_fd = (uint32_t)program;
	attr.attach_type = attach_type;
	return result(syscall(SYS_bpf, BPF_PROG_ATTACH, &attr, sizeof(attr)));
}

int lx_bpf_detach(int program, int target, uint32_t attach_type)
{
	union bpf_attr attr;
	memset(&attr, 0, sizeof(attr));
	attr.target_fd = (uint32_t)target;
	attr.attach_bpf_fd = (uint32_t)program;
	attr.attach_type = attach_type;
	return result(syscall(SYS_bpf, BPF_PROG_DETACH, &attr, sizeof(attr)));
}

static int element(int command, int map, const void *key, void *value)
{
	union bpf_attr attr;
	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)map;
	attr.key = (uintptr_t)key;
	attr.value = (uintptr_t)value;
	return result(syscall(SYS_bpf, command, &attr, sizeof(attr)));
}
int lx_bpf_lookup(int map, const void *key, void *value) { return element(BPF_MAP_LOOKUP_ELEM, map, key, value); }
int lx_bpf_update(int map, const void *key, const void *value)
{
	return element(BPF_MAP_UPDATE_ELEM, map, key, (void *)value);
}

int lx_bpf_test_run(int program, uint32_t *returned)
{
	union bpf_attr attr;
	memset(&attr, 0, sizeof(attr));
	attr.test.prog_fd = (uint32_t)program;
	int error = result(syscall(SYS_bpf, BPF_PROG_TEST_RUN, &attr, sizeof(attr)));
	*returned = attr.test.retval;
	return error;
}

__attribute__((noinline, used)) void lx_probe_target(void) { __asm__ volatile("nop"); }
uintptr_t lx_probe_target_address(void) { return (uintptr_t)lx_probe_target; }

#define LX_HELPER_NAME(name) [BPF_FUNC_##name] = "bpf_" #name
static const char *const helper_names[] = { __BPF_FUNC_MAPPER(LX_HELPER_NAME) };

const char *lx_bpf_helper_name(uint32_t id)
{
	return id > 0 && id < sizeof(helper_names) / sizeof(*helper_names) ? helper_names[id] : NULL;
}

int lx_raise_memlock(uint64_t before[2])
{
	struct rlimit now, wanted = { RLIM_INFINITY, RLIM_INFINITY };
	if (getrlimit(RLIMIT_MEMLOCK, &now))
		return -errno;
	before[0] = now.rlim_cur;
	before[1] = now.rlim_max;
	if (!setrlimit(RLIMIT_MEMLOCK, &wanted))
		return 0;
	wanted.rlim_cur = wanted.rlim_max = now.rlim_max;
	return result(setrlimit(RLIMIT_MEMLOCK, &wanted));
}

int lx_restore_memlock(const uint64_t before[2])
{
	const struct rlimit limit = { before[0], before[1] };
	return result(setrlimit(RLIMIT_MEMLOCK, &limit));
}

int lx_act_as(unsigned int user, unsigned int group)
{
	/* The system calls themselves: glibc's functions change every thread. */
	if (prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0) < 0) return -errno;
	if (syscall(SYS_setresgid, group, group, group) < 0) return -errno;
	return result(syscall(SYS_setresuid, user, user, user));
}

uint32_t lx_observe(const uint32_t *index) { return __atomic_load_n(index, __ATOMIC_ACQUIRE); }
void lx_publish(uint32_t *index, uint32_t value) { __atomic_store_n(index, value, __ATOMIC_RELEASE); }
