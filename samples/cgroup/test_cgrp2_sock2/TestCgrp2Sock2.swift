import LibBPF
import LinuxHost
import RunModel
import SampleKit
import SampleLab

/// Two programs on a cgroup that deny its processes the raw sockets of ping(8), one for each version of the protocol.
struct TestCgrp2Sock2: Sample {
    struct Observation: Codable, Equatable {
        /// What the kernel listed as attached to the cgroup, by the situation.
        var attached: [String: [String]] = [:]
        /// What socket(2) said, by the situation and the kind of socket.
        var answers: [String: [String: String]] = [:]
        /// What socket(2) said to a thread of another user, likewise.
        var foreign: [String: [String: String]] = [:]
        /// The protocols of which socket(2) gave no raw socket and what it said, by the situation and the family.
        var refused: [String: [String: [CInt: String]]] = [:]
        /// Whether the object is one that denies datagram sockets for ICMP, and not raw ones.
        var deniesDatagrams: Bool?
        /// What the programs printed while socket(2) was called for each kind in turn, by the situation: for this thread's calls, and
        /// for those of another user's; `nil` where lines cannot be told from those of others.
        var printed: [String: [[String]]]? = [:]
        /// The processors that sockets were tried on.
        var processors = 1
        /// This process's user and group.
        var owner: [UInt32] = [0, 0]
    }

    static let manifest = Manifest(
        summary: "programs on a cgroup deny its processes raw ICMPv6 and raw ICMP sockets",
        oracle:
            "of 22 kinds of Internet socket and all raw protocols, for root and for another user, on each of up to four processors, bpf_prog1 denies raw ICMPv6 over IPv6 with EPERM, "
            + "bpf_prog2 raw ICMP over IPv4, both attached deny both; every other kind, a process outside the "
            + "cgroup and one after detaching get their sockets; each program prints the family, the type and the protocol of every socket, "
            + "and the first one the user and the group; objects of Linux 6.3 and later deny datagram sockets in place of raw ones",
        kernSources: ["samples/bpf/sock_flags_kern.c"],
        programTypes: ["CGROUP_SOCK"],
        needs: .cgroup + [
            "CONFIG_BPF_EVENTS", "CONFIG_INET",
            // The tracepoint in bpf_trace_printk(), and what the lines are read with.
            "kernel>=5.9", "helper:bpf_probe_read_kernel_str",
        ]
    )

    // Protocols 1 and 58 are ICMP and ICMPv6, 2 is IGMP, 6 TCP, 17 UDP and 255 raw IP. Each raw one is tried over
    // both versions.
    static let kinds: [SocketKind] = SocketKind.Family.allCases.flatMap { family in
        let streams = [0, 6].map { SocketKind(family, .stream, $0) }
        let datagrams = [0, 17, family == .inet ? 1 : 58].map { SocketKind(family, .datagram, $0) }
        return streams + datagrams + [1, 2, 6, 17, 58, 255].map { SocketKind(family, .raw, $0) }
    }

    /// Protocols of raw sockets: all that a header can name, and those that have a number beyond (IPPROTO_MPTCP is 262).
    static let protocols: Range<CInt> = 0..<263
    /// A user who is nobody's, and a group: numbers of more than 16 bits.
    ///
    /// No larger group may have ICMP sockets of type datagram.
    static let stranger: [UInt32] = [0x1_d431, 0x4002_2bce]

    /// Tries each kind on each processor; returns the calling thread's number and what socket(2) said.
    private static func attempts(on processors: [CInt]) throws -> (thread: CInt, answers: [String: String]) {
        var answers: [String: String] = [:]
        for processor in processors {
            try Processors.pinned(to: processor) {
                for kind in kinds {
                    let answer = kind.attempt()
                    answers["\(kind)"] =
                        answers["\(kind)"].map { $0 == answer ? answer : "\($0), then \(answer)" } ?? answer
                }
            }
        }
        return (ProcessNumbers.thread, answers)
    }

    func observe(in arena: borrowing Arena) throws -> Observation {
        let object = try arena.loadObject()
        let inner = arena.cgroup.child("inner")
        try inner.create()
        try SocketKind.allowEchoDatagrams()
        let first = try object.program("bpf_prog1")
        let second = try object.program("bpf_prog2")
        let recorder = try arena.recordPrints()
        var seen = Observation()
        let processors = try SenderProcessors.available()
        seen.processors = processors.count
        seen.owner = [ProcessNumbers.user, ProcessNumbers.group]
        // Lines are told by their thread's number.
        if (try? ProcessNumbers.requireInitialNamespace()) == nil { seen.printed = nil }
        // The source took another kind of socket when its sections got another name, in Linux 6.3.
        seen.deniesDatagrams = first.section == "cgroup/sock"
        func look(_ situation: String) throws {
            for program in [first, second] where try program.isAttached(to: inner) {
                seen.attached[situation, default: []].append(program.name)
            }
            try arena.stimulate {
                _ = try recorder.take()
                let (own, answers) = try Self.attempts(on: processors)
                let (other, foreign) = try WorkThread.run(asUser: Self.stranger[0], group: Self.stranger[1]) {
                    try Self.attempts(on: processors)
                }
                let lines = try recorder.take().whole()
                (seen.answers[situation], seen.foreign[situation]) = (answers, foreign)
                seen.printed?[situation] = [own, other].map { thread in
                    lines.filter { $0.thread == thread }.map(\.text)
                }
                for family in SocketKind.Family.allCases {
                    let answers = Self.protocols.map { ($0, SocketKind(family, .raw, $0).attempt()) }
                    seen.refused[situation, default: [:]][family.rawValue] =
                        Dictionary(uniqueKeysWithValues: answers.filter { $0.1 != "ok" })
                }
            }
        }
        let firstLink = try first.attach(to: inner)
        let secondLink = try second.attach(to: inner)
        try look("outside")
        try arena.stimulate { try inner.enter() }
        try look("both")
        firstLink.detach()
        try look("prog2")
        secondLink.detach()
        try look("detached")
        let again = try first.attach(to: inner)
        try look("prog1")
        again.detach()
        try arena.stimulate { try arena.cgroup.enter() }
        try inner.remove(deadline: Deadline(after: answerTime))
        return seen
    }
}
