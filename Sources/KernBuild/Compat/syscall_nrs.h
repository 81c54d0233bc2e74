/* bpf-assay: stands for what the tree's own build writes into samples/bpf under this name. */
#pragma once
#include <asm/unistd.h>
#define SYS__NR_read __NR_read
#define SYS__NR_write __NR_write
#define SYS__NR_mmap __NR_mmap
