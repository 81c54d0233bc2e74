// Calls of whoever runs a whole machine, or is one: see include/clinux.h.
#define _GNU_SOURCE
#include "clinux.h"

#include <errno.h>
#include <linux/capability.h>
#if defined(__x86_64__)
#include <sys/io.h>
#include <x86intrin.h>
#endif
#include <sys/mman.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* The kernel's way of saying errors: negated. */
static int result(long value) { return value < 0 ? -errno : (int)value; }

int lx_init_module(const void *image, unsigned long size, const char *parameters)
{
	return result(syscall(SYS_init_module, image, size, parameters));
}

#if defined(__x86_64__)
int lx_port_write(unsigned short port, unsigned char value)
{
	if (ioperm(port, 1, 1))
		return -errno;
	outb(value, port);
	return result(ioperm(port, 1, 0));
}
#else
int lx_port_write(unsigned short port, unsigned char value) { (void)port, (void)value; return -ENOSYS; }
#endif

int lx_power_off(void) { return result(reboot(RB_POWER_OFF)); }
int lx_restart(void) { return result(reboot(RB_AUTOBOOT)); }
int lx_socket_pair(int ends[2]) { return result(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends)); }
int lx_memory_file(const char *name) { return result(memfd_create(name, MFD_CLOEXEC)); }

#if defined(__x86_64__)
int lx_tsc_khz(int milliseconds)
{
	struct timespec now, pause = { milliseconds / 1000, milliseconds % 1000 * 1000000L };
	clock_gettime(CLOCK_MONOTONIC, &now);
	uint64_t ticks = __rdtsc(), nanoseconds = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;

	nanosleep(&pause, NULL);
	clock_gettime(CLOCK_MONOTONIC, &now);
	ticks = __rdtsc() - ticks;
	nanoseconds = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec - nanoseconds;
	return nanoseconds ? (int)(ticks * 1000000u / nanoseconds) : -EINVAL;
}
#else
int lx_tsc_khz(int milliseconds) { (void)milliseconds; return -ENOSYS; }
#endif

unsigned long long lx_effective_capabilities(void)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { { 0, 0, 0 } };

	if (syscall(SYS_capget, &header, data))
		return 0;
	return (unsigned long long)data[1].effective << 32 | data[0].effective;
}
