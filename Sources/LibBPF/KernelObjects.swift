import CLibbpf
import Glibc
public import Synchronization

/// A kind of BPF object that has an id of its own in the kernel.
public enum KernelObjectKind: String, Sendable, CaseIterable, Hashable, Codable {
    /// A program (`BPF_PROG_GET_NEXT_ID`).
    case program
    /// A map (`BPF_MAP_GET_NEXT_ID`).
    case map
    /// A link (`BPF_LINK_GET_NEXT_ID`, Linux 5.8).
    case link
}

/// A BPF object in the kernel, by its id.
public struct KernelObject: Sendable, Hashable, Codable {
    /// Of which kind it is.
    public let kind: KernelObjectKind
    /// The kernel's id, unique within the kind until it wraps around.
    public let id: UInt32

    /// Names an object.
    public init(kind: KernelObjectKind, id: UInt32) {
        self.kind = kind
        self.id = id
    }

    /// Whether the kernel still has the object.
    ///
    /// An answer that is neither yes nor `ENOENT` (no privilege, say) counts as yes: what cannot be seen is not gone.
    ///
    /// The object is looked up among the ids and never opened. Whoever opens a dying program array by its id and closes it
    /// again starts its clearing a second time; where the first has not run yet, the kernel counts a reference
    /// for both and gives up one, and the map stays for good (`prog_array_map_clear` in kernel/bpf/arraymap.c, seen on 6.18).
    public var exists: Bool {
        // The kernel gives no others (idr_alloc_cyclic in kernel/bpf/syscall.c).
        guard (1...UInt32(Int32.max)).contains(id) else { return false }
        var next: UInt32 = 0
        let result = Self.next(kind, after: id - 1, &next)
        return result == 0 ? next == id : result != -ENOENT
    }

    /// Every object of a kind that the kernel has now.
    ///
    /// Needs `CAP_SYS_ADMIN`; without it the list is empty.
    public static func all(_ kind: KernelObjectKind) -> Set<KernelObject> {
        var found: Set<KernelObject> = []
        var id: UInt32 = 0
        while true {
            var next: UInt32 = 0
            guard Self.next(kind, after: id, &next) == 0, next > id else { return found }
            found.insert(KernelObject(kind: kind, id: next))
            id = next
        }
    }

    private static func next(_ kind: KernelObjectKind, after id: UInt32, _ next: inout UInt32) -> CInt {
        switch kind {
        case .program: bpf_prog_get_next_id(id, &next)
        case .map: bpf_map_get_next_id(id, &next)
        case .link: bpf_link_get_next_id(id, &next)
        }
    }

    /// Called with every object that this process makes, as soon as it exists.
    ///
    /// The worker passes it on, so that its supervisor can tell whether it is gone after the worker's death.
    public static let onCreation = Mutex<(@Sendable (KernelObject) -> Void)?>(nil)

    static func announce(_ kind: KernelObjectKind, descriptor: CInt) {
        guard let id = id(of: descriptor, kind) else { return }
        let handler = onCreation.withLock { $0 }
        handler?(KernelObject(kind: kind, id: id))
    }

    static func id(of descriptor: CInt, _ kind: KernelObjectKind) -> UInt32? {
        switch kind {
        case .program:
            var info = bpf_prog_info()
            var size = UInt32(MemoryLayout<bpf_prog_info>.size)
            return bpf_obj_get_info_by_fd(descriptor, &info, &size) == 0 ? info.id : nil
        case .map:
            var info = bpf_map_info()
            var size = UInt32(MemoryLayout<bpf_map_info>.size)
            return bpf_obj_get_info_by_fd(descriptor, &info, &size) == 0 ? info.id : nil
        case .link:
            var info = bpf_link_info()
            var size = UInt32(MemoryLayout<bpf_link_info>.size)
            return bpf_obj_get_info_by_fd(descriptor, &info, &size) == 0 ? info.id : nil
        }
    }
}
