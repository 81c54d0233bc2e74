/* bpf-assay: under __KERNEL__ the UAPI header of x86 leaves the choice of the word size to a kernel-internal one. */
#pragma once
#ifdef __x86_64__
#include <asm/posix_types_64.h>
#else
#include <asm-generic/posix_types.h>
#endif
