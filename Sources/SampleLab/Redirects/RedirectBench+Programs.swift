public import LibBPF
import LinuxHost

extension RedirectBench {
    /// A program on ports.
    public struct Placement {
        var name: String
        var ports: [Port]
        var attach: (Interface, BPFProgram.XDPMode) throws -> BPFLink

        /// Puts a sample's program on ports.
        public init(_ program: BPFProgram, _ ports: Port...) {
            name = "\(program.name) \(program.descriptor)"
            self.ports = ports
            attach = { try program.attachXDP(to: $0, $1) }
        }

        /// Puts a program of instructions on ports.
        public init(_ program: InstructionProgram, _ ports: Port...) {
            name = "\(program.descriptor)"
            self.ports = ports
            attach = { try program.attachXDP(to: $0, $1) }
        }

        /// Puts a program on ports that returns a number of `enum xdp_action` for every frame.
        public init(returning action: Int32, _ ports: Port...) {
            name = "returning \(action)"
            self.ports = ports
            attach = { try PassProgram(returning: action).attachXDP(to: $0, $1) }
        }
    }

    /// Sees to it that ports have these programs and no others; what is there stays.
    public func place(_ placements: [Placement], _ mode: BPFProgram.XDPMode) throws {
        for port in Port.allCases {
            let placement = placements.first { $0.ports.contains(port) }
            let name = placement.map { "\($0.name), \(mode)" }
            if placed[port]?.name == name { continue }
            placed.removeValue(forKey: port)?.link.detach()
            guard let placement, let name else { continue }
            let interface = try network.interface("router", port.rawValue)
            placed[port] = (name, HeldLink(try network.inside("router") { try placement.attach(interface, mode) }))
        }
    }

    /// Sets an interface down that a place is at, where nothing is seen any more.
    public func setDown(_ place: Place) throws {
        eyes[place] = nil
        let interface = try network.interface(place.interface.host, place.interface.name)
        try network.configure(place.interface.host) { try $0.setDown(interface) }
    }
}
