import GuestWire
import RunModel

/// What a guest says before it is asked for anything.
public struct GuestHello: Sendable, Hashable {
    /// `uname -r`.
    public let release: String
    /// `uname -v`.
    public let version: String
    /// `uname -m`.
    public let architecture: String
    /// What could not be mounted or loaded, with the reasons.
    public let failures: [String]
    /// What the kernel logged against itself while it started.
    public let splats: [String]
    /// Whether the kernel shows its types (`/sys/kernel/btf/vmlinux`).
    public let hasTypes: Bool
    /// Seconds from the start of QEMU to the first record.
    public let bootSeconds: Double

    /// Reads the two records; `nil` where they are none of this version.
    init?(_ hello: JSONValue, _ ready: JSONValue, bootSeconds: Double) {
        guard hello["protocol"]?.wholeNumber == GuestLayout.version, let release = hello["release"]?.stringValue,
            let version = hello["version"]?.stringValue, let architecture = hello["arch"]?.stringValue,
            let failures = ready["failures"]?.strings, let splats = ready["splats"]?.strings,
            case .bool(let types) = ready["types"]
        else { return nil }
        self.release = release
        self.version = version
        self.architecture = architecture
        self.failures = failures
        self.splats = splats
        hasTypes = types
        self.bootSeconds = bootSeconds
    }
}

extension JSONValue {
    /// The strings of an array; `nil` for anything else.
    var strings: [String]? {
        if case .array(let values) = self { values.compactMap(\.stringValue) } else { nil }
    }

    /// The whole number that this is.
    var wholeNumber: Int? {
        if case .integer(let value) = self { Int(value) } else { nil }
    }
}
