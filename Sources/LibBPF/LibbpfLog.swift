import CLibbpf
import Glibc
import Synchronization

/// What libbpf says, kept instead of printed.
///
/// libbpf has one print callback for the whole process and hands it no context, so the log is a global.
enum LibbpfLog {
    /// The most bytes that are kept; the oldest go first.
    ///
    /// A verifier log of a large program has megabytes.
    private static let limit = 1 << 20
    private static let kept = Mutex<[UInt8]>([])

    /// Takes libbpf's messages over, once for the process.
    ///
    /// Debug messages are dropped unformatted.
    static let capture: Void = {
        libbpf_set_print { level, format, arguments in
            guard level.rawValue <= LIBBPF_INFO.rawValue, let format, let arguments else { return 0 }
            var text = [CChar](repeating: 0, count: 1 << 16)
            let count = vsnprintf(&text, text.count, format, arguments)
            let bytes = text.prefix(Int(max(0, min(count, CInt(text.count - 1))))).map { UInt8(bitPattern: $0) }
            LibbpfLog.kept.withLock { kept in
                kept += bytes
                if kept.count > LibbpfLog.limit { kept.removeFirst(kept.count - LibbpfLog.limit) }
            }
            return count
        }
    }()

    /// The lines since the last call, and forgets them.
    static func take() -> [String] {
        let bytes = kept.withLock { kept in
            defer { kept = [] }
            return kept
        }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }
}

/// The version of the libbpf that this program is linked with.
public enum LibbpfVersion {
    /// For example `1.1`.
    public static var text: String { "\(libbpf_major_version()).\(libbpf_minor_version())" }
}
