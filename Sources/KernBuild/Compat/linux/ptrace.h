/* bpf-assay: stands for the kernel-internal header of this name; what is ABI comes from the UAPI header of the tree. */
#pragma once
#include <linux/types.h>
#include <uapi/linux/ptrace.h>
/* As in the kernel, tasks and error numbers come along. */
#include <linux/sched.h>
#include <asm/errno.h>
#ifdef __x86_64__
/* The registers as the kernel saves them. Under __KERNEL__ the UAPI header declares no pt_regs, and that of userspace
 * has other field names than libbpf's bpf_tracing.h reads. On arm64 the UAPI's user_pt_regs serves. */
struct pt_regs {
	unsigned long r15, r14, r13, r12, bp, bx;
	unsigned long r11, r10, r9, r8, ax, cx, dx, si, di;
	unsigned long orig_ax, ip, cs, flags, sp, ss;
};
#endif
