/// Finds the known name that is nearest to an unknown word.
public enum NearestName {
    /// The name that is nearest to a word, by letters to insert, delete or change; `nil` where none is near.
    ///
    /// Case does not count. A third of the word's letters may be wrong, and two of a short word; of equally near names the
    /// first counts.
    public static func of(_ word: String, among names: some Sequence<String>) -> String? {
        // A word of any length may come; no name is that long.
        let wanted = Array(word.lowercased().utf8.prefix(64))
        var best: (name: String, distance: Int)?
        for name in names {
            let distance = distance(wanted, Array(name.lowercased().utf8.prefix(64)))
            if distance < best?.distance ?? .max { best = (name, distance) }
        }
        guard let best, best.distance <= max(2, wanted.count / 3), best.distance < max(wanted.count, 1) else {
            return nil
        }
        return best.name
    }

    /// `; did you mean 'NAME'?` for the nearest name, or nothing.
    public static func hint(for word: String, among names: some Sequence<String>) -> String {
        of(word, among: names).map { "; did you mean '\($0)'?" } ?? ""
    }

    /// The number of letters to insert, delete or change to turn one word into the other (Levenshtein).
    public static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var row = Array(0...right.count)
        for (i, a) in left.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, b) in right.enumerated() {
                let substituted = diagonal + (a == b ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(substituted, row[j] + 1, row[j + 1] + 1)
            }
        }
        return row[right.count]
    }
}
