/* bpf-assay: the kernel's own structs that kern sources read, cut down to the members that they read.
 *
 * A kernel's internal headers give offsets of one version and one configuration. These give none: each access becomes a
 * CO-RE relocation, which the loader resolves against the BTF of the kernel that the object is loaded on. Order and
 * padding therefore do not matter, names and types of the members do. */
#pragma once
#include <linux/types.h>
#include <uapi/linux/bpf.h>

#define TASK_COMM_LEN 16
#ifndef IFNAMSIZ
#define IFNAMSIZ 16
#endif

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct signal_struct {
	short oom_score_adj;
};
struct task_struct {
	int pid;
	struct signal_struct *signal;
	char comm[TASK_COMM_LEN];
};
struct net_device {
	char name[IFNAMSIZ];
};
struct sk_buff {
	struct net_device *dev;
	unsigned int len;
};
struct bpf_map {
	enum bpf_map_type map_type;
};
/* The record of block's request tracepoints, without what every record begins with. */
struct trace_event_raw_block_rq {
	dev_t dev;
	sector_t sector;
};
#pragma clang attribute pop
