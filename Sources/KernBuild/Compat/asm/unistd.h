/* bpf-assay: the numbers of the system calls that the samples name. A configured tree generates them all from its tables;
 * they are ABI and never change. */
#pragma once
#ifdef __x86_64__
#define __NR_read 0
#define __NR_write 1
#define __NR_mmap 9
#define __NR_getuid 102
#define __NR_getsid 124
#else
#define __NR_read 63
#define __NR_write 64
#define __NR_mmap 222
#define __NR_getsid 156
#define __NR_getuid 174
#endif
