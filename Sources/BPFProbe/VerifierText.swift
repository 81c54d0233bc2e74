import LinuxHost
import SystemPackage

/// The verifier's words, compared without being known.
///
/// What it says changes between kernels, so no text of it is written down here: a line is only ever compared with one that the
/// same kernel said to a canary.
enum VerifierText {
    /// The log's lines without what differs from call to call: digits, and the word before a `#` (a helper's name).
    static func lines(of log: [UInt8]) -> Set<[UInt8]> {
        Set(log.split(separator: UInt8(ascii: "\n")).map { normalised($0) })
    }

    static func normalised(_ line: some Collection<UInt8>) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: line.count) { kept, count in count = normalise(line, into: kept) }
    }

    /// Writes a line without digits and names, which takes at most as many bytes as the line has.
    ///
    /// - Returns: How many bytes that are.
    static func normalise(_ line: some Collection<UInt8>, into kept: UnsafeMutableBufferPointer<UInt8>) -> Int {
        var count = 0
        var wordStart = 0
        for byte in line {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): continue
            case UInt8(ascii: "#"):
                count = wordStart
                kept[count] = byte
                count += 1
                wordStart = count
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"):
                kept[count] = byte
                count += 1
            default:
                kept[count] = byte
                count += 1
                wordStart = count
            }
        }
        return count
    }

    /// An errno with the log's lines, short enough for a report.
    static func summary(of refusal: Errno, _ log: [UInt8]) -> String {
        let text = String(decoding: log, as: UTF8.self).split(separator: "\n").joined(separator: "; ")
        return text.isEmpty ? refusal.named : "\(refusal.named): \(text.prefix(300))"
    }
}
