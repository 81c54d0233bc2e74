/* bpf-assay: stands for the kernel-internal header of this name; samples include it and take nothing from it. */
#pragma once
#include <linux/types.h>
