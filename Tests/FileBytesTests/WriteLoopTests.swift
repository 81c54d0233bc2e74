import FileBytes
import Glibc
import SystemPackage
import TestSupport
import Testing

/// Writing until all is written, and what is left where that is not possible.
struct WriteLoopTests {
    @Test func `all bytes arrive, of any collection`() throws {
        let scratch = try ScratchFolder()
        let path = try scratch.write("x", "").string
        let file = open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
        defer { close(file) }
        let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0) }
        #expect(WriteLoop.write(bytes, to: file) == nil)
        #expect(WriteLoop.write(bytes.dropFirst(299_000), to: file) == nil)
        #expect(WriteLoop.write([7, 8].reversed(), to: file) == nil)
        #expect(WriteLoop.write([], to: file) == nil)
        #expect(try InputFile.read(path, limit: 1 << 20) == bytes + bytes[299_000...] + [8, 7])
    }

    @Test func `the cause is the kernel's answer`() {
        let full = open("/dev/full", O_WRONLY | O_CLOEXEC)
        defer { close(full) }
        #expect(WriteLoop.write([1], to: full) == .noSpace)
        #expect(WriteLoop.write([1], to: -1) == .badFileDescriptor)
    }

    @Test func `temporary files name the process that made them`() {
        #expect(AtomicFile.owner(ofTemporary: ".bpf-assay.123.0.tmp") == 123)
        for name in [
            "record.json", ".bpf-assay.123.tmp", ".bpf-assay.x.0.tmp", "bpf-assay.123.0.tmp", ".123-4.tmp", "",
        ] {
            #expect(AtomicFile.owner(ofTemporary: name) == nil, "\(name)")
        }
    }
}
