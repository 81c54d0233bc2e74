import LibBPF
import LinuxHost
import RunModel
import SampleKit
import SampleLab

/// Rewrites the address that connect(2) is called with, in the caller's memory.
struct TestProbeWriteUser: Sample {
    struct Observation: Codable, Equatable {
        /// What came of each call, by what it stands for.
        var calls: [String: Call] = [:]
        /// How many entries the map takes before it is full.
        var room = 0
    }

    /// What the map can hold.
    static let mapCapacity = 256

    /// A call of connect(2) and what came of it.
    struct Call: Codable, Equatable {
        /// What it said: `ok` or the symbol of its errno.
        var answer = ""
        /// What its memory held afterwards: the address of one of the servers, the address as it was, or 16 other bytes.
        var memory = ""
        /// Whom getpeername(2) named; empty where the call failed.
        var peer = ""
        /// Which server got the connection and a byte over it; empty where the call failed.
        var server = ""
    }

    static let manifest = Manifest(
        summary: "a kprobe on connect(2) writes another address over the caller's, so that TCP goes to a local server",
        oracle:
            "connections to 255.255.255.255:5555 and 192.0.2.1:80, for which there is no route, arrive at the two servers of 127.0.0.1 "
            + "that the map names, getpeername(2) names the same, and the caller's 16 bytes are the server's address; also where "
            + "connect(2) itself fails; other ports, families, addresses and paddings, longer and negative lengths, entries that are gone and "
            + "calls before attaching and after detaching fail as ever with the memory as it was, and so does memory that "
            + "can only be read, or not whole; the map takes 256 addresses",
        kernSources: ["samples/bpf/test_probe_write_user_kern.c"],
        programTypes: ["KPROBE"],
        needs: .kprobes + entryNeeds + [
            "CONFIG_DEBUG_INFO_BTF", "CONFIG_INET", "kernel>=5.5", "helper:bpf_probe_write_user",
        ],
        oldestTree: Manifest.OldestTree(
            KernelVersion(5, 10),
            otherwise: "attaches to sys_connect, which kernels for x86-64 do not have from Linux 4.17 on"
        )
    )

    /// A kprobe that is a breakpoint runs as if in an interrupt (`exc_int3`), where the helper writes nothing.
    private static let entryNeeds: NeedList = {
        #if arch(x86_64)
            ["CONFIG_KPROBES_ON_FTRACE"]
        #else
            []
        #endif
    }()

    func observe(in arena: borrowing Arena) throws -> Observation {
        let object = try arena.load(try arena.openObject(), calling: .probeWriteUser)
        let map = try object.map("dnat_map")
        _ = try LoopbackTraffic()
        let (first, second) = (try Server(), try Server())
        let caller = try Caller([(first, Trial.first), (second, Trial.second)])
        var seen = Observation()
        try map.update(SocketAddress.first, first.value)
        try map.update(SocketAddress.second, second.value)
        try map.update(SocketAddress.odd, second.value)
        try map.update(SocketAddress.zero, second.value)
        try observe(.before, caller, &seen, in: arena)
        let probe = try arena.attachProbe("bpf_prog1", of: object)
        try observe(.attached, caller, &seen, in: arena)
        try map.update(SocketAddress.first, second.value)
        try map.delete(SocketAddress.second)
        try observe(.changed, caller, &seen, in: arena)
        probe.detach()
        try observe(.detached, caller, &seen, in: arena)
        seen.room = try Self.room(of: map, for: second.value)
        return seen
    }

    /// How many entries a map takes before it is full; one more than it ought to, where it is not.
    private static func room(of map: BPFMap, for value: SocketAddress) throws -> Int {
        let old = try map.keys(as: SocketAddress.self)
        for key in old { try map.delete(key) }
        for port in 0...UInt16(mapCapacity) {
            do { try map.update(SocketAddress.second.with(port: port), value) } catch is ObjectMismatch {
                return Int(port)
            }
        }
        return mapCapacity + 1
    }

    private func observe(
        _ stage: Stage,
        _ caller: borrowing Caller,
        _ seen: inout Observation,
        in arena: borrowing Arena
    ) throws {
        try arena.stimulate {
            for trial in Trial.all where trial.stage == stage { seen.calls[trial.title] = try caller.call(trial) }
        }
    }

    func judge(_ seen: Observation) -> Judgement {
        var checks: [Check] = [
            .equal("addresses that the map takes", expected: Self.mapCapacity, observed: seen.room)
        ]
        for trial in Trial.all {
            let call = seen.calls[trial.title] ?? Call()
            let wanted = trial.result
            checks += [
                .equal("\(trial.title): connect(2)", expected: wanted.answer, observed: call.answer),
                .equal("\(trial.title): the caller's memory", expected: wanted.memory, observed: call.memory),
                .equal("\(trial.title): the peer", expected: wanted.peer, observed: call.peer),
                .equal("\(trial.title): connected to", expected: wanted.server, observed: call.server),
            ]
        }
        return Judgement(checks)
    }
}
