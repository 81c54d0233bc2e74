/* bpf-assay: stands for the kernel-internal header of this name, which UAPI headers of the tree include. */
#pragma once
#include <linux/compiler_types.h>
