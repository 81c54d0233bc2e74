/// A package's name in which `*` stands for a version: letters, digits and `.+~-` that end in a digit, so that
/// `linux-image-6.1.0-*-amd64` does not mean `linux-image-6.1.0-56-rt-amd64`.
struct PackagePattern {
    private let start: String
    private let end: String?

    init(_ text: String) {
        let parts = text.split(separator: "*", maxSplits: 1, omittingEmptySubsequences: false)
        start = String(parts[0])
        end = parts.count > 1 ? String(parts[1]) : nil
    }

    /// Whether a name is one that is meant.
    func fits(_ name: String) -> Bool {
        guard let end else { return name == start }
        guard name.count > start.count + end.count, name.hasPrefix(start), name.hasSuffix(end) else { return false }
        let version = name.dropFirst(start.count).dropLast(end.count)
        return version.last?.isNumber == true
            && version.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
                default: ".+~-".utf8.contains(byte)
                }
            }
    }

    /// Whether the first of two names is of an older version: numbers in them count as numbers.
    static func isOlder(_ one: String, _ other: String) -> Bool {
        let (left, right) = (parts(one), parts(other))
        for (a, b) in zip(left, right) where a != b {
            if let first = Int(a), let second = Int(b) { return first < second }
            return a < b
        }
        return left.count < right.count
    }

    private static func parts(_ name: String) -> [Substring] {
        var parts: [Substring] = []
        var rest = name[...]
        while let first = rest.first {
            let part = rest.prefix { $0.isNumber == first.isNumber }
            parts.append(part)
            rest = rest.dropFirst(part.count)
        }
        return parts
    }
}
