import FeatureRules
import LibBPF

/// A program of an object, and what its section's name says of it.
public struct ObjectProgram: Sendable, Hashable {
    /// The function's name.
    public let name: String
    /// The section's name as the object has it, such as `?kprobe/do_unlinkat`.
    public let section: String
    /// The program's type in the kernel's words, such as `KPROBE`; `nil` for a section whose name no loader knows.
    public let type: String?
    /// The type of its attachment in the kernel's words, such as `TRACE_KPROBE_MULTI`; `nil` where the section names none.
    public let attachType: String?
    /// What it attaches to, such as `do_unlinkat` or `syscalls/sys_enter_open`; `nil` where the section does not say.
    public let target: String?
    /// Whether it may sleep (`SEC("….s/…")`).
    public let isSleepable: Bool
    /// Whether it takes packets in several buffers (`SEC("xdp.frags")`).
    public let takesFragments: Bool
    /// Whether it is left out unless somebody asks for it (`SEC("?…")`).
    public let isOptional: Bool

    /// The section's name without the mark of an optional program.
    var plainSection: String { isOptional ? String(section.dropFirst()) : section }

    // `otherType` is what the object's loader gives programs whose sections say nothing.
    init(name: String, section: String, otherType: String? = nil, table: RuleTable) {
        self.name = name
        self.section = section
        isOptional = section.hasPrefix("?")
        let plain = isOptional ? String(section.dropFirst()) : section
        let row = table.section(plain)
        type = row?["type"] ?? SectionTypes.typeName(ofNamed: plain) ?? otherType
        attachType = row?["attach"]
        isSleepable = row?["sleepable"] != nil
        takesFragments = row?["frags"] != nil
        let stem = row.map { $0.name.hasSuffix("+") ? String($0.name.dropLast()) : $0.name } ?? ""
        let rest = row?.kind == .section && plain.hasPrefix("\(stem)/") ? plain.dropFirst(stem.count + 1) : ""
        target = rest.isEmpty ? nil : String(rest)
    }

    /// A place in the program for evidence.
    func place(_ function: String? = nil, at instruction: Int? = nil) -> String {
        var text = "program '\(name)' (SEC \"\(section)\")"
        if let function, function != name { text += ", function '\(function)'" }
        if let instruction { text += ", instruction \(instruction)" }
        return text
    }
}
