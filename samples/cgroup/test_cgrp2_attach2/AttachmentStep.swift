import LibBPF

/// What is done to a chain of cgroups, and which programs run then.
struct AttachmentStep: CustomStringConvertible, Sendable {
    /// How many cgroups there are, each below the one before.
    static let cgroups = 5

    let description: String
    let actions: [Action]
    /// The rule of each cgroup that has programs of its own; the others are as the one above.
    ///
    /// It begins with who may have others: `-` for nobody, `o` for OVERRIDE, `m` for MULTI. Then comes what runs for a socket of the
    /// cgroup, each program by its number and that of the cgroup which it is attached to.
    private let rules: [Int: String]

    init(_ description: String, _ actions: [Action], _ rules: [Int: String]) {
        self.description = description
        self.actions = actions
        self.rules = rules
    }

    /// Something that is done, or that the kernel is asked.
    indirect enum Action: CustomStringConvertible, Sendable {
        case attach(Int, to: Int, CgroupAttachment.Sharing)
        /// With the descriptor of a program, or without any.
        case detach(Int?, from: Int)
        case replace(Int, by: Int, on: Int, CgroupAttachment.Sharing)
        /// Asks for the effective programs with room for so many.
        case ask(Int, room: Int)
        case refused(String, Action)

        var description: String {
            switch self {
            case .attach(let program, let cgroup, let sharing):
                "attach \(program) to \(cgroup) \(AttachmentStep.name(sharing))"
            case .detach(let program, let cgroup): "detach \(program.map { "\($0)" } ?? "any") from \(cgroup)"
            case .replace(let old, let new, let cgroup, let sharing):
                "replace \(old) by \(new) on \(cgroup) \(AttachmentStep.name(sharing))"
            case .ask(let cgroup, let room): "ask \(cgroup) with room for \(room)"
            case .refused(_, let action): "\(action)"
            }
        }

        /// What must come of it.
        var outcome: String {
            if case .refused(let symbol, _) = self { symbol } else { "ok" }
        }
    }

    /// A program that runs, and the cgroup that it is attached to.
    struct Run: Hashable, CustomStringConvertible, Sendable {
        var program: Int
        var cgroup: Int

        var description: String { "program \(program) on cgroup \(cgroup)" }
    }

    static func name(_ sharing: CgroupAttachment.Sharing) -> String {
        switch sharing {
        case []: "-"
        case .override: "o"
        case .multiple: "m"
        default: "\(sharing.rawValue)"
        }
    }

    /// What runs for a socket of a cgroup, in order; 0 is the cgroup above all.
    func effective(_ cgroup: Int) -> [Run] {
        guard cgroup > 0 else { return [] }
        guard let rule = rules[cgroup] else { return effective(cgroup - 1) }
        return rule.split(separator: " ").dropFirst().compactMap { word in
            let numbers = word.split(separator: ".").compactMap { Int($0) }
            return numbers.count == 2 ? Run(program: numbers[0], cgroup: numbers[1]) : nil
        }
    }

    /// What is attached to a cgroup itself, and who may have others.
    func own(_ cgroup: Int) -> (programs: [Int], sharing: String) {
        guard let rule = rules[cgroup] else { return ([], "-") }
        return (effective(cgroup).filter { $0.cgroup == cgroup }.map(\.program), String(rule.prefix(1)))
    }
}
