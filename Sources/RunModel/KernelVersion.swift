/// The version of a kernel: what `Makefile` calls VERSION, PATCHLEVEL and SUBLEVEL.
///
/// Distribution releases such as `6.1.0-56-amd64` parse too; what follows the third number is not part of
/// the version.
public struct KernelVersion: Sendable, Hashable, Comparable {
    /// VERSION in the kernel's top `Makefile`.
    public let major: Int
    /// PATCHLEVEL.
    public let minor: Int
    /// SUBLEVEL, 0 where a text names only two numbers.
    public let patch: Int

    /// Creates a version from its numbers.
    public init(_ major: Int, _ minor: Int, _ patch: Int = 0) {
        self.major = major
        self.minor = minor
        self.patch = patch
    }

    /// Reads the version that a release string begins with.
    ///
    /// Gives `nil` if the text does not begin with two numbers joined by a dot, or a number does not fit.
    ///
    /// - Parameter release: For example `6.1.192`, `4.19`, `6.18.44-fc` or `6.1.0-56-amd64`.
    public init?(_ release: some StringProtocol) {
        var numbers: [Int] = []
        for part in release.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false) {
            let digits = part.prefix { $0.isASCII && $0.isNumber }
            guard let number = Int(digits) else { break }
            numbers.append(number)
            if digits.count != part.count { break }
        }
        guard numbers.count >= 2 else { return nil }
        self.init(numbers[0], numbers[1], numbers.count > 2 ? numbers[2] : 0)
    }

    /// Whether two versions are of one release, whose stable versions have the same features: `6.1` and `6.1.192`.
    public func isSameRelease(as other: KernelVersion) -> Bool { (major, minor) == (other.major, other.minor) }

    /// Whether one version comes before another.
    public static func < (left: KernelVersion, right: KernelVersion) -> Bool {
        (left.major, left.minor, left.patch) < (right.major, right.minor, right.patch)
    }
}

extension KernelVersion: CustomStringConvertible {
    /// The version as `6.1.192`; a SUBLEVEL of 0 is left out, as people write it.
    public var description: String {
        patch == 0 ? "\(major).\(minor)" : "\(major).\(minor).\(patch)"
    }
}
