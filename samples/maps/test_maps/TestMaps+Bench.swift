import LibBPF
import LinuxHost
import SampleKit
import SampleLab
import SystemPackage

extension TestMaps {
    /// The maps, and where threads run.
    final class Bench {
        private let loaded: LoadedInstructions
        private let processors: [CInt]

        init(_ arena: borrowing Arena) throws {
            loaded = try arena.loadInstructions()
            processors = try SenderProcessors.available()
        }

        /// Does what a step says.
        func perform(_ step: Step) throws -> Tallies {
            func calls(_ name: String) throws -> MapCalls { try MapCalls(try loaded.map(name)) }
            let found: Tallies =
                switch step {
                case .shapes: try shapes()
                case .refusals: asked()
                case .order: order(try calls(ordered[0].name), try calls(ordered[1].name))
                // An LRU hash hands free entries to each processor.
                case .called(let map):
                    try Processors.pinned(to: processors[0]) {
                        answers(plans[map.name] ?? [], on: try calls(map.name))
                    }
                case .shared(let map): try meet(try calls(map.name), on: processors)
                case .queue: try useQueue(try calls(queue.name), on: processors)
                }
            return withExtendedLifetime(loaded) { found }
        }

        private func shapes() throws -> Tallies {
            var found: Tallies = [:]
            for map in maps {
                let shape = Pins.shape(of: try loaded.map(map.name).descriptor)
                found.add("\(map.name): \(shape.map { "\($0)" } ?? "no map")")
            }
            return found
        }

        private func asked() -> Tallies {
            var found: Tallies = [:]
            for refusal in refusals {
                let errno = refusal.map.create().refusal
                found.add("\(refusal.name): \(errno.map { $0.symbol ?? "errno \($0.rawValue)" } ?? "ok")")
            }
            return found
        }

        /// Two hashes without a seed of their own have their entries in the same order.
        private func order(_ first: MapCalls, _ second: MapCalls) -> Tallies {
            for number in 0..<UInt64(100) {
                for map in [first, second] { _ = map.update(bytes(number &* 77, 4), [1]) }
            }
            var found: Tallies = [:]
            for (left, right) in zip(first.walk().keys, second.walk().keys) {
                found.add(left == right ? "walked in the same order" : "walked in another order")
            }
            return found
        }
    }
}
