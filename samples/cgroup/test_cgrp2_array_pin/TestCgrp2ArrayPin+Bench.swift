import LibBPF
import LinuxHost
import SampleKit
import SampleLab

extension TestCgrp2ArrayPin {
    /// Cgroups, the array and the program.
    final class Bench {
        private let loaded: LoadedInstructions
        private let cgroups: [Place: ControlGroup]
        private let name = "\(Pins.folder)/test_cgrp2_array_pin"

        init(_ arena: borrowing Arena) throws {
            loaded = try arena.loadInstructions()
            let first = arena.cgroup.child("first")
            cgroups = [
                .above: arena.cgroup, .first: first, .below: first.child("below"),
                .second: arena.cgroup.child("second"),
            ]
            for place in [Place.first, .below, .second] { try cgroups[place]?.create() }
        }

        /// Does what a step says.
        ///
        /// - Returns: What was done, and what the kernel said.
        func perform(_ step: Step) throws -> [String: String] {
            let map = try loaded.map("cgroups").descriptor
            var found: [String: String] = [:]
            switch step {
            case .empty: found["open"] = try open(map) { _ in }
            case .made:
                found["put"] = try put(.first, into: map)
                found["name"] = SystemCallError.answer { () throws(SystemCallError) in try Pins.pin(map, as: name) }
                found["open"] = try open(map) { _ in }
            case .changed, .lower:
                found["open"] = try open(map) {
                    found["put by the name"] = try put(step == .changed ? .second : .below, into: $0)
                }
            case .emptied: found["open"] = try open(map) { found["take out by the name"] = RawEntry.delete($0, 0) }
            case .refused: found = try refusals(map)
            case .unnamed:
                _ = try open(map) { found["put by the name"] = try put(.first, into: $0) }
                for action in ["unname", "unname again"] {
                    found[action] = SystemCallError.answer { () throws(SystemCallError) in try Pins.remove(name) }
                }
                found["open"] = try open(map) { _ in }
            }
            return found
        }

        private func refusals(_ map: CInt) throws -> [String: String] {
            func pin(_ path: String) -> String {
                SystemCallError.answer { () throws(SystemCallError) in try Pins.pin(map, as: path) }
            }
            func make(value: UInt32, capacity: UInt32) -> String {
                let raw = RawMap(type: MapType.cgroupArray.rawValue, valueSize: value, maxEntries: capacity)
                return raw.create().refusal.map { $0.symbol ?? "\($0)" } ?? "ok"
            }
            let folder = try OwnedDescriptor.open(Pins.folder, 0)
            guard let cgroup = try cgroups[.first]?.open() else { return [:] }
            let number = UInt32(bitPattern: cgroup.number)
            return [
                "take out what is not there": RawEntry.delete(map, 0),
                "take out beyond": RawEntry.delete(map, 1),
                "put beyond": RawEntry.update(map, 1, to: number),
                // BPF_NOEXIST is 1.
                "put what must be new": RawEntry.update(map, 0, to: number, flags: 1),
                "put another file": RawEntry.update(map, 0, to: UInt32(bitPattern: folder.number)),
                "put nothing": RawEntry.update(map, 0, to: .max),
                "read": RawEntry.lookup(map, 0),
                "name in use": pin(name),
                // The private mount of whoever runs a sample, which is no BPF file system.
                "name elsewhere": pin("/mnt/test_cgrp2_array_pin"),
                "name with a dot": pin("\(name).again"),
                "name in no folder": pin("\(Pins.folder)/missing/name"),
                "make one of longer values": make(value: 8, capacity: 1),
                "make an empty one": make(value: 4, capacity: 0),
            ]
        }

        /// Opens the name, and hands on the descriptor.
        private func open(_ map: CInt, _ body: (CInt) throws -> Void) throws -> String {
            let opened: OwnedDescriptor
            do throws(SystemCallError) { opened = try Pins.open(name) } catch {
                return error.answer
            }
            try body(opened.number)
            let isSame = Pins.number(of: opened.number, .map) == Pins.number(of: map, .map)
            let shape = Pins.shape(of: opened.number)
            return "\(isSame ? "the same" : "another"), \(shape.map { "\($0)" } ?? "no map")"
        }

        private func put(_ place: Place, into map: CInt) throws -> String {
            guard let cgroup = try cgroups[place]?.open() else { return "no such cgroup" }
            return RawEntry.update(map, 0, to: UInt32(bitPattern: cgroup.number))
        }

        /// Asks the program from some places, the last of which the process stays in.
        func look(from places: [Place]) throws -> Tallies {
            var found: Tallies = [:]
            let program = try loaded.program("under").descriptor
            for place in places {
                try cgroups[place]?.enter()
                try SenderProcessors.each { _, _ in
                    let answer = RawProgram.testRun(program, packetOf: 64).map { "\(Int32(bitPattern: $0))" }
                    found.add("a process in \(place): \(answer ?? "not run")")
                }
            }
            return found
        }
    }
}
