/* bpf-assay: stands for the kernel-internal header of this name; what is ABI comes from the UAPI header of the tree. */
#pragma once
#include <linux/compiler_types.h>
#include <uapi/linux/types.h>
/* Inside the kernel these names come with <linux/types.h>; the samples use them without another header. */
typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s8 s8;
typedef __s16 s16;
typedef __s32 s32;
typedef __s64 s64;
typedef __u8 uint8_t;
typedef __u16 uint16_t;
typedef __u32 uint32_t;
typedef __u64 uint64_t;
typedef __SIZE_TYPE__ size_t;
typedef _Bool bool;
typedef u32 dev_t;
typedef u64 sector_t;
enum { false = 0, true = 1 };
