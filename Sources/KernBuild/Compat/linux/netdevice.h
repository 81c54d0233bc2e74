/* bpf-assay: stands for the kernel-internal header of this name; what is ABI comes from the UAPI header of the tree. */
#pragma once
#include <linux/skbuff.h>
/* Some samples have these two protocols from nowhere else. */
#include <uapi/linux/tcp.h>
#include <uapi/linux/udp.h>
