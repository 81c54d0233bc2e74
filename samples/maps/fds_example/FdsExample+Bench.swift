import LibBPF
import LinuxHost
import SampleKit
import SampleLab

extension FdsExample {
    /// Two hosts, and the names of a map and two programs whose makers have closed their descriptors.
    final class Bench {
        private let network: Network
        private let sender: PacketSocket
        private let receiver: PacketSocket
        private var filtered: Filtered?
        private static let map = "\(Pins.folder)/map"
        private static let program = "\(Pins.folder)/program"
        private static let other = "\(Pins.folder)/other"
        private static let folder = "\(Pins.folder)/folder"
        private let numbers: [String: UInt32]
        private let patience = Patience()

        private final class Filtered {
            let socket: PacketSocket
            init(_ socket: consuming PacketSocket) { self.socket = socket }
        }

        init(_ arena: borrowing Arena) throws {
            let network = try Topology(
                hosts: [.init("sender", usesIPv6: false), .init("receiver", usesIPv6: false)],
                links: [.init(.init("sender", "eth0"), .init("receiver", "eth0"))]
            ).build()
            sender = try network.capture("sender", "eth0")
            receiver = try network.capture("receiver", "eth0")
            filtered = Filtered(try network.capture("receiver", "eth0"))
            numbers = try Self.name(arena)
            try PrivateMounts.makeDirectory(Self.folder)
            self.network = network
        }

        /// Makes the map and the programs, gives them names, and lets go of them.
        ///
        /// - Returns: Their numbers, by their names.
        private static func name(_ arena: borrowing Arena) throws -> [String: UInt32] {
            let loaded = try arena.loadInstructions()
            let one = try loaded.program("one byte").descriptor
            let two = try loaded.program("two bytes").descriptor
            var numbers: [String: UInt32] = [:]
            for (descriptor, name, kind) in [
                (try loaded.map("values").descriptor, map, KernelObjectKind.map), (one, program, .program),
                (two, other, .program),
            ] {
                try Pins.pin(descriptor, as: name)
                numbers[name] = Pins.number(of: descriptor, kind)
            }
            return withExtendedLifetime(loaded) { numbers }
        }

        /// Does what a step says.
        ///
        /// - Returns: What was done, and what the kernel said.
        func perform(_ step: Step) throws -> [String: String] {
            switch step {
            case .map: try useMap()
            case .program: try attach(Self.program)
            case .other: try attach(Self.other)
            case .refused: try refusals()
            case .unnamed: unname()
            case .closed: ["the other program": closed()]
            }
        }

        /// Takes all names away.
        private func unname() -> [String: String] {
            func remove(_ names: String...) -> String {
                SystemCallError.answer { () throws(SystemCallError) in for name in names { try Pins.remove(name) } }
            }
            func open(_ name: String) -> String {
                SystemCallError.answer { () throws(SystemCallError) in _ = try Pins.open(name) }
            }
            return [
                "unname the map": remove(Self.map), "unname the programs": remove(Self.program, Self.other),
                "open the map": open(Self.map), "open the other program": open(Self.other),
                "the map": state(.map, Self.map), "the program": state(.program, Self.program),
                "the other program": exists(.program, Self.other),
            ]
        }

        private func useMap() throws -> [String: String] {
            let first = try Pins.open(Self.map)
            let second = try Pins.open(Self.map)
            var found = ["open": Pins.number(of: first.number, .map) == numbers[Self.map] ? "the same" : "another"]
            found["its shape"] = Pins.shape(of: first.number).map { "\($0)" }
            for (key, value) in [(UInt32(1), UInt32(42)), (0, .max), (1023, 7)] {
                found["write \(key)"] = RawEntry.update(first.number, key, to: value)
            }
            for key in [UInt32(0), 1, 2, 1023] {
                found["read \(key) by another descriptor"] = RawEntry.lookup(second.number, key)
            }
            found["write 1 again"] = RawEntry.update(second.number, 1, to: 43)
            found["read 1 once more"] = RawEntry.lookup(first.number, 1)
            return found
        }

        /// Puts a program before the socket, by its name.
        private func attach(_ name: String) throws -> [String: String] {
            let opened = try Pins.open(name)
            let isSame = Pins.number(of: opened.number, .program) == numbers[name]
            guard let filtered else { return [:] }
            return ["open": isSame ? "the same" : "another", "attach": filtered.socket.attach(opened.number)]
        }

        private func refusals() throws -> [String: String] {
            let values = try Pins.open(Self.map)
            let filter = try Pins.open(Self.program)
            let (array, code) = (values.number, filter.number)
            let file = try OwnedDescriptor.open("/proc/self/status", 0)
            let number = file.number
            func pin(_ descriptor: CInt, _ path: String) -> String {
                SystemCallError.answer { () throws(SystemCallError) in try Pins.pin(descriptor, as: path) }
            }
            func open(_ path: String) -> String {
                SystemCallError.answer { () throws(SystemCallError) in _ = try Pins.open(path) }
            }
            return [
                "write 1024": RawEntry.update(array, 1024, to: 1),
                "read 1024": RawEntry.lookup(array, 1024),
                // BPF_NOEXIST is 1, BPF_EXIST 2.
                "write what must be new": RawEntry.update(array, 5, to: 1, flags: 1),
                "write with other flags": RawEntry.update(array, 5, to: 1, flags: 3),
                "remove": RawEntry.delete(array, 1),
                "name in use": pin(code, Self.map),
                "name of a folder": pin(code, Self.folder),
                // The private mount of whoever runs a sample, which is no BPF file system.
                "name elsewhere": pin(array, "/mnt/map"),
                "name with a dot": pin(array, "\(Self.map).again"),
                "name in no folder": pin(array, "\(Pins.folder)/missing/name"),
                "name what is no object": pin(number, "\(Pins.folder)/file"),
                "open what is missing": open("\(Pins.folder)/missing"),
                "open a folder": open(Self.folder),
                "attach a map": receiver.attach(array),
                "write to a program": RawEntry.update(code, 0, to: 1),
            ]
        }

        private func exists(_ kind: KernelObjectKind, _ name: String) -> String {
            numbers[name].map { KernelObject(kind: kind, id: $0).exists } == true ? "there" : "gone"
        }

        /// Whether something is gone, which the kernel lets go of a moment after the last who held it.
        private func state(_ kind: KernelObjectKind, _ name: String) -> String {
            let isGone = patience.poll { exists(kind, name) == "gone" }
            return isGone ? "gone" : "there"
        }

        /// Closes the socket that has the program.
        private func closed() -> String {
            filtered = nil
            return state(.program, Self.other)
        }

        /// Sends frames past both sockets.
        func exchange() throws -> Tallies {
            var found: Tallies = [:]
            var wanted = 0
            let nobody = HardwareAddress(local: 0)
            try SenderProcessors.each { _, _ in
                for length in FdsExample.lengths {
                    let payload = [UInt8](repeating: 0x55, count: length - 14)
                    try sender.send(EthernetFrame.make(from: nobody, to: nobody, type: 0x88b5, payload))
                    wanted += 1
                }
                SenderProcessors.settle()
            }
            for frame in try receiver.frames(atLeast: wanted, until: patience.deadline) {
                found.add("not filtered: \(frame.bytes.count) bytes")
            }
            for frame in try filtered?.socket.frames(atLeast: wanted, until: patience.deadline) ?? [] {
                found.add("filtered: \(frame.bytes.count) bytes")
            }
            return found
        }
    }
}
