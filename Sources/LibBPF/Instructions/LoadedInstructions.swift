import CLibbpf
import Glibc
public import LinuxHost

/// Maps and programs of a ``KernInstructions`` that are in the kernel.
///
/// They are freed when this value ends; what is taken from it is valid as long as it.
public struct LoadedInstructions: ~Copyable {
    /// The name that messages use.
    public let name: String
    let contents = Contents()
    /// Memory of maps and programs is charged to it before Linux 5.11.
    private let limit = LockedMemoryLimit()

    /// Keeps the descriptors.
    final class Contents {
        var maps: [String: (shape: MapShape, descriptor: CInt)] = [:]
        var programs: [String: (attachType: AttachType, descriptor: CInt)] = [:]

        func add(_ map: KernInstructions.Map, _ descriptor: consuming OwnedDescriptor) {
            let number = descriptor.release()
            KernelObject.announce(.map, descriptor: number)
            maps[map.name] = (map.shape, number)
        }

        func add(_ program: KernInstructions.Program, _ descriptor: consuming OwnedDescriptor) {
            let number = descriptor.release()
            KernelObject.announce(.program, descriptor: number)
            programs[program.name] = (program.attachType, number)
        }

        deinit {
            for map in maps.values { close(map.descriptor) }
            for program in programs.values { close(program.descriptor) }
        }
    }

    init(name: String) { self.name = name }

    /// A map by its name.
    ///
    /// - Throws: ``ObjectMismatch`` if there is none of that name.
    public func map(_ name: String) throws(ObjectMismatch) -> BPFMap {
        guard let map = contents.maps[name] else { throw ObjectMismatch("\(self.name) has no map '\(name)'") }
        return BPFMap(map.shape, name: name, descriptor: map.descriptor, owner: self.name)
    }

    /// A program by its name.
    ///
    /// - Throws: ``ObjectMismatch`` if there is none of that name.
    public func program(_ name: String) throws(ObjectMismatch) -> InstructionProgram {
        guard let program = contents.programs[name] else {
            throw ObjectMismatch("\(self.name) has no program '\(name)'")
        }
        return InstructionProgram(
            subject: "'\(name)' of \(self.name)",
            attachType: program.attachType,
            descriptor: program.descriptor
        )
    }
}

/// A program that was loaded from instructions.
///
/// It is valid as long as the ``LoadedInstructions`` that it is of; its links keep it alive.
public struct InstructionProgram {
    /// The program's name and what it is of, as messages have them.
    public let subject: String
    let attachType: AttachType
    /// The program's descriptor.
    public let descriptor: CInt

    /// Puts the program before a socket as its filter (`SO_ATTACH_BPF`).
    ///
    /// It stays until the socket is closed.
    public func attachFilter(to socket: borrowing OwnedDescriptor) throws(AttachError) {
        try SocketFilterAttachment.attach(descriptor, to: socket, subject)
    }

    /// Attaches to an interface by a link (`BPF_LINK_CREATE` with `BPF_XDP`, Linux 5.9).
    public func attachXDP(to interface: Interface, _ mode: BPFProgram.XDPMode) throws(AttachError) -> BPFLink {
        try XDPAttachment.link(descriptor, to: interface, mode, subject)
    }

    /// Attaches to a cgroup by a link (`BPF_LINK_CREATE`, Linux 5.7).
    public func attach(to cgroup: ControlGroup) throws(AttachError) -> BPFLink {
        do {
            let directory = try cgroup.open()
            let type = bpf_attach_type(rawValue: attachType.rawValue)
            let number = bpf_link_create(descriptor, directory.number, type, nil)
            try check(number, "bpf(BPF_LINK_CREATE)", on: "\(subject) and cgroup '\(cgroup.path)'")
            return BPFLink(descriptor: OwnedDescriptor(owning: number))
        } catch { throw AttachError(error) }
    }
}

/// The one way in which this module attaches socket filters.
enum SocketFilterAttachment {
    static func attach(
        _ program: CInt,
        to socket: borrowing OwnedDescriptor,
        _ subject: String
    ) throws(AttachError) {
        var program = program
        let result = setsockopt(socket.number, SOL_SOCKET, SO_ATTACH_BPF, &program, socklen_t(MemoryLayout<CInt>.size))
        do { try SystemCallError.check(result, "setsockopt(SO_ATTACH_BPF)", on: subject) } catch {
            throw AttachError(error)
        }
    }
}
