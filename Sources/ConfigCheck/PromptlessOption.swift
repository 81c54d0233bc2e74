/// An option that nobody can set: Kconfig gives it no prompt, and other options or the architecture bring it.
///
/// A fragment that sets one is silently ignored by `make olddefconfig`, so a remedy names what brings it instead.
struct PromptlessOption {
    /// What brings the option, for a person.
    let origin: String
    /// The lines that bring it where its architecture can have it; empty where no line does.
    let carriers: [String]

    /// Looks an option up; `nil` for one that has a prompt, or that nobody has written down here.
    static func named(_ option: String) -> PromptlessOption? {
        known[option]
    }

    /// From the Kconfig files of Linux 4.4 to 7.2: `kernel/bpf`, `kernel/trace`, `net`, `init` and `arch`.
    private static let known: [String: PromptlessOption] = [
        "CONFIG_BPF": PromptlessOption(
            origin: "BPF_SYSCALL and NET select it",
            carriers: ["CONFIG_BPF_SYSCALL=y"]
        ),
        "CONFIG_BPF_EVENTS": PromptlessOption(
            origin: "it is y where BPF_SYSCALL, PERF_EVENTS and one of KPROBE_EVENTS and UPROBE_EVENTS are",
            carriers: [
                "CONFIG_BPF_SYSCALL=y", "CONFIG_PERF_EVENTS=y", "CONFIG_KPROBES=y", "CONFIG_KPROBE_EVENTS=y",
            ]
        ),
        "CONFIG_EVENT_TRACING": PromptlessOption(
            origin: "TRACING selects it, which every tracer selects",
            carriers: ["CONFIG_FTRACE=y", "CONFIG_FTRACE_SYSCALLS=y"]
        ),
        "CONFIG_HAVE_BPF_JIT": PromptlessOption(origin: "architectures with a BPF JIT select it", carriers: []),
        "CONFIG_HAVE_CBPF_JIT": PromptlessOption(
            origin: "architectures with a classic BPF JIT select it",
            carriers: []
        ),
        "CONFIG_HAVE_EBPF_JIT": PromptlessOption(origin: "architectures with an eBPF JIT select it", carriers: []),
        "CONFIG_NET_XGRESS": PromptlessOption(
            origin: "BPF_SYSCALL selects it where NET is y",
            carriers: ["CONFIG_NET=y", "CONFIG_BPF_SYSCALL=y"]
        ),
        "CONFIG_SOCK_CGROUP_DATA": PromptlessOption(
            origin: "CGROUP_BPF selects it",
            carriers: ["CONFIG_CGROUPS=y", "CONFIG_CGROUP_BPF=y"]
        ),
        "CONFIG_TRACEPOINTS": PromptlessOption(
            origin: "TRACING selects it, which every tracer selects",
            carriers: ["CONFIG_FTRACE=y", "CONFIG_FTRACE_SYSCALLS=y"]
        ),
        "CONFIG_UPROBES": PromptlessOption(origin: "UPROBE_EVENTS selects it", carriers: ["CONFIG_UPROBE_EVENTS=y"]),
    ]
}
