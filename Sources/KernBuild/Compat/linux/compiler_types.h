/* bpf-assay: stands for the kernel-internal header of this name; what is ABI comes from the UAPI header of the tree. */
#pragma once
/* Annotations for sparse and for the kernel's own build. `make headers_install` strips them from the installed UAPI
 * headers; the tree's headers still have them. clang needs none of them here. */
#define __user
#define __force
#define __bitwise
#define __iomem
#define __percpu

/* The tree's swab.h falls back to inline assembler of the host's architecture, which the bpf target cannot assemble,
 * unless it is told that the compiler swaps bytes itself. */
#define __HAVE_BUILTIN_BSWAP16__ 1
#define __HAVE_BUILTIN_BSWAP32__ 1
#define __HAVE_BUILTIN_BSWAP64__ 1

#ifndef __always_inline
#define __always_inline inline __attribute__((__always_inline__))
#endif
#define __packed __attribute__((__packed__))
#define __attribute_const__ __attribute__((__const__))
