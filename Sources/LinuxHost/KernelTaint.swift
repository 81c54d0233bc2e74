/// The marks that a kernel bears after it caught itself at something wrong (`/proc/sys/kernel/tainted`,
/// Documentation/admin-guide/tainted-kernels.rst in the kernel tree).
///
/// They tell of a splat where the log cannot be read or does not exist, but not of a second one of a kind.
public struct KernelTaint: Sendable, Hashable {
    /// The marks that tell of a splat, by their bits; others tell of modules and hardware.
    private static let splats = [
        5: "a bad page", 7: "an oops or BUG", 9: "a warning", 14: "a soft lockup",
    ]

    private let bits: UInt64

    /// Reads the present marks; none where `/proc` is not mounted.
    public init() {
        let text = (try? SmallFile.text("/proc/sys/kernel/tainted")) ?? ""
        bits = UInt64(text.prefix { $0.isNumber }) ?? 0
    }

    /// Creates marks of given bits.
    init(bits: UInt64) {
        self.bits = bits
    }

    /// What splats the kernel has marked itself for since `earlier`, in the form of lines of its log.
    public func splats(since earlier: KernelTaint) -> [String] {
        let new = bits & ~earlier.bits
        return Self.splats.filter { new >> UInt64($0.key) & 1 == 1 }.sorted { $0.key < $1.key }
            .map { "WARNING: the kernel marked itself for \($0.value) (bit \($0.key) of /proc/sys/kernel/tainted)" }
    }
}
