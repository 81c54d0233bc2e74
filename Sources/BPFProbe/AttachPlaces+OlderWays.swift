import CLinux
import Glibc
import LibBPF
import LinuxHost
import SystemPackage

/// Attaching without links. What is attached goes with its socket, its map or the network namespace.
extension AttachPlaces {
    /// Attaches to the private network by rtnetlink.
    mutating func attach(_ program: CInt, toNetworkBy way: AttachPoint.OlderWay) -> AttachOutcome {
        guard let loopback else { return noNetwork }
        do {
            switch way {
            case .interface:
                try routes?.setXDP(program, on: loopback)
                try routes?.setXDP(-1, on: loopback)
            case .filter:
                try routes?.addFilterQueue(to: loopback)
                try routes?.addFilter(program, to: loopback)
            case .action: try routes?.addAction(program)
            case .route(let hook):
                if hook == .input { try routes?.addRoute(through: loopback, nil, program: -1) }
                try routes?.addRoute(through: loopback, hook, program: program)
            case .segmentRoute:
                // Without plain routes of IPv6 there are none to carry a program, whatever the reason.
                do { try routes?.addSegmentRoute(through: loopback, program: nil) } catch {
                    return error.errno == .notSupportedOnSocket
                        ? .absent : .untried("no route of IPv6: \(error.errno.named)")
                }
                try routes?.addSegmentRoute(through: loopback, program: program)
            default: return .untried("no way of the network's")
            }
            return routes == nil ? .untried("no rtnetlink") : .attached
        } catch {
            return AttachOutcome(error.errno, absentIf: AttachOutcome.netlink)
        }
    }

    /// Attaches to a socket of its own (`SO_ATTACH_BPF`, Linux 3.19; `SO_ATTACH_REUSEPORT_EBPF`, Linux 4.5).
    func attach(_ program: CInt, toSocketBy way: AttachPoint.OlderWay) -> AttachOutcome {
        let kind = CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
        var number = socket(AF_INET, kind, 0)
        // Any socket takes a filter, and netlink's are there without CONFIG_INET.
        if number < 0, way == .socket { number = socket(AF_NETLINK, kind, 0) }
        guard number >= 0 else { return .untried("no socket to attach it to") }
        let socket = OwnedDescriptor(owning: number)
        var (program, on) = (program, CInt(1))
        let size = socklen_t(MemoryLayout<CInt>.size)
        if way == .reusePort { setsockopt(socket.number, SOL_SOCKET, SO_REUSEPORT, &on, size) }
        let option = way == .reusePort ? SO_ATTACH_REUSEPORT_EBPF : SO_ATTACH_BPF
        let result = setsockopt(socket.number, SOL_SOCKET, option, &program, size)
        let refusal = result == 0 ? nil : Errno(rawValue: errno)
        // ENOPROTOOPT is said to an option that the kernel does not know.
        return AttachOutcome(refusal, absentIf: AttachOutcome.bpf.union([ENOPROTOOPT]))
    }

    /// Attaches to an entry of a device map (`lo`) or a processor map (Linux 5.8, 5.9).
    func attach(_ program: CInt, toEntryOf type: UInt32) -> AttachOutcome {
        let isDevice = type == 14
        guard let first = isDevice ? loopback.map({ UInt32($0.index) }) : 64 else {
            return noNetwork
        }
        let made = RawMap(type: type, valueSize: 8).create()
        // A kernel whose entries hold no program refuses values of 8 bytes; one without the type refuses them as well.
        let refusal = made.refusal
        guard let map = made.descriptor() else { return AttachOutcome(refusal, absentIf: [EINVAL]) }
        let value = [first, UInt32(bitPattern: program)].withUnsafeBytes { Array($0) }
        return AttachOutcome(RawEntry.set(map.number, 0, to: value), absentIf: AttachOutcome.bpf)
    }
}
