/* bpf-assay: stands for the kernel-internal header of this name; what is ABI comes from the UAPI header of the tree. */
#pragma once
#include <uapi/linux/stddef.h>
#define NULL ((void *)0)
#define offsetof(type, member) __builtin_offsetof(type, member)
