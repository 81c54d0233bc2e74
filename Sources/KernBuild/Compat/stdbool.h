/* bpf-assay: the kernel has these names from its own <linux/types.h>, as a type and an enumeration. */
#pragma once
#include <linux/types.h>
