/// Names that no two test cases of a class share: GitLab drops the second without a word.
struct UniqueNames {
    private var taken: Set<Name> = []
    /// How often each name was asked for, so that the next number need not be searched.
    private var counts: [Name: Int] = [:]

    private struct Name: Hashable {
        var className: String
        var name: String
    }

    /// The name, with a number behind it where the class has one of that name.
    mutating func unique(_ name: String, in className: String) -> String {
        let wanted = Name(className: className, name: name)
        if taken.insert(wanted).inserted { return name }
        var count = counts[wanted] ?? 1
        var candidate: String
        repeat {
            count += 1
            candidate = "\(name) (\(count))"
        } while !taken.insert(Name(className: className, name: candidate)).inserted
        counts[wanted] = count
        return candidate
    }
}
