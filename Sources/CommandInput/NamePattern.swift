/// A name on a command line or in a list: as it is, or with `*`, `?` and `[…]` as a shell has them.
///
/// `*` and `?` do not stand for a slash, so that `xdp/*` is a family and `*` is every name without one.
public struct NamePattern: Sendable, Hashable {
    /// The pattern as it was written.
    public let text: String
    private let parts: [Part]

    private enum Part: Sendable, Hashable {
        case letter(Character)
        case any
        case run
        case set([ClosedRange<Character>], isNegated: Bool)
    }

    /// Reads a pattern; a `[` that is never closed stands for itself.
    public init(_ text: String) {
        self.text = text
        var parts: [Part] = []
        var rest = text[...]
        while let letter = rest.popFirst() {
            switch letter {
            case "*": if parts.last != .run { parts.append(.run) }
            case "?": parts.append(.any)
            case "[":
                if let (set, after) = Self.set(rest) {
                    parts.append(set)
                    rest = after
                } else {
                    parts.append(.letter(letter))
                }
            default: parts.append(.letter(letter))
            }
        }
        self.parts = parts
    }

    /// Whether it may fit more than one name.
    public var isGlob: Bool {
        parts.contains { if case .letter = $0 { false } else { true } }
    }

    /// Whether the whole of a name fits.
    public func fits(_ name: String) -> Bool {
        let name = Array(name)
        // Where to go on when a letter does not fit: behind the last `*`, which takes one letter more. So the time is at
        // most the product of both lengths, whatever the pattern.
        var retry: (part: Int, letter: Int)?
        var (part, letter) = (0, 0)
        while letter < name.count {
            if part < parts.count, parts[part] == .run {
                retry = (part, letter)
                part += 1
            } else if part < parts.count, Self.fits(parts[part], name[letter]) {
                part += 1
                letter += 1
            } else if let last = retry, name[last.letter] != "/" {
                retry = (last.part, last.letter + 1)
                part = last.part + 1
                letter = last.letter + 1
            } else {
                return false
            }
        }
        return parts[part...].allSatisfy { $0 == .run }
    }

    private static func fits(_ part: Part, _ letter: Character) -> Bool {
        switch part {
        case .letter(let wanted): wanted == letter
        case .any: letter != "/"
        case .run: false
        case .set(let ranges, let isNegated):
            letter != "/" && ranges.contains { $0.contains(letter) } != isNegated
        }
    }

    /// What follows a `[`, up to its `]`; a `]` in the first place stands for itself.
    private static func set(_ text: Substring) -> (Part, after: Substring)? {
        var rest = text
        let isNegated = rest.first == "!" || rest.first == "^"
        if isNegated { rest.removeFirst() }
        var ranges: [ClosedRange<Character>] = []
        while let letter = rest.popFirst() {
            if letter == "]", !ranges.isEmpty { return (.set(ranges, isNegated: isNegated), rest) }
            if rest.first == "-", let last = rest.dropFirst().first, last != "]", letter <= last {
                ranges.append(letter...last)
                rest = rest.dropFirst(2)
            } else {
                ranges.append(letter...letter)
            }
        }
        return nil
    }
}
