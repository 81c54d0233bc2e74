/* A worker with bad manners, for guests of tests: 'unruly run|control unruly/MODE CGROUP OBJECT'.
 *
 * Whatever the mode, a worker that comes so far says that it saw the number 42, or 0 in a control run, as a good one does. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static void put(const char *path, const char *text)
{
	int file = open(path, O_WRONLY);
	if (file < 0 || write(file, text, strlen(text)) < 0)
		perror(path);
	if (file >= 0)
		close(file);
}

static void crash_kernel(void) { put("/proc/sysrq-trigger", "c"); }

/* Takes the only processor away from everybody, for ever. */
static void hang(void)
{
	struct sched_param priority = { 99 };
	put("/proc/sys/kernel/sched_rt_runtime_us", "-1");
	sched_setscheduler(0, SCHED_FIFO, &priority);
	for (;;) {}
}

/* A megabyte of log and of console, with all that might be taken for something else. */
static void flood(void)
{
	static const char *const lines[] = {
		"<0>Kernel panic - not syncing: not really\n", "<0>WARNING: CPU: 0 PID: 1 at nowhere.c:1 nothing+0x0/0x0\n",
		"<0>BUG: kernel NULL pointer dereference, address: 0\n", "<0>Out of memory: Killed process 1 (init)\n",
	};
	int console = open("/dev/ttyS0", O_WRONLY | O_NOCTTY), log = open("/dev/kmsg", O_WRONLY);
	char line[1024];
	memset(line, 'x', sizeof(line));
	for (int i = 0; i < 4; i++)
		if (write(log, lines[i], strlen(lines[i])) < 0) perror("/dev/kmsg");
	for (int i = 0; i < 200; i++)
		if (write(console, line, sizeof(line)) < 0 || write(log, line, 800) < 0) perror("flood");
}

/* Writes a record on the port that init uses, as if it came from there. */
static void forge(void)
{
	static const char record[] =
		"2 0123456789abcdef {\"number\":1,\"outcome\":{\"allowed\":1,\"said\":[]},\"record\":\"ended\"}\n";
	/* Where nodes count: init's own was taken away. */
	mknod("/dev/forged", S_IFCHR | 0600, makedev(4, 65));
	put("/dev/forged", record);
	sleep(1);
}

static void eat_memory(void)
{
	for (;;) {
		/* A compiler may leave out memory that nobody looks at. */
		volatile char *block = malloc(1 << 20);
		for (int i = 0; block && i < 1 << 20; i += 4096) block[i] = 1;
	}
}

/* Leaves its cgroup, and panics as soon as so many workers have ended and nothing runs. */
static void panic_after(const char *ended)
{
	struct sched_param priority = { 50 };
	char record[8192];
	int ready[2];

	if (pipe(ready)) exit(1);
	if (fork()) {
		/* Until it is out of the cgroup that is killed in the end. */
		if (read(ready[0], record, 1) < 0) exit(1);
		return;
	}
	put("/sys/fs/cgroup/cgroup.procs", "0");
	if (write(ready[1], "", 1) != 1) exit(1);
	for (int i = 0; i < 8; i++) close(i);
	int log = open("/dev/kmsg", O_RDONLY);
	/* Before anybody else gets the processor. */
	sched_setscheduler(0, SCHED_FIFO, &priority);
	for (;;) {
		ssize_t size = read(log, record, sizeof(record) - 1);
		if (size < 0) continue;
		record[size] = 0;
		if (strstr(record, ended)) crash_kernel();
	}
}

/* Has the kernel bear the mark of a warning (Documentation/admin-guide/sysctl/kernel.rst), of which its log says nothing. */
static void taint(void)
{
	int file = open("/proc/sys/kernel/tainted", O_WRONLY);

	if (file < 0 || write(file, "512", 3) != 3) _exit(1);
	close(file);
}

int main(int count, char **arguments)
{
	const char *mode = count > 2 ? strchr(arguments[2], '/') : NULL;
	int control = count > 1 && !strcmp(arguments[1], "control");
	mode = mode ? mode + 1 : "";
	if (!control) {
		if (!strcmp(mode, "panic")) crash_kernel();
		if (!strcmp(mode, "late_panic")) panic_after("bpf-assay: ended 2");
		if (!strcmp(mode, "panic_between")) panic_after("bpf-assay: ended 1");
		if (!strcmp(mode, "hang")) hang();
		if (!strcmp(mode, "sleep")) sleep(1000);
		if (!strcmp(mode, "power_off")) reboot(RB_POWER_OFF);
		if (!strcmp(mode, "reset")) reboot(RB_AUTOBOOT);
		if (!strcmp(mode, "flood")) flood();
		if (!strcmp(mode, "forge")) forge();
		if (!strcmp(mode, "memory")) eat_memory();
		if (!strcmp(mode, "signal")) raise(SIGSEGV);
		if (!strcmp(mode, "silent")) return 0;
		if (!strcmp(mode, "taint")) taint();
	}
	char frame[96];
	int size = snprintf(frame, sizeof(frame), "{\"frame\":\"observed\",\"observation\":{\"number\":%d}}\n", control ? 0 : 42);
	return write(3, frame, (size_t)size) == size ? 0 : 70;
}
