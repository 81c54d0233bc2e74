import RunModel
import SampleKit
import SampleLab

extension TestCgrp2Sock2 {
    /// What each of two threads must have had printed by the programs that are attached, unless lines could not be told apart.
    static func printChecks(_ seen: Observation, _ situation: Situation) -> [Check] {
        guard let printed = seen.printed else { return [] }
        let threads = [("root", seen.owner, seen.answers), ("another user", stranger, seen.foreign)]
        return threads.enumerated().map { index, thread in
            let (name, ids, answers) = thread
            let found = printed[situation.name].flatMap { $0.indices.contains(index) ? $0[index] : nil } ?? []
            let once = lines(for: situation, ids, answers[situation.name] ?? [:])
            let expected = (0..<max(1, seen.processors)).flatMap { _ in once }
            let place =
                zip(expected, found).enumerated().first { $1.0 != $1.1 }?.offset ?? min(expected.count, found.count)
            return .equal(
                "\(situation.name): what was printed for \(name)",
                expected: text(expected, place),
                observed: text(found, place)
            )
        }
    }

    /// How many lines there are, and the first that is not as it must be.
    private static func text(_ lines: [String], _ place: Int) -> String {
        "\(lines.count) lines" + (lines.indices.contains(place) ? ", then '\(lines[place])'" : "")
    }

    /// What is printed for the kinds in turn; a socket that the kernel itself refuses gets to no program.
    static func lines(for situation: Situation, _ ids: [UInt32], _ answers: [String: String]) -> [String] {
        kinds.filter { ["ok", "EPERM"].contains(answers["\($0)"]) }.flatMap { kind in
            let numbers = "socket: family \(kind.familyNumber) type \(kind.typeNumber) protocol \(kind.usedProtocol)"
            return (situation.name == "outside" ? [] : situation.attached).flatMap { program in
                [numbers] + (program == "bpf_prog1" ? ["socket: uid \(ids[0]) gid \(ids[1])"] : [])
            }
        }
    }
}

extension SocketKind {
    /// `AF_INET` and `AF_INET6`.
    fileprivate var familyNumber: Int { family == .inet ? 2 : 10 }

    /// `SOCK_STREAM`, `SOCK_DGRAM` and `SOCK_RAW`.
    fileprivate var typeNumber: Int {
        switch style {
        case .stream: 1
        case .datagram: 2
        case .raw: 3
        }
    }

    /// The protocol that the socket gets: TCP or UDP where it asks for the usual one.
    fileprivate var usedProtocol: Int { proto == 0 ? style == .stream ? 6 : 17 : Int(proto) }
}
