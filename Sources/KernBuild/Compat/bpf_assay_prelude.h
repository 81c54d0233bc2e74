/* bpf-assay: included before every kern source.
 *
 * In a kernel build these names reach the samples by accident, through one kernel header that includes another. They
 * belong to no UAPI header, and no sample includes the header that defines them, so they are given to all. */
#pragma once

#define __stringify_1(x...) #x
#define __stringify(x...) __stringify_1(x)

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

/* Like the kernel's, these evaluate each argument once: xdp_adjust_tail passes a variable that userspace rewrites. */
#define min(a, b) ({ __auto_type min_a = (a); __auto_type min_b = (b); min_a < min_b ? min_a : min_b; })
#define max(a, b) ({ __auto_type max_a = (a); __auto_type max_b = (b); max_a > max_b ? max_a : max_b; })

/* There is no function to call in a BPF program: clang must expand these in place. */
#define memcpy __builtin_memcpy
#define memset __builtin_memset

#define BIT(bit) (1UL << (bit))

/* A kernel's configuration says how many processors it may have; samples before 5.15 size their maps by it. */
#define NR_CPUS 64
