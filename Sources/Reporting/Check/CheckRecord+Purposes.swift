import RunModel

extension CheckRecord {
    /// The record as people read it: an option that a feature brings is for what the feature is for.
    ///
    /// `CONFIG_KPROBES`, which is there for `attach:kprobe`, is for kprobes as that is.
    var withPurposes: CheckRecord {
        let purposes = Dictionary(
            checks.filter { $0.wanted == nil && !$0.blocks.isEmpty }.map { ($0.feature, $0.blocks) }
        ) { first, _ in first }
        var copy = self
        for index in copy.checks.indices where copy.checks[index].wanted != nil {
            var seen: Set<String> = []
            copy.checks[index].blocks = copy.checks[index].blocks.flatMap { purposes[$0] ?? [$0] }
                .filter { seen.insert($0).inserted }
        }
        return copy
    }
}
