import CLibbpf

/// libbpf's own feature tests, as a second opinion.
public enum LibbpfFeatures {
    /// Whether libbpf finds a map type in the running kernel (`libbpf_probe_bpf_map_type`).
    ///
    /// - Returns: `nil` for a type that this libbpf does not know how to create.
    public static func supports(mapType: UInt32) -> Bool? {
        switch libbpf_probe_bpf_map_type(bpf_map_type(rawValue: mapType), nil) {
        case 0: false
        case 1: true
        default: nil
        }
    }
}
