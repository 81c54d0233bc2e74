import LinuxHost
import SampleLab

/// Datagrams that one party sends to another.
struct CgroupFlow: Sendable {
    /// Who sends or receives; all but the last are on one host and differ in their cgroups.
    enum Party: CInt, CaseIterable, Sendable {
        /// In the cgroup that the programs are attached to.
        case inside
        /// In a cgroup below it.
        case below
        /// In another cgroup at its side.
        case beside
        /// In the cgroup above it.
        case above
        /// On the other host.
        case far

        /// Whether programs of the cgroup see what it sends and receives.
        var isCounted: Bool { self == .inside || self == .below }
    }

    let from: Party
    let to: Party
    let family: SocketKind.Family
    /// Whether they ask for an echo, which the other host's kernel answers.
    let isEcho: Bool
    /// What is sent behind the header of UDP or ICMP, in bytes that tell the sender.
    let payloads: [[UInt8]]

    private init(from: Party, to: Party, _ family: SocketKind.Family, sizes: [Int], isEcho: Bool = false) {
        (self.from, self.to, self.family, self.isEcho) = (from, to, family, isEcho)
        payloads = sizes.map { size in
            (0..<size).map { UInt8(truncatingIfNeeded: $0 + Int(from.rawValue) * 37) }
        }
    }

    /// Whether they go to the other host.
    var isOutward: Bool { to == .far }
    /// Whether sendto(2) tells when one is dropped; of an echo of IPv6 it never does.
    var tellsSender: Bool { !isEcho || family == .inet }
    /// The bytes of all of them, with headers of IP and of UDP or ICMP; of whole packets, not of fragments.
    var packetBytes: Int { payloads.map(\.count).reduce(0, +) + payloads.count * ((family == .inet ? 20 : 40) + 8) }

    /// What is sent in a round, each flow of another number and size; the last ones are counted by nobody.
    static let all = SocketKind.Family.allCases.flatMap { family in
        // The longest datagram of IPv6, whose packet has more bytes than 16 bits count, and one that is cut into three.
        let longest = family == .inet6 ? 65_527 : 3000
        return [
            CgroupFlow(from: .inside, to: .far, family, sizes: [0, 1, 1400, longest]),
            CgroupFlow(from: .below, to: .far, family, sizes: [7]),
            CgroupFlow(from: .far, to: .inside, family, sizes: [2, 900, longest]),
            CgroupFlow(from: .far, to: .below, family, sizes: [5, 6]),
            CgroupFlow(from: .inside, to: .far, family, sizes: [56, 57], isEcho: true),
            CgroupFlow(from: .far, to: .inside, family, sizes: [33], isEcho: true),
            CgroupFlow(from: .beside, to: .far, family, sizes: [11, 12]),
            CgroupFlow(from: .far, to: .beside, family, sizes: [13]),
            CgroupFlow(from: .above, to: .far, family, sizes: [14]),
            CgroupFlow(from: .far, to: .above, family, sizes: [15, 16, 17]),
        ]
    }
}
