import SampleKit

extension TestProbeWriteUser {
    static let examples: [Example<Observation>] = [
        .accepted("rewritten where it must be", run()),
        .rejected("nothing called", Observation()),
        .rejected("half the room", run { $0.room = 128 }),
        .rejected("no limit", run { $0.room = 257 }),
        .rejected(
            "written where it could not be read",
            changed("memory of which half can be read") { $0.memory = "020015b37f00000100" }
        ),
        .rejected("never rewritten", run { seen in seen.calls = seen.calls.mapValues { _ in refused } }),
        .rejected(
            "rewritten, and connected to nobody",
            changed("first address") { ($0.answer, $0.server) = ("ENETUNREACH", "") }
        ),
        .rejected("connected, and the memory as it was", changed("first address") { $0.memory = Trial.unchanged }),
        .rejected("only half of the address written", changed("first address") { $0.memory = "020015b37f00000100" }),
        .rejected(
            "the address never written back to user space's last page",
            changed("across two pages") { $0 = refused }
        ),
        .rejected("the first entry for every address", changed("second address") { $0 = arrived(Trial.first) }),
        .rejected("another peer than the server", changed("first address") { $0.peer = Trial.second }),
        .rejected("no server got the connection", changed("first address") { $0.server = "" }),
        .rejected("both servers got it", changed("first address") { $0.server += Trial.second }),
        .rejected("the port not looked at", changed("another port") { $0 = arrived(Trial.first) }),
        .rejected("the address not looked at", changed("another address") { $0 = arrived(Trial.second) }),
        .rejected("the padding not looked at", changed("padding that is not 0") { $0 = arrived(Trial.first) }),
        .rejected("the length not looked at", changed("a length of 17") { $0 = arrived(Trial.first) }),
        .rejected("a length without its sign", changed("a length of -1") { $0.memory = Trial.first }),
        .rejected("a short length refused by the kern half", changed("a length of 8") { $0.memory = Trial.unchanged }),
        .rejected(
            "memory written that can only be read",
            changed("memory that can only be read") { $0.memory = Trial.first }
        ),
        .rejected("run only for sockets", changed("no socket") { $0.memory = Trial.unchanged }),
        .rejected("the entry as it was first", changed("an entry that was changed") { $0 = arrived(Trial.first) }),
        .rejected("the deleted entry still there", changed("an entry that was deleted") { $0 = arrived(Trial.second) }),
        .rejected("something else rewrites it", changed("before attaching") { $0 = arrived(Trial.first) }),
        .rejected("still attached after its detachment", changed("detached") { $0 = arrived(Trial.second) }),
        .rejected("the last call missing", run { $0.calls["detached"] = nil }),
    ]

    private static let refused = Call(answer: "ENETUNREACH", memory: Trial.unchanged)

    private static func arrived(_ server: String) -> Call {
        Call(answer: "ok", memory: server, peer: server, server: server)
    }

    /// A whole run, right unless something is changed afterwards.
    private static func run(_ change: (inout Observation) -> Void = { _ in }) -> Observation {
        var seen = Observation(room: mapCapacity)
        for trial in Trial.all { seen.calls[trial.title] = trial.result }
        change(&seen)
        return seen
    }

    private static func changed(_ title: String, _ change: (inout Call) -> Void) -> Observation {
        run { change(&$0.calls[title, default: Call()]) }
    }
}
