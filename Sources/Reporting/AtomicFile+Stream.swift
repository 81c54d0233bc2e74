public import FileBytes
import Glibc

extension AtomicFile {
    /// Writes what a body puts into a sink, whole or not at all, without having it in memory as a whole.
    ///
    /// - Throws: `FileWriteError`, or what the body throws; the file is then what it was before.
    public static func stream(to path: String, _ body: (ReportSink) throws -> Void) throws {
        var objection: (any Error)?
        do {
            try write(to: path) { (file: Int32) throws(FileWriteError) in
                let sink = ReportSink { try writeAll($0, to: file, path) }
                do {
                    try body(sink)
                    try sink.finish()
                } catch {
                    objection = error
                    throw error as? FileWriteError ?? FileWriteError("write", path, code: EINVAL)
                }
            }
        } catch {
            throw objection ?? error
        }
    }
}
