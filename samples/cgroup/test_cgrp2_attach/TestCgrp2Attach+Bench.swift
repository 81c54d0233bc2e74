import LibBPF
import LinuxHost
import SampleKit
import SampleLab

extension TestCgrp2Attach {
    /// Two hosts, and sockets of five parties.
    final class Bench {
        let loaded: LoadedInstructions
        private let network: Network
        private let inner: ControlGroup
        private let programs: [String: CInt]
        /// What is attached, by the place.
        private var current: [AttachType: String] = [:]
        private var parties: [CgroupFlow.Party: PartySockets] = [:]
        let patience = Patience()

        private static let topology = Topology(
            hosts: [.init("near"), .init("far")],
            links: [
                .init(
                    .init("near", "eth0", ["10.1.0.1/24", "fd01::1/64"]),
                    .init("far", "eth0", ["10.1.0.2/24", "fd01::2/64"])
                )
            ]
        )

        init(_ arena: borrowing Arena) throws {
            let loaded = try arena.loadInstructions()
            programs = [
                "pass": try loaded.program("pass").descriptor, "drop": try loaded.program("drop").descriptor,
            ]
            let network = try Self.topology.build()
            for host in ["near", "far"] { try network.inside(host) { try SocketKind.allowEchoDatagrams() } }
            inner = arena.cgroup.child("inner")
            let cgroups: [CgroupFlow.Party: ControlGroup] = [
                .inside: inner, .below: inner.child("below"), .beside: arena.cgroup.child("beside"),
            ]
            for party in CgroupFlow.Party.allCases {
                if let cgroup = cgroups[party] {
                    try cgroup.create()
                    try cgroup.enter()
                }
                parties[party] = try network.inside(party == .far ? "far" : "near") { try PartySockets(party) }
                // Back home behind the last of them.
                if party == .beside { try arena.cgroup.enter() }
            }
            self.loaded = loaded
            self.network = network
        }

        /// Attaches the programs of a step in place of those of the step before.
        func attach(_ step: Step) throws {
            for (type, wanted) in [(AttachType.cgroupEgress, step.sent), (.cgroupIngress, step.received)] {
                if let wanted, let program = programs[wanted] {
                    try CgroupAttachment.attach(program, to: inner, type)
                } else if current[type] != nil {
                    try CgroupAttachment.detach(from: inner, type)
                }
                current[type] = wanted
            }
        }

        /// What the kernel says is attached.
        func attached() throws -> Tallies {
            var names: [UInt32: String] = [:]
            for (name, program) in programs {
                if let number = CgroupAttachment.number(of: program) { names[number] = name }
            }
            var found: Tallies = [:]
            for (type, direction) in [(AttachType.cgroupEgress, "out"), (.cgroupIngress, "in")] {
                for number in try CgroupAttachment.programs(of: inner, type) {
                    found.add("attached: \(direction) \(names[number] ?? "another")")
                }
            }
            return found
        }

        /// Has all processors send at once, by one socket of the cgroup, what is going to be dropped.
        func crowd(_ count: Int) throws {
            guard let number = parties[.inside]?[.inet].datagrams.descriptor.number else { return }
            let target = PartySockets.address(.far, .inet)
            try Crowd.run(on: try SenderProcessors.available()) {
                { for _ in 0..<count { _ = InternetSocket.offer([], by: number, to: target, port: 9) } }
            }
        }

        /// Sends everything once, and says what became of it.
        func exchange(_ step: Step) throws -> Tallies {
            var found: Tallies = [:]
            for flow in CgroupFlow.all {
                for payload in flow.payloads {
                    let answer = sockets(flow.from, flow.family).send(payload, flow)
                    if answer != "ok", flow.tellsSender { found.add("refused: \(answer)") }
                }
            }
            for flow in CgroupFlow.all where !step.drops(flow) {
                let name = "arrived: \(flow.isOutward ? "outward" : "inward")"
                for payload in flow.payloads {
                    let receiver = sockets(flow.isEcho ? flow.from : flow.to, flow.family)
                    guard let received = try patience.wait({ try receiver.receive(flow, until: $0) }) else { continue }
                    found.add(received == payload ? name : "changed")
                }
            }
            return found
        }

        /// What has come and was not to; when everything is counted, for then it has come or never will.
        func leftovers() throws -> Tallies {
            var found: Tallies = [:]
            for party in CgroupFlow.Party.allCases {
                for family in SocketKind.Family.allCases {
                    found.add("not to be received", try sockets(party, family).leftovers())
                }
            }
            return found
        }

        private func sockets(_ party: CgroupFlow.Party, _ family: SocketKind.Family) -> PartySockets.Pair {
            guard let sockets = parties[party] else { preconditionFailure("all parties were made") }
            return sockets[family]
        }
    }
}
