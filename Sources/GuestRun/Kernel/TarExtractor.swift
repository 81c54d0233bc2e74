import FileBytes
import Glibc

/// Writes the regular files of a tar archive (POSIX ustar, with GNU's long names) as its bytes come in.
///
/// Links, devices and names that lead out of the folder are passed over: nothing of a kernel needs them.
struct TarExtractor {
    /// What went wrong first.
    private(set) var failure: String?
    /// Whether the archive's end was seen.
    private(set) var isAtEnd = false

    private let folder: String
    private let isWanted: (String) -> Bool
    private var header: [UInt8] = []
    /// What is left of the entry that is being read, and of the padding behind it.
    private var left = 0
    private var padding = 0
    private var file: CInt = -1
    private var longName: [UInt8]?
    private var isLongName = false

    /// Creates an extractor.
    ///
    /// - Parameters:
    ///   - folder: Where files go.
    ///   - isWanted: Whether the file of a name, without `./` before it, is written.
    init(into folder: String, _ isWanted: @escaping (String) -> Bool) {
        self.folder = folder
        self.isWanted = isWanted
    }

    /// Takes in more of the archive.
    ///
    /// - Returns: Whether it wants more.
    mutating func take(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty, failure == nil, !isAtEnd {
            if left > 0 {
                let part = rest.prefix(left)
                consume(part)
                left -= part.count
                rest = rest.dropFirst(part.count)
                if left == 0 { closeFile() }
            } else if padding > 0 {
                let count = min(padding, rest.count)
                padding -= count
                rest = rest.dropFirst(count)
            } else {
                let part = rest.prefix(512 - header.count)
                header += part
                rest = rest.dropFirst(part.count)
                if header.count == 512 { begin() }
            }
        }
        return failure == nil && !isAtEnd
    }

    private mutating func consume(_ part: Slice<UnsafeBufferPointer<UInt8>>) {
        if isLongName {
            longName = (longName ?? []) + part
            if (longName?.count ?? 0) > 4096 { failure = "a name in it does not end" }
        } else if file >= 0 {
            if let cause = WriteLoop.write(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: part)), to: file) {
                failure = "write(2): \(cause)"
            }
        }
    }

    private mutating func begin() {
        defer { header = [] }
        if header.allSatisfy({ $0 == 0 }) {
            isAtEnd = true
            return
        }
        func text(_ range: Range<Int>) -> String { String(decoding: header[range].prefix { $0 != 0 }, as: UTF8.self) }
        let sum = header.enumerated().reduce(0) { $0 + ((148..<156).contains($1.offset) ? 32 : Int($1.element)) }
        let digits = text(124..<136).filter { ("0"..."7").contains($0) }
        let checksum = text(148..<156).filter { ("0"..."7").contains($0) }
        guard let size = Int(digits.isEmpty ? "0" : digits, radix: 8), Int(checksum, radix: 8) == sum else {
            failure = "a header in it is damaged"
            return
        }
        left = size
        padding = (512 - size % 512) % 512
        isLongName = header[156] == UInt8(ascii: "L")
        if isLongName {
            longName = []
            return
        }
        let prefix = text(345..<500)
        var name =
            longName.map { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            ?? (prefix.isEmpty ? text(0..<100) : "\(prefix)/\(text(0..<100))")
        longName = nil
        while name.hasPrefix("./") { name.removeFirst(2) }
        let isRegular = header[156] == UInt8(ascii: "0") || header[156] == 0
        if isRegular, !name.hasPrefix("/"), !name.split(separator: "/").contains(".."), isWanted(name) {
            openFile(name)
        }
        if left == 0 { closeFile() }
    }

    private mutating func openFile(_ name: String) {
        let parts = name.split(separator: "/")
        _ = parts.dropLast().reduce(folder) { above, part in
            _ = mkdir("\(above)/\(part)", 0o700)
            return "\(above)/\(part)"
        }
        file = open("\(folder)/\(name)", O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0o600)
        if file < 0 { failure = "open(2) on '\(name)': \(String(cString: strerror(errno)))" }
    }

    private mutating func closeFile() {
        isLongName = false
        guard file >= 0 else { return }
        if close(file) != 0 { failure = "close(2): \(String(cString: strerror(errno)))" }
        file = -1
    }
}
