/* bpf-assay: stands for the kernel-internal header of this name; what is ABI comes from the UAPI header of the tree. */
#pragma once
#include <linux/skbuff.h>
#include <linux/byteorder/little_endian.h>
#include <uapi/linux/ip.h>
/* RFC 791: of the 16 bits, one says that more fragments follow and the low 13 are where this one belongs. */
static __always_inline bool ip_is_fragment(const struct iphdr *header)
{
	return (header->frag_off & htons(0x2000 | 0x1fff)) != 0;
}
