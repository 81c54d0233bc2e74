/* bpf-assay: stands for the kernel-internal header of this name; what is ABI comes from the UAPI header of the tree. */
#pragma once
/* RFC 3168: the two low bits of the type of service. */
#define INET_ECN_MASK 3
