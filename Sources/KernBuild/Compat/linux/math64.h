/* bpf-assay: stands for the kernel-internal header of this name; what is ABI comes from the UAPI header of the tree. */
#pragma once
#include <linux/types.h>
/* BPF divides 64 bits by 64 bits in one instruction. */
static __always_inline u64 div64_u64(u64 dividend, u64 divisor)
{
	return dividend / divisor;
}
