import LibBPF
import LinuxHost
import SampleKit
import SampleLab

extension TestCgrp2Attach2 {
    /// A chain of cgroups, with sockets of each, and a receiver that is in none of them.
    final class Bench {
        private let loaded: LoadedInstructions
        private let network: Network
        private let cgroups: [ControlGroup]
        private let numbers: [UInt32: Int]
        private var senders: [[SocketKind.Family: Endpoint]] = []
        private var receivers: [SocketKind.Family: Endpoint] = [:]
        private let port: UInt16 = 4000
        /// What the sum begins with, so that it passes 2^32.
        private let start = 1 << 32 - 1
        private let patience = Patience()

        private final class Endpoint {
            let socket: InternetSocket
            init(_ family: SocketKind.Family) throws { socket = try InternetSocket(SocketKind(family, .datagram, 17)) }
        }

        private struct Counts: Equatable {
            var sum: Int
            /// The numbers of the programs that ran, each one more and in four bits.
            var order: UInt64
        }

        // struct bpf_cgroup_storage_key of linux/bpf.h.
        private struct StorageKey {
            var cgroup: UInt64
            var attachType: UInt32
            var padding: UInt32 = 0
        }

        init(_ arena: borrowing Arena) throws {
            let loaded = try arena.loadInstructions()
            let network = try Topology(hosts: [.init("host")], links: []).build()
            for family in SocketKind.Family.allCases {
                let receiver = try network.inside("host") { try Endpoint(family) }
                try receiver.socket.bind(to: Self.address(family), port: port)
                receivers[family] = receiver
            }
            var cgroups = [arena.cgroup]
            var numbers: [UInt32: Int] = [:]
            for program in 0..<TestCgrp2Attach2.programs {
                let descriptor = try loaded.program("program \(program)").descriptor
                if let number = CgroupAttachment.number(of: descriptor) { numbers[number] = program }
            }
            for number in 0...AttachmentStep.cgroups {
                if number > 0 {
                    let below = cgroups[number - 1].child("cgroup\(number)")
                    try below.create()
                    try below.enter()
                    cgroups.append(below)
                }
                var made: [SocketKind.Family: Endpoint] = [:]
                for family in SocketKind.Family.allCases {
                    made[family] = try network.inside("host") { try Endpoint(family) }
                }
                senders.append(made)
            }
            try arena.cgroup.enter()
            (self.cgroups, self.numbers) = (cgroups, numbers)
            self.loaded = loaded
            self.network = network
        }

        private static func address(_ family: SocketKind.Family) -> InternetAddress {
            family == .inet ? .v4(.loopback) : .v6(.loopback)
        }

        /// Does something to a cgroup.
        ///
        /// - Returns: `ok`, or what the kernel refused it with.
        func perform(_ action: AttachmentStep.Action) throws -> String {
            let type = AttachType.cgroupEgress
            do {
                switch action {
                case .attach(let program, let cgroup, let sharing):
                    try CgroupAttachment.attach(try descriptor(program), to: cgroups[cgroup], type, sharing)
                case .detach(let program, let cgroup):
                    try CgroupAttachment.detach(try program.map { try descriptor($0) }, from: cgroups[cgroup], type)
                case .replace(let old, let new, let cgroup, let sharing):
                    let (old, new) = (try descriptor(old), try descriptor(new))
                    try CgroupAttachment.replace(old, by: new, on: cgroups[cgroup], type, sharing)
                case .ask(let cgroup, let room):
                    let answer = try CgroupAttachment.query(cgroups[cgroup], type, isEffective: true, room: room)
                    return "\(answer.refusal?.symbol ?? "ok"), \(answer.total): \(names(answer.ids))"
                case .refused(_, let action): return try perform(action)
                }
                return "ok"
            } catch let error as AttachError {
                return error.cause.errno.symbol ?? "\(error)"
            } catch let error as SystemCallError {
                return error.errno.symbol ?? "\(error)"
            }
        }

        private func descriptor(_ program: Int) throws -> CInt { try loaded.program("program \(program)").descriptor }

        private func names(_ ids: [UInt32]) -> [Int] { ids.map { numbers[$0] ?? -1 } }

        /// What the kernel lists for a cgroup.
        func lists(_ cgroup: Int) throws -> Tallies {
            let own = try CgroupAttachment.query(cgroups[cgroup], .cgroupEgress)
            let effective = try CgroupAttachment.query(cgroups[cgroup], .cgroupEgress, isEffective: true)
            return [
                "cgroup \(cgroup): own \(names(own.ids)) \(AttachmentStep.name(own.sharing))": 1,
                "cgroup \(cgroup): effective \(names(effective.ids))": 1,
            ]
        }

        /// Sends a datagram by a socket of a cgroup, and says what ran meanwhile.
        func send(from cgroup: Int, _ family: SocketKind.Family) throws -> Tallies {
            guard let sender = senders[cgroup][family], let receiver = receivers[family] else { return [:] }
            let map = try loaded.map("counts")
            // Digits come in at the lower end, and what stood there before moves up past 32 bits.
            let mark: UInt64 = 9 << 32
            try map.update(UInt32(0), Counts(sum: start, order: mark))
            let payload: [UInt8] = [UInt8(cgroup), 0x55, 0xaa]
            let answer = sender.socket.offer(payload, to: Self.address(family), port: port)
            guard let counts = try map.lookup(UInt32(0), as: Counts.self) else { return [:] }
            var (order, ran) = (counts.order, [Int]())
            while order != mark, order != 0 {
                ran.insert(Int(order & 15) - 1, at: 0)
                order >>= 4
            }
            if order != mark { ran.insert(-1, at: 0) }
            var found: Tallies = ["sum": counts.sum &- start]
            found.add("cgroup \(cgroup) \(family.rawValue): ran \(ran), \(answer)")
            // What was refused is not received, or else in the place of the next.
            if answer == "ok", try patience.wait({ try receiver.socket.receive(until: $0) }) != payload {
                found.add("cgroup \(cgroup) \(family.rawValue): not received")
            }
            return found
        }

        private func key(_ run: AttachmentStep.Run) throws -> StorageKey {
            let type = AttachType.cgroupEgress.rawValue
            return StorageKey(cgroup: try cgroups[run.cgroup].number(), attachType: type)
        }

        /// Clears the storage of an attachment; without storage, nothing will have grown.
        func resetStorage(_ run: AttachmentStep.Run) throws {
            do {
                try loaded.map("storage \(run.program)").update(try key(run), start)
                try loaded.map("storage of processors \(run.program)").updatePerCPU(try key(run), start)
            } catch let error as SystemCallError where error.answer == "ENOENT" {}
        }

        /// By how much the storage of an attachment has grown.
        func storage(_ run: AttachmentStep.Run) throws -> Tallies {
            let shared = try loaded.map("storage \(run.program)").lookup(try key(run), as: Int.self)
            let own = try loaded.map("storage of processors \(run.program)").lookupPerCPU(try key(run), as: Int.self)
            let found: Tallies = ["storage of \(run)": (shared ?? 0) &- start]
            return found + (try SenderProcessors.tallies(["storage of \(run)": (own ?? []).map { $0 &- start }]))
        }
    }
}
