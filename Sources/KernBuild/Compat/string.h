/* bpf-assay: there is no C library in a BPF program; clang expands in place what the samples call of it. */
#pragma once
#undef memcpy
#undef memset
#define memcpy __builtin_memcpy
#define memset __builtin_memset
