import LibBPF
import LinuxHost
import SampleKit

extension Xdpsock {
    /// The program for trees that no longer have it: each frame goes to the socket after the last one's, of four; it is dropped
    /// where there is none.
    static let inTurn = KernInstructions(
        maps: [
            .init("xsks_map", MapShape(.socketMap, value: 4, capacity: 4)),
            .init("turn", MapShape(.array, value: 4, capacity: 1)),
        ],
        programs: [
            .init(
                "xdp_sock_prog",
                .xdp,
                [
                    .store(0, at: .r10, -4, width: .word),
                    .move(.r2, .r10),
                    .add(.r2, -4),
                    .move(.r1, map: 1),
                    .upperHalf(of: 0),
                    .call(.mapLookup),
                    .jump(over: 8, if: .r0, .equal, 0),
                    .load(.r2, from: .r0, 0, width: .word),
                    .add(.r2, 1),
                    .and(.r2, 3),
                    .store(.r2, at: .r0, 0, width: .word),
                    .move(.r1, map: 0),
                    .upperHalf(of: 0),
                    // XDP_DROP where the map has no socket.
                    .move(.r3, 1),
                    .call(.redirectByMap),
                    .exit,
                ]
            )
        ]
    )

    /// The kern half in the kernel, with its first turn to come: an object of the tree's, or the instructions.
    final class Program {
        private let object: LoadedObject?
        private let instructions: LoadedInstructions?

        init(_ arena: borrowing Arena) throws {
            if arena.hasObjects {
                object = try arena.loadObject()
                instructions = nil
            } else {
                object = nil
                instructions = try arena.loadInstructions()
            }
        }

        /// Puts sockets into the map, by their places.
        func enter(_ sockets: [Int: XDPSocket]) throws {
            guard let map = try object?.map("xsks_map") ?? instructions?.map("xsks_map") else { return }
            for (place, socket) in sockets { try map.update(UInt32(place), socket.descriptor.number) }
        }

        func attach(to interface: Interface, _ mode: BPFProgram.XDPMode) throws -> BPFLink {
            if let link = try object?.program("xdp_sock_prog").attachXDP(to: interface, mode) { return link }
            if let link = try instructions?.program("xdp_sock_prog").attachXDP(to: interface, mode) { return link }
            throw ObjectMismatch("there is no program 'xdp_sock_prog'")
        }
    }
}
