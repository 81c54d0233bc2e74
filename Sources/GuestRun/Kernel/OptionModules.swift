/// Which module an option builds, where it is set to `m`: what `obj-$(CONFIG_…)` in the kernel's makefiles says of the options
/// that samples need.
public enum OptionModules {
    private static let table: [String: [String]] = [
        "CONFIG_BLK_DEV_NULL_BLK": ["null_blk"],
        "CONFIG_BRIDGE": ["bridge"],
        "CONFIG_CRYPTO_AUTHENC": ["authenc"],
        "CONFIG_CRYPTO_NULL": ["crypto_null"],
        "CONFIG_DUMMY": ["dummy"],
        "CONFIG_GENEVE": ["geneve"],
        "CONFIG_IFB": ["ifb"],
        "CONFIG_INET_DIAG": ["inet_diag"],
        "CONFIG_INET_ESP": ["esp4"],
        "CONFIG_IPV6": ["ipv6"],
        "CONFIG_IPV6_GRE": ["ip6_gre"],
        "CONFIG_IPV6_TUNNEL": ["ip6_tunnel"],
        "CONFIG_IPVLAN": ["ipvlan"],
        "CONFIG_LWTUNNEL_BPF": [],
        "CONFIG_MACVLAN": ["macvlan"],
        "CONFIG_NET_ACT_BPF": ["act_bpf"],
        "CONFIG_NET_ACT_MIRRED": ["act_mirred"],
        "CONFIG_NET_CLS_BPF": ["cls_bpf"],
        "CONFIG_NET_CLS_MATCHALL": ["cls_matchall"],
        "CONFIG_NET_CLS_U32": ["cls_u32"],
        "CONFIG_NET_IPGRE": ["ip_gre"],
        "CONFIG_NET_IPGRE_DEMUX": ["gre"],
        "CONFIG_NET_IPIP": ["ipip"],
        "CONFIG_NET_SCH_FQ": ["sch_fq"],
        "CONFIG_NET_SCH_FQ_CODEL": ["sch_fq_codel"],
        "CONFIG_NET_SCH_HTB": ["sch_htb"],
        "CONFIG_NET_SCH_INGRESS": ["sch_ingress"],
        "CONFIG_NET_SCH_NETEM": ["sch_netem"],
        "CONFIG_NET_VRF": ["vrf"],
        "CONFIG_PACKET": ["af_packet"],
        "CONFIG_TCP_CONG_DCTCP": ["tcp_dctcp"],
        "CONFIG_TCP_CONG_NV": ["tcp_nv"],
        "CONFIG_TUN": ["tun"],
        "CONFIG_VETH": ["veth"],
        "CONFIG_VXLAN": ["vxlan"],
        "CONFIG_XDP_SOCKETS_DIAG": ["xsk_diag"],
        "CONFIG_XFRM_USER": ["xfrm_user"],
    ]

    /// The modules of an option; `nil` for an option that this table does not know.
    public static func modules(of option: String) -> [String]? { table[option] }
}
