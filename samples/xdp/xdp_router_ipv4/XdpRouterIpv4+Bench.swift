import LibBPF
import LinuxHost
import SampleKit
import SampleLab

extension XdpRouterIpv4 {
    /// The router, and the object whose maps say where packets go.
    final class Bench {
        let bench: RedirectBench
        let object: RedirectObject
        /// What the maps hold.
        private var tables = Tables()

        init(_ arena: borrowing Arena) throws {
            let bench = try RedirectBench()
            let object = try RedirectObject(
                in: arena,
                from: bench.counted.from,
                to: bench.counted.to,
                sharesReceived: true
            )
            let ports = try object.loaded.map("tx_port")
            try bench.network.inside("router") {
                for port in RedirectBench.Port.allCases { try ports.update(Slot.of(port), bench.index(port)) }
            }
            self.object = object
            self.bench = bench
        }

        /// Fills the maps, puts the program on all ports, and what is to be down is set down.
        func prepare(_ step: Step) throws {
            try fill(step.tables)
            if step == .deaf { try bench.setDown(.host(.right)) }
            if step == .down { try bench.setDown(.stack(.right)) }
            if step == .detached { return try bench.place([], .native) }
            let program = try object.loaded.program("xdp_router_ipv4_prog")
            let router = RedirectBench.Placement(program, .left, .right, .other)
            // The first of those for a port is placed there.
            try bench.place(step == .aborting ? [.init(returning: 0, .left), router] : [router], step.mode)
        }

        private func fill(_ new: Tables) throws {
            let (routes, neighbours) = (try object.loaded.map("lpm_map"), try object.loaded.map("arp_table"))
            let destinations = try object.loaded.map("exact_match")
            try change(routes, from: tables.routes, to: new.routes, UInt64.self, SIMD4<UInt64>.self)
            try change(neighbours, from: tables.neighbours, to: new.neighbours, UInt32.self, UInt64.self)
            try change(destinations, from: tables.destinations, to: new.destinations, UInt32.self, SIMD4<UInt64>.self)
            tables = new
        }

        /// Removes entries and makes others.
        ///
        /// Those that stay are not written again: a full trie refuses that in Linux 6.1.
        private func change<Key: BitwiseCopyable, Value: BitwiseCopyable>(
            _ map: BPFMap,
            from old: [any TableEntry],
            to new: [any TableEntry],
            _ key: Key.Type,
            _ value: Value.Type
        ) throws {
            let (before, after) = (Set(old.map { $0.key }), Set(new.map { $0.key }))
            for entry in old where !after.contains(entry.key) {
                do {
                    try map.delete(entry.key.withUnsafeBytes { $0.loadUnaligned(as: Key.self) })
                } catch let error as SystemCallError where error.answer == "ENOENT" {
                    // A kernel that loses entries is found out by what becomes of frames.
                }
            }
            for entry in new where !before.contains(entry.key) {
                let key = entry.key.withUnsafeBytes { $0.loadUnaligned(as: Key.self) }
                try map.update(key, entry.value.withUnsafeBytes { $0.loadUnaligned(as: Value.self) })
            }
        }
    }
}
