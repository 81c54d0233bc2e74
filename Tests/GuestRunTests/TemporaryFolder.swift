import Foundation

/// A folder that is gone with the value.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = "\(NSTemporaryDirectory())/guest-run-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ name: String, _ bytes: [UInt8]) throws {
        let url = URL(fileURLWithPath: "\(path)/\(name)")
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url)
    }
}

/// ELF files as small as they can be.
enum SmallELF {
    static func file(machine: UInt16 = 62, sections: [(name: String, data: [UInt8])] = [], notes: [UInt8] = [])
        -> [UInt8]
    {
        func number(_ value: Int, _ width: Int) -> [UInt8] {
            (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        var names: [UInt8] = [0]
        var body: [UInt8] = []
        var headers: [[UInt8]] = [[UInt8](repeating: 0, count: 64)]
        let start = 64 + 56
        let noteOffset = start
        body += notes
        for (name, data) in sections + [(".shstrtab", [])] {
            let nameOffset = names.count
            names += Array(name.utf8) + [0]
            let contents = name == ".shstrtab" ? names : data
            headers.append(
                number(nameOffset, 4) + number(1, 4) + number(0, 16) + number(start + body.count, 8)
                    + number(contents.count, 8)
                    + number(0, 24)
            )
            body += contents
        }
        let header: [UInt8] =
            [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1] + number(0, 9) + number(2, 2) + number(Int(machine), 2) + number(1, 4)
            + number(0, 8) + number(64, 8) + number(start + body.count, 8) + number(0, 4) + number(64, 2)
            + number(56, 2)
            + number(1, 2) + number(64, 2) + number(headers.count, 2) + number(headers.count - 1, 2)
        let program =
            number(4, 4) + number(4, 4) + number(noteOffset, 8) + number(0, 16) + number(notes.count, 8) + number(0, 16)
        return header + program + body + headers.flatMap(\.self)
    }
}
