/* bpf-assay: stands for the C library's header of this name; what it tells of protocols comes from the tree. */
#pragma once
#include <linux/in.h>
