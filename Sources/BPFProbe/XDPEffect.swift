import CLinux
import Glibc
import LibBPF
import LinuxHost
import RunModel
import SystemPackage

/// What was seen of an XDP program that counts and drops what `lo` of a private namespace receives.
struct XDPEffect: Hashable {
    /// What the program counted when one datagram was sent.
    var counted: UInt64
    /// The first datagram that arrived: the one sent under the program, the one sent after it, or none.
    var arrived: Datagram?

    enum Datagram: UInt8 {
        case under = 1
        case after = 2
    }

    /// Whether the program was obeyed.
    var answer: ProbeAnswer {
        switch (counted, arrived) {
        case (0, .under): .absent
        case (1..., .after): .supported
        case (_, nil): .inconclusive("no datagram arrives, not even without a program")
        case (_, .under): .inconclusive("a packet that was dropped has arrived")
        case (_, .after): .inconclusive("a packet that was not counted has not arrived")
        }
    }

    static func ask(_ probe: borrowing TypeProbe, _ places: inout AttachPlaces) -> ProbeAnswer {
        let kind = ProgramKind.all[5]
        if let why = places.privacy { return why.answer(probe.privileges, needing: [.sysAdmin]) }
        guard let map = RawMap(type: 2, valueSize: 8).create().descriptor() else {
            return .inconclusive("the kernel refuses an array")
        }
        let loaded = probe.load(RawProgram(type: .xdp), countAndDrop(map.number))
        if let refusal = loaded.refusal {
            return AttachOutcome.refused(refusal).answer(probe.privileges, needing: kind.capabilities)
        }
        guard let program = loaded.descriptor(), let loopback = places.loopback, let pair = SocketPair.make() else {
            return .inconclusive("no interface to receive at")
        }
        do throws(SystemCallError) {
            try places.routes?.setXDP(program.number, on: loopback)
        } catch {
            return AttachOutcome(error.errno, absentIf: AttachOutcome.netlink)
                .answer(probe.privileges, needing: kind.capabilities)
        }
        pair.send(Datagram.under.rawValue)
        // What is counted was dropped already: the program does both.
        _ = Deadline(after: .seconds(1)).poll(everyMilliseconds: 1) {
            (RawEntry.word(map.number, 0) ?? 0) > 0 || pair.hasDatagram
        }
        try? places.routes?.setXDP(-1, on: loopback)
        pair.send(Datagram.after.rawValue)
        let first = pair.receive(by: Deadline(after: .seconds(1)))
        return XDPEffect(counted: RawEntry.word(map.number, 0) ?? 0, arrived: first.flatMap(Datagram.init)).answer
    }

    /// Adds 1 to the entry 0 of an array, and returns `XDP_DROP`.
    private static func countAndDrop(_ map: CInt) -> [Instruction] {
        [
            .store(0, at: .r10, -4, width: .word),
            .move(.r2, .r10),
            .add(.r2, -4),
            .move(.r1, map: map), .upperHalf(of: 0),
            .call(.mapLookup),
            .jump(over: 2, if: .r0, .equal, 0),
            .move(.r1, 1),
            .atomicAdd(.r1, at: .r0, 0),
            .move(.r0, 1),
            .exit,
        ]
    }
}

/// Two UDP sockets at 127.0.0.1 of the calling thread's network namespace.
private struct SocketPair: ~Copyable {
    let sender: OwnedDescriptor
    let receiver: OwnedDescriptor

    /// Makes them; `nil` where the host gives no sockets, or the namespace's `lo` has no address.
    static func make() -> SocketPair? {
        let kind = CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
        let first = socket(AF_INET, kind, 0)
        guard first >= 0 else { return nil }
        let sender = OwnedDescriptor(owning: first)
        let second = socket(AF_INET, kind, 0)
        guard second >= 0 else { return nil }
        let receiver = OwnedDescriptor(owning: second)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let connected = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(second, $0, size) == 0 && getsockname(second, $0, &size) == 0 && connect(first, $0, size) == 0
            }
        }
        return connected ? SocketPair(sender: sender, receiver: receiver) : nil
    }

    func send(_ byte: UInt8) {
        var byte = byte
        _ = Glibc.send(sender.number, &byte, 1, 0)
    }

    var hasDatagram: Bool { Deadline(after: .zero).waitReadable(receiver.number) }

    func receive(by deadline: Deadline) -> UInt8? {
        guard deadline.waitReadable(receiver.number) else { return nil }
        var byte: UInt8 = 0
        return recv(receiver.number, &byte, 1, 0) == 1 ? byte : nil
    }
}
