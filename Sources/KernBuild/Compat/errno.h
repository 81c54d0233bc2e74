/* bpf-assay: there is no C library in a BPF program; what the samples want of this header is given to all of them. */
#pragma once
#include <asm/errno.h>
