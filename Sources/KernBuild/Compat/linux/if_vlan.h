/* bpf-assay: stands for the kernel-internal header of this name; what is ABI comes from the UAPI header of the tree. */
#pragma once
#include <linux/netdevice.h>
#include <uapi/linux/if_vlan.h>
/* The four bytes that 802.1Q puts between the MAC addresses and the EtherType of the payload. */
struct vlan_hdr {
	__be16 h_vlan_TCI;
	__be16 h_vlan_encapsulated_proto;
};
