import CLibbpf
public import LinuxHost

/// An array of one entry that nothing uses.
///
/// It is freed when this value ends, or its process does: if it stays longer, that is the kernel's doing, not a sample's.
public struct ReferenceMap: ~Copyable {
    private let descriptor: OwnedDescriptor

    /// Creates the map.
    ///
    /// - Throws: `SystemCallError` with `EPERM` without `CAP_BPF`.
    public init() throws(SystemCallError) {
        let number = bpf_map_create(BPF_MAP_TYPE_ARRAY, "assay_reference", 4, 4, 1, nil)
        descriptor = OwnedDescriptor(
            owning: try check(number, "bpf(BPF_MAP_CREATE)", on: "the built-in map 'assay_reference'")
        )
        KernelObject.announce(.map, descriptor: number)
    }
}
