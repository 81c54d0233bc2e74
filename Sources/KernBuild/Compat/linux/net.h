/* bpf-assay: stands for the kernel-internal header of this name; what is ABI comes from the UAPI header of the tree. */
#pragma once
#include <linux/socket.h>
#include <uapi/linux/net.h>
/* MIPS numbers the first two the other way round; no architecture that this project knows does. */
#define SOCK_STREAM 1
#define SOCK_DGRAM 2
#define SOCK_RAW 3
