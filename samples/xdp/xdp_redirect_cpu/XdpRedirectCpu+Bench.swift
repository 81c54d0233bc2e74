import LibBPF
import LinuxHost
import SampleKit
import SampleLab

extension XdpRedirectCpu {
    final class Bench {
        let bench: RedirectBench
        let object: RedirectObject
        let processors: [CInt]
        private let possible: Int
        private let map: UInt32

        init(_ arena: borrowing Arena) throws {
            let bench = try RedirectBench()
            let possible = try Processors.possibleCount()
            let events = RedirectObject.deviceEvents + RedirectObject.processorEvents
            object = try RedirectObject(in: arena, events: events, from: bench.counted.from, to: bench.counted.to) {
                try $0.setGlobal("tx_mac_addr", toBytes: egressAddress)
                try $0.map("cpu_map").setCapacity(UInt32(possible))
                // Three slots are named by programs.
                try $0.map("cpus_available").setCapacity(3)
            }
            map = try object.loaded.map("cpu_map").id()
            try object.loaded.map("cpus_count").update(UInt32(0), UInt32(3))
            processors = try SenderProcessors.available()
            self.possible = possible
            self.bench = bench
        }

        /// Fills the table of processors, gives them their program and the port its own.
        func prepare(_ step: Step) throws {
            let loaded = { (name: String?) in try name.map { try self.object.loaded.program($0) } }
            try object.loaded.setGlobal("cpumap_map_id", to: map + (step.isDeaf ? 1 : 0))
            let first = UInt32(processors.first ?? 0)
            let last = UInt32(processors.last ?? 0)
            let table = try object.loaded.map("cpus_available")
            for slot in UInt32(0)..<3 {
                try table.update(slot, slot != step.slot ? first : step.isStray ? UInt32(possible) : last)
            }
            try object.loaded.map("cpus_iterator").updatePerCPU(UInt32(0), UInt32(0))
            // A processor's queue has room for so many frames.
            let queue: UInt32 = 192
            let second = try loaded(step.second).map { UInt32(bitPattern: $0.descriptor) } ?? 0
            if placed != step.second {
                for processor in Set([first, last]) {
                    try object.loaded.map("cpu_map").update(processor, SIMD2(queue, second))
                }
                placed = step.second
            }
            let egress = step.hasEgress ? try loaded("xdp_redirect_egress_prog")?.descriptor ?? 0 : 0
            try bench.network.inside("router") {
                try object.loaded.map("tx_port").update(UInt32(0), SIMD2(bench.index(.right), egress))
            }
            try bench.place(try loaded(step.program).map { [.init($0, .left)] } ?? [], .native)
        }

        /// The program that processors have; at first they have no queues either.
        private var placed: String? = "none"
    }
}
