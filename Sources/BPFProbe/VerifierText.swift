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
        var kept: [UInt8] = []
        kept.reserveCapacity(line.count)
        var wordStart = 0
        for byte in line {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): continue
            case UInt8(ascii: "#"):
                kept.removeSubrange(wordStart...)
                kept.append(byte)
                wordStart = kept.count
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"):
                kept.append(byte)
            default:
                kept.append(byte)
                wordStart = kept.count
            }
        }
        return kept
    }

    /// An errno with the log's lines, short enough for a report.
    static func summary(of refusal: Errno, _ log: [UInt8]) -> String {
        let text = String(decoding: log, as: UTF8.self).split(separator: "\n").joined(separator: "; ")
        return text.isEmpty ? refusal.named : "\(refusal.named): \(text.prefix(300))"
    }
}
