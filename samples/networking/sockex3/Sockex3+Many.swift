import LibBPF
import LinuxHost
import SampleKit
import SampleLab

/// Steps with a load of their own, whose map is empty.
extension Sockex3 {
    func observeFlags(_ seen: inout Observation, from pair: VethPair, in arena: borrowing Arena) throws {
        let object = try arena.loadObject()
        let table = try Self.table(of: object)
        let filtered = try PacketSocket(on: pair.far)
        try object.program("main_prog").attachFilter(to: filtered.descriptor)
        let sender = try PacketSocket(on: pair.far)
        try arena.stimulate { for frame in Probe.flagged { try sender.send(frame.probe.bytes) } }
        seen.flagged = try Self.counted(object)
        seen.accepted += try filtered.frames().count
        // The table's programs must have been there until now.
        _ = table.descriptor
    }

    func observeMany(_ seen: inout Observation, from pair: VethPair, in arena: borrowing Arena) throws {
        let object = try arena.loadObject()
        let table = try Self.table(of: object)
        let filtered = try PacketSocket(on: pair.far)
        try object.program("main_prog").attachFilter(to: filtered.descriptor)
        let sender = try PacketSocket(on: pair.far)
        let probes = (0..<Self.room + Self.more).map { Probe.numbered($0) }
        for probe in probes.prefix(Self.old) { try object.map("hash_map").update(probe.key, Self.start) }
        try arena.stimulate { for probe in probes { try sender.send(probe.bytes) } }
        let counted = try Self.counted(object)
        for (index, probe) in probes.enumerated() {
            let before = index < Self.old ? Self.start : Tally()
            guard counted[probe.flow] == before + probe.once else { continue }
            if index < Self.room { seen.many += 1 } else { seen.beyond += 1 }
        }
        seen.accepted += try filtered.frames().count
        _ = table.descriptor
    }

    /// The program adds to counters that all processors share.
    func observeCrowd(_ seen: inout Observation, from pair: VethPair, in arena: borrowing Arena) throws {
        let object = try arena.loadObject()
        let table = try Self.table(of: object)
        let filtered = try PacketSocket(on: pair.far)
        try object.program("main_prog").attachFilter(to: filtered.descriptor)
        let (far, frame) = (pair.far, Probe.numbered(0).bytes)
        var crowd = 0
        try arena.stimulate {
            // Two that make an entry at once may lose one of them.
            try PacketSocket(on: far).send(frame)
            crowd = try Crowd.run(on: try SenderProcessors.available(below: Self.processorLimit)) {
                let sender = try PacketSocket(on: far)
                return { for _ in 0..<Self.crowdedFrames { try sender.send(frame) } }
            }
        }
        seen.crowd = crowd
        seen.crowded = try Self.counted(object).values.reduce(Tally(), +)
        seen.accepted += try filtered.frames().count
        _ = table.descriptor
    }
}
