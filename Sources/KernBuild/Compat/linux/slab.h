/* bpf-assay: stands for the kernel-internal header of this name; what is ABI comes from the UAPI header of the tree. */
#pragma once
#include <linux/types.h>
