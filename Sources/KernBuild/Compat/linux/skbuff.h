/* bpf-assay: stands for the kernel-internal header of this name; what is ABI comes from the UAPI header of the tree. */
#pragma once
/* The kernel's header brings protocols, classifiers, tasks and registers along, and samples rely on it. */
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/ptrace.h>
#include <linux/pkt_cls.h>
#include <kernel_structs.h>
