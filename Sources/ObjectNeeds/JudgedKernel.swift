public import RunModel

/// Which kernel objects are judged by: what a report must say before its verdict means anything.
public struct JudgedKernel: Sendable, Hashable {
    /// The version; `nil` where nothing names one.
    public let version: KernelVersion?
    /// Where the options were read; `nil` where there are none to believe, and then options are not compared.
    public let source: String?
    /// Whether the version is one that was named, and not the config's.
    public let isVersionNamed: Bool

    /// Describes a kernel.
    public init(version: KernelVersion?, source: String?, isVersionNamed: Bool = false) {
        self.version = version
        self.source = source
        self.isVersionNamed = isVersionNamed
    }

    /// The kernel in a sentence: `Linux 5.10`.
    var name: String { version.map { "Linux \($0)" } ?? source.map { "the kernel of \($0)" } ?? "this kernel" }

    /// What was judged and what was not compared, a label and a text each.
    var lines: [(label: String, text: String)] {
        let origin = isVersionNamed ? " (as --kernel-version says)" : ""
        return [
            ("kernel", version.map { "\($0)\(origin)" } ?? "of an unknown version; --kernel-version names it"),
            ("options", source ?? "not compared: no config of this kernel; name one with --config"),
            ("types", "not compared; --against IMAGE compares them, --probe and --kernel load the object"),
        ]
    }
}
