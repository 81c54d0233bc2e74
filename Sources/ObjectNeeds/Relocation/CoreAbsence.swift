/// Says what a kernel lacks where nothing fits a relocation, and what it has in its place.
struct CoreAbsence {
    let local: TypeTable
    let target: TypeTable
    let kernel: String

    /// The most members that are looked at for a likeness.
    private static let limit = 4096

    init(resolver: CoreResolver) {
        local = resolver.local
        target = resolver.target
        kernel = resolver.kernel
    }

    /// For example `task_struct.state: Linux 6.1's task_struct has no such field (it has __state)`.
    func words(_ relocation: CoreRelocation, _ spec: CoreSpec) -> String {
        let subject = spec.words(relocation, in: local)
        guard let root = local.record(relocation.type) else { return subject }
        let name = FlavouredName.essential(local.name(at: root.nameOffset))
        let named = target.candidates(name).compactMap { target.record($0) }
        let alike = named.filter { $0.isKind(of: root) }
        let text = String(decoding: name, as: UTF8.self)
        guard let candidate = alike.first else {
            if let other = named.first {
                return "\(subject): \(kernel) has \(text) only as \(target.words(for: other.id))"
            }
            return "\(subject): \(kernel) has no \(local.words(for: relocation.type).replacingLast(with: text))"
        }
        if relocation.kind.isOfType { return "\(subject): \(kernel)'s \(text) is another one" }
        if relocation.kind.isOfEnumerator {
            let names = (0..<candidate.count).compactMap { index in
                target.enumerator(index, of: candidate).flatMap { target.string(at: $0.nameOffset) }
            }
            return "\(subject): \(kernel)'s \(target.words(for: candidate.id)) has no such value"
                + Self.suggestion(for: subject, among: names)
        }
        return "\(subject): \(field(relocation, spec, candidate, root: text))"
    }

    /// Goes the way as far as it leads.
    private func field(
        _ relocation: CoreRelocation,
        _ spec: CoreSpec,
        _ candidate: TypeTable.Record,
        root: String
    ) -> String {
        var owner = candidate
        var path = root
        for length in 1..<max(2, spec.steps.count + 1) where length <= spec.steps.count {
            var part = spec
            part.steps = Array(spec.steps.prefix(length))
            var matching = CoreMatching(local: local, target: target)
            let step = spec.steps[length - 1]
            let name = step.name.flatMap { local.string(at: $0) }
            if let found = (try? matching.match(part, relocation.kind, candidate: candidate.id)) ?? nil,
                let last = found.steps.last
            {
                guard let reached = type(behind: last) else { break }
                owner = reached
                path += name.map { ".\($0)" } ?? (step.index > 0 ? "[\(step.index)]" : "")
                continue
            }
            guard let name else { return "\(kernel)'s \(path) has no element \(step.index)" }
            let names = members(of: owner)
            if names.contains(name) { return "\(kernel)'s \(path).\(name) is of another kind of type" }
            guard owner.isComposite else { return "\(kernel)'s \(path) is no struct" }
            return "\(kernel)'s \(path) has no such field" + Self.suggestion(for: name, among: names)
        }
        return "\(kernel)'s \(path) is another one"
    }

    private func type(behind step: CoreSpec.Step) -> TypeTable.Record? {
        guard step.name != nil else { return target.stripped(step.type) }
        return target.record(step.type).flatMap { target.member(step.index, of: $0) }.flatMap {
            target.stripped($0.type)
        }
    }

    /// The names of members, those of structs without a name among them.
    private func members(of record: TypeTable.Record) -> [String] {
        var names: [String] = []
        var pending = [(record, 0)]
        while let (next, depth) = pending.popLast(), names.count < Self.limit {
            for index in 0..<next.count {
                guard names.count + pending.count < Self.limit, let member = target.member(index, of: next) else {
                    break
                }
                let name = target.string(at: member.nameOffset) ?? ""
                if !name.isEmpty {
                    names.append(name)
                } else if depth < 8, let inner = target.stripped(member.type), inner.isComposite {
                    pending.append((inner, depth + 1))
                }
            }
        }
        return names
    }

    /// Names that may be meant: equal up to underscores and case, or one within the other.
    private static func suggestion(for name: String, among names: [String]) -> String {
        func plain(_ text: String) -> String { text.lowercased().filter { $0 != "_" } }
        let wanted = plain(name)
        let equal = names.filter { plain($0) == wanted }
        let close = names.filter { other in
            wanted.count >= 4 && plain(other).count >= 4
                && (plain(other).contains(wanted) || wanted.contains(plain(other)))
        }
        let found = equal.isEmpty ? close : equal
        return found.isEmpty ? "" : " (it has \(found.prefix(3).joined(separator: ", ")))"
    }
}

extension String {
    /// `struct name___flavour` with another last word.
    fileprivate func replacingLast(with word: String) -> String {
        split(separator: " ").dropLast().map { "\($0) " }.joined() + word
    }
}
