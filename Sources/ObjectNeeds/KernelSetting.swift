import FeatureRules
import RunModel

/// An `extern … __kconfig` variable: libbpf gives it the value that the option of its name has in the kernel's config.
///
/// libbpf refuses the whole object where the option is off, unless the variable is weak, and where the value does not fit the
/// variable's type, weak or not.
public struct KernelSetting: Sendable, Hashable {
    /// The option, with its `CONFIG_` prefix.
    public let option: String
    /// What the variable can hold.
    public let form: Form
    /// Whether it is declared `__weak`, and is 0 where the option is off.
    public let isWeak: Bool

    /// What libbpf makes of a variable's type.
    public enum Form: Sendable, Hashable {
        /// `bool`: `y`.
        case truth
        /// `enum libbpf_tristate`: `y` or `m`.
        case tristate
        /// One byte: `y`, `m` or a small number.
        case character(isSigned: Bool)
        /// A number of 2, 4 or 8 bytes.
        case number(bytes: Int, isSigned: Bool)
        /// `char[]`: a string.
        case text
        /// A type that libbpf refuses, in C's words.
        case other(String)
    }

    /// Whether a value fits, with the reason.
    func judged(_ state: KernelAccount.OptionState) -> (verdict: CheckVerdict, reason: String) {
        if case .other(let words) = form {
            return (.unmet, "libbpf has no value for a variable of type '\(words)'; declare it as bool, int or char[]")
        }
        switch state {
        case .unknown: return (.unknown, "no trustworthy config says how \(option) is set")
        case .off: return isWeak ? (.met, "\(option) is off, and the variable is weak") : (.unmet, "\(option) is off")
        case .builtIn:
            return takesLetters(module: false)
                ? (.met, "\(option) is on") : misfit("y", needs: "bool or enum libbpf_tristate")
        case .module:
            return takesLetters(module: true)
                ? (.met, "\(option) is a module") : misfit("m", needs: "enum libbpf_tristate")
        case .text(let value):
            guard let number = Self.number(value) else {
                return form == .text ? (.met, "\(option) is \(value)") : misfit(value, needs: "char[]")
            }
            // Whether digits are a number or a string only the config's quotes tell, which are gone here.
            return form == .text || holds(number)
                ? (.met, "\(option) is \(value)") : misfit(value, needs: "an integer that can hold it")
        }
    }

    private func misfit(_ value: String, needs type: String) -> (verdict: CheckVerdict, reason: String) {
        (.unmet, "\(option) is \(value), which libbpf writes into no \(form); declare it as \(type)")
    }

    /// Whether it is meant for an option that is on or off.
    var isLetter: Bool { takesLetters(module: false) }

    private func takesLetters(module: Bool) -> Bool {
        switch form {
        case .truth: !module
        case .tristate, .character: true
        case .number, .text, .other: false
        }
    }

    private func holds(_ number: Int64) -> Bool {
        let (bytes, isSigned): (Int, Bool)
        switch form {
        case .character(let sign): (bytes, isSigned) = (1, sign)
        case .number(let count, let sign): (bytes, isSigned) = (count, sign)
        case .truth, .tristate, .text, .other: return false
        }
        guard bytes < 8 else { return true }
        let bits = Int64(bytes * 8)
        return isSigned
            ? number >= -(1 << (bits - 1)) && number < 1 << (bits - 1) : number >= 0 && number < 1 << bits
    }

    private static func number(_ text: String) -> Int64? {
        if text.hasPrefix("0x") {
            return UInt64(text.dropFirst(2), radix: 16).map { Int64(bitPattern: $0) }
        }
        return Int64(text)
    }
}

extension KernelSetting.Form: CustomStringConvertible {
    /// The type in C's words.
    public var description: String {
        switch self {
        case .truth: "bool"
        case .tristate: "enum libbpf_tristate"
        case .character: "char"
        case .number(let bytes, _): "integer of \(bytes) bytes"
        case .text: "char[]"
        case .other(let words): words
        }
    }
}

extension KernelSetting.Form {
    /// Reads a type as libbpf does (`find_kcfg_type`).
    init(of number: UInt32, in types: TypeTable) {
        let other = Self.other(types.words(for: number))
        guard let record = types.stripped(number) else {
            self = other
            return
        }
        let size = Int(record.sizeOrType)
        switch record.kind {
        case .int:
            let encoding = types.integer(record)?.encoding ?? 0
            let isSigned = encoding & 1 != 0
            switch size {
            case 1: self = encoding & 4 != 0 ? .truth : .character(isSigned: isSigned)
            case 2, 4, 8: self = encoding & 4 != 0 ? other : .number(bytes: size, isSigned: isSigned)
            default: self = other
            }
        case .enumeration, .enumeration64:
            self = types.name(of: record) == "libbpf_tristate" ? .tristate : other
        case .array:
            guard let array = types.array(record), array.length > 0,
                case .character = Self(of: array.element, in: types)
            else {
                self = other
                return
            }
            self = .text
        default: self = other
        }
    }
}
