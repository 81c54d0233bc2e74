import Foundation

/// What an object says to a loader: instructions by section, functions and maps by name.
///
/// A reader of our own, for well-formed objects only; it traps on others, which fails the test.
struct ObjectContents {
    /// Sections with instructions.
    private(set) var instructions: [String: Data] = [:]
    private(set) var functions: [String] = []
    private(set) var maps: [String] = []

    init(_ path: String) throws {
        let data = try Data(contentsOf: URL(filePath: path))
        func number(_ offset: Int, _ size: Int) -> Int {
            (0..<size).reversed().reduce(0) { $0 << 8 | Int(data[offset + $1]) }
        }
        func text(_ offset: Int) -> String { String(decoding: data[offset...].prefix { $0 != 0 }, as: UTF8.self) }
        let table = number(40, 8)
        let headers = (0..<number(60, 2)).map { table + 64 * $0 }
        let names = number(headers[number(62, 2)] + 24, 8)
        let sections = headers.map { text(names + number($0, 4)) }
        for (name, header) in zip(sections, headers) where number(header + 4, 4) == 1 {
            let isCode = number(header + 8, 8) & 4 != 0 && number(header + 32, 8) > 0
            if isCode { instructions[name] = data[number(header + 24, 8)...].prefix(number(header + 32, 8)) }
        }
        for header in headers where number(header + 4, 4) == 2 {
            let strings = number(headers[number(header + 40, 4)] + 24, 8)
            let start = number(header + 24, 8)
            for symbol in stride(from: start, to: start + number(header + 32, 8), by: 24) {
                let section = number(symbol + 6, 2)
                switch number(symbol + 4, 1) & 15 {
                case 2: functions.append(text(strings + number(symbol, 4)))
                case 1 where section < sections.count && [".maps", "maps"].contains(sections[section]):
                    maps.append(text(strings + number(symbol, 4)))
                default: break
                }
            }
        }
        functions.sort()
        maps.sort()
    }
}
