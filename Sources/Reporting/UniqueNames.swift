/// Names that no two test cases of a class share: GitLab drops the second without a word.
struct UniqueNames {
    private var taken: Set<[String]> = []

    /// The name, with a number behind it where the class has one of that name.
    mutating func unique(_ name: String, in className: String) -> String {
        var candidate = name
        var count = 1
        while !taken.insert([className, candidate]).inserted {
            count += 1
            candidate = "\(name) (\(count))"
        }
        return candidate
    }
}
