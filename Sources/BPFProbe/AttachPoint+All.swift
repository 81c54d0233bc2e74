import LinuxHost

extension AttachPoint {
    /// Every attach point that is asked for, in the order of the kernel's subsystems.
    ///
    /// Program types and attach types are the numbers of `enum bpf_prog_type` and `enum bpf_attach_type`. A perf event's program
    /// returns 1: after a 0 the kernel forgets the event for everybody who counts it.
    public static let all: [AttachPoint] = tracing + network + sockets + cgroups

    private static func onEvent(_ name: String, _ type: UInt32, _ event: Event) -> AttachPoint {
        let way = Way.link(41, to: .event(event), otherwise: .event)  // BPF_PERF_EVENT
        return AttachPoint(name, type, 0, way, returns: 1, makes: .perfEvent)
    }

    private static let tracing: [AttachPoint] = [
        onEvent("kprobe", 2, .kernelFunction),
        onEvent("uprobe", 2, .code),
        onEvent("tracepoint", 5, .tracepoint),
        onEvent("perf_event", 7, .clock),
        AttachPoint("raw_tracepoint", 17, 0, .rawTracepoint("sched_process_exec"), makes: .rawTracepoint),
        AttachPoint("tp_btf", 26, 23, .rawTracepoint(nil), makes: .rawTracepoint),
        AttachPoint("fentry", 26, 24, .rawTracepoint(nil), makes: .tracing),
        AttachPoint("fexit", 26, 25, .rawTracepoint(nil), makes: .tracing),
        AttachPoint("fmod_ret", 26, 26, .rawTracepoint(nil), makes: .tracing),
        AttachPoint("lsm", 29, 27, .rawTracepoint(nil), makes: .tracing),
        AttachPoint("iter_task", 26, 28, .link(28, to: .none), makes: .iterator),
        AttachPoint("kprobe_multi", 2, 42, .link(42, to: .function), makes: .kernelFunctions),
        AttachPoint("kprobe_session", 2, 56, .link(56, to: .function), makes: .kernelFunctions),
        AttachPoint("uprobe_multi", 2, 48, .link(48, to: .code), makes: .programFunctions),
        AttachPoint("uprobe_session", 2, 57, .link(57, to: .code), makes: .programFunctions),
    ]

    private static let network: [AttachPoint] = [
        AttachPoint("xdp", 6, 0, .link(37, to: .loopback, otherwise: .interface), returns: 2, makes: .xdp),
        AttachPoint("xdp_devmap", 6, 33, .older(.deviceEntry), returns: 2),
        AttachPoint("xdp_cpumap", 6, 35, .older(.processorEntry), returns: 2),
        AttachPoint("tcx_ingress", 3, 0, .link(46, to: .loopback), makes: .trafficControl),
        AttachPoint("tcx_egress", 3, 0, .link(47, to: .loopback), makes: .trafficControl),
        AttachPoint("netkit_primary", 3, 0, .link(54, to: .netkit), makes: .netkit),
        AttachPoint("netkit_peer", 3, 0, .link(55, to: .netkit), makes: .netkit),
        AttachPoint("tc_filter", 3, 0, .older(.filter)),
        AttachPoint("tc_action", 4, 0, .older(.action)),
        AttachPoint("netfilter", 32, 45, .link(45, to: .netfilter), returns: 1, makes: .netfilter),
        AttachPoint("flow_dissector", 22, 0, .link(17, to: .network, otherwise: .attachment), makes: .network),
        AttachPoint("sk_lookup", 30, 36, .link(36, to: .network), returns: 1, makes: .network),
        AttachPoint("lwt_in", 10, 0, .older(.route(.input))),
        AttachPoint("lwt_out", 11, 0, .older(.route(.output))),
        AttachPoint("lwt_xmit", 12, 0, .older(.route(.transmit))),
        AttachPoint("lwt_seg6local", 19, 0, .older(.segmentRoute)),
    ]

    private static func onSockets(_ name: String, _ type: UInt32, _ attachType: UInt32) -> AttachPoint {
        let way = Way.link(attachType, to: .sockets, otherwise: .attachment)
        return AttachPoint("sockmap_\(name)", type, 0, way, returns: 1, makes: .socketMap)
    }

    private static let sockets: [AttachPoint] = [
        AttachPoint("socket_filter", 1, 0, .older(.socket), returns: -1),
        AttachPoint("reuseport", 21, 0, .older(.reusePort), returns: 1),
        onSockets("stream_parser", 14, 4),
        onSockets("stream_verdict", 14, 5),
        onSockets("verdict", 14, 38),
        onSockets("msg_verdict", 16, 7),
    ]

    private static func onGroup(
        _ name: String,
        _ type: UInt32,
        _ attachType: UInt32,
        loadedFor: Bool = true
    ) -> AttachPoint {
        let way = Way.link(attachType, to: .cgroup, otherwise: .attachment)
        return AttachPoint("cgroup_\(name)", type, loadedFor ? attachType : 0, way, returns: 1, makes: .cgroup)
    }

    private static let cgroups: [AttachPoint] = [
        onGroup("inet_ingress", 8, 0), onGroup("inet_egress", 8, 1, loadedFor: false),
        onGroup("inet_sock_create", 9, 2, loadedFor: false), onGroup("inet_sock_release", 9, 34),
        onGroup("inet4_post_bind", 9, 12), onGroup("inet6_post_bind", 9, 13),
        onGroup("sock_ops", 13, 3, loadedFor: false), onGroup("device", 15, 6, loadedFor: false),
        onGroup("inet4_bind", 18, 8), onGroup("inet6_bind", 18, 9),
        onGroup("inet4_connect", 18, 10), onGroup("inet6_connect", 18, 11),
        onGroup("udp4_sendmsg", 18, 14), onGroup("udp6_sendmsg", 18, 15),
        onGroup("udp4_recvmsg", 18, 19), onGroup("udp6_recvmsg", 18, 20),
        onGroup("inet4_getpeername", 18, 29), onGroup("inet6_getpeername", 18, 30),
        onGroup("inet4_getsockname", 18, 31), onGroup("inet6_getsockname", 18, 32),
        onGroup("unix_connect", 18, 49), onGroup("unix_sendmsg", 18, 50), onGroup("unix_recvmsg", 18, 51),
        onGroup("unix_getpeername", 18, 52), onGroup("unix_getsockname", 18, 53),
        onGroup("sysctl", 23, 18, loadedFor: false),
        onGroup("getsockopt", 25, 21), onGroup("setsockopt", 25, 22),
        AttachPoint("lsm_cgroup", 29, 43, .link(43, to: .cgroup), returns: 1, makes: .cgroup),
    ]
}
