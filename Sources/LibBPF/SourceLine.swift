/// A line of an object's source that instructions came from, as its line information (`.BTF.ext`) has it.
public struct SourceLine: Sendable, Hashable {
    /// Its number in its file, from 1.
    public let number: Int
    /// Its text, without the blanks at both ends.
    public let text: String

    /// Creates a line.
    public init(number: Int, text: String) {
        self.number = number
        self.text = text
    }

    /// The lines of a section's instructions, in their order, each as often as it is named there.
    ///
    /// An instruction that the compiler ascribes to no line of the source has none here.
    ///
    /// - Parameters:
    ///   - section: The section's name.
    ///   - bytes: The object's ELF file, or any bytes.
    /// - Returns: Nothing for an object that was built without `-g`.
    static func all(inSection section: String, of bytes: [UInt8]) -> [SourceLine] {
        guard let image = ObjectImage(bytes), let types = image.section(named: ".BTF"),
            let extra = image.section(named: ".BTF.ext")
        else { return [] }
        let strings = StringTable(image, image.range(of: types))
        let range = image.range(of: extra)
        // struct btf_ext_header of linux/btf.h: the lines' place stands at 16, their size at 20, both after the header.
        guard range.count >= 24, image.number(at: range.lowerBound, 2) == 0xeb9f else { return [] }
        let start = range.lowerBound + Int(image.number(at: range.lowerBound + 4, 4))
        let first = start + Int(image.number(at: range.lowerBound + 16, 4))
        let end = min(range.upperBound, first + Int(image.number(at: range.lowerBound + 20, 4)))
        guard end - first >= 4 else { return [] }
        let size = Int(image.number(at: first, 4))
        guard size >= 16 else { return [] }
        var lines: [SourceLine] = []
        var at = first + 4
        // For each section its name and the number of its records: instruction, file, text, line << 10 | column.
        while at + 8 <= end {
            let isWanted = strings.text(at: Int(image.number(at: at, 4))) == section
            let count = Int(image.number(at: at + 4, 4))
            at += 8
            guard count <= (end - at) / size else { break }
            for record in 0..<(isWanted ? count : 0) {
                let number = Int(image.number(at: at + record * size + 12, 4) >> 10)
                guard number > 0 else { continue }
                let text = strings.text(at: Int(image.number(at: at + record * size + 8, 4)))
                lines.append(SourceLine(number: number, text: text))
            }
            at += count * size
        }
        return lines
    }

    /// The strings of a section `.BTF`.
    private struct StringTable {
        private let bytes: ArraySlice<UInt8>

        init(_ image: ObjectImage, _ range: Range<Int>) {
            // struct btf_header: the strings' place stands at 16, their size at 20, both after the header.
            let start = range.lowerBound + Int(image.number(at: range.lowerBound + 4, 4))
            let first = start + Int(image.number(at: range.lowerBound + 16, 4))
            let end = first + Int(image.number(at: range.lowerBound + 20, 4))
            let isInside = range.count >= 24 && first >= range.lowerBound && end <= range.upperBound && first <= end
            bytes = isInside ? image.bytes[first..<end] : []
        }

        func text(at offset: Int) -> String {
            guard offset < bytes.count else { return "" }
            let field = bytes[(bytes.startIndex + offset)...].prefix(4096).prefix { $0 != 0 }
            let start = field.drop { $0 == 0x20 || $0 == 0x09 }
            let blanks = start.reversed().prefix { $0 == 0x20 || $0 == 0x09 }.count
            return String(decoding: start.dropLast(blanks), as: UTF8.self)
        }
    }
}
