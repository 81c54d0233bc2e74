import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import FileBytes

/// Every kind of file that a path can lead to, and how long it takes to say so.
final class InputFileTests {
    private let scratch: ScratchFolder
    private var folder: String { scratch.path.string }

    init() throws {
        scratch = try ScratchFolder()
    }

    private func file(_ name: String, _ text: String) throws -> String { try scratch.write(name, text).string }

    private func error(_ path: String, limit: Int = 1 << 20) -> InputError? {
        do throws(InputError) {
            _ = try InputFile.read(path, limit: limit)
            return nil
        } catch {
            return error
        }
    }

    @Test func `a file is read to its end, up to its limit and no further`() throws {
        let path = try file("plain", "0123456789")
        #expect(try InputFile.read(path, limit: 10) == Array("0123456789".utf8))
        #expect(error(path, limit: 9) == .tooLarge(limit: 9))
        #expect(try InputFile.text(path, limit: 10) == "0123456789")
        #expect(try InputFile.beginning(of: path, count: 4) == Array("0123".utf8))
        // A file of /proc says that it is empty.
        #expect(try !InputFile.read("/proc/self/status", limit: 1 << 20).isEmpty)
        #expect(error("/proc/self/status", limit: 16) == .tooLarge(limit: 16))
    }

    @Test func `a file that says that it is too large is not read at all`() throws {
        let path = try file("sparse", "")
        #expect(truncate(path, 1 << 40) == 0)
        // The thread's own time: on a busy machine a moment lasts as long as others please.
        let before = threadTime()
        #expect(error(path, limit: 4 << 30) == .tooLarge(limit: 4 << 30))
        #expect(threadTime() - before < 0.5)
    }

    /// The seconds that the processor has spent on this thread.
    private func threadTime() -> Double {
        var now = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now)
        return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
    }

    @Test func `what is no file is told by its kind, and nothing of it is read`() throws {
        #expect(error("/dev/zero") == .device)
        #expect(error("/dev/tty") == .device)
        #expect(error(folder) == .folder)
        #expect(error("\(folder)/nowhere") == .refused(.noSuchFileOrDirectory))
        #expect(symlink("loop", "\(folder)/loop") == 0)
        #expect(error("\(folder)/loop") == .refused(.tooManySymbolicLinkLevels))
        #expect(try InputFile.read("/dev/null", limit: 0).isEmpty)
        let socket = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let path = "\(folder)/s"
        try #require(path.utf8.count < 100)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(bound == 0)
        #expect(error(path) == .socket)
    }

    @Test func `a FIFO that nobody writes to is told in a moment`() throws {
        let path = "\(folder)/fifo"
        #expect(mkfifo(path, 0o600) == 0)
        let clock = ContinuousClock()
        let time = clock.measure { #expect(error(path) == .noWriter) }
        #expect(time < .seconds(10))
        #expect(throws: InputError.pipe) { try InputFile.beginning(of: path, count: 4) }
    }

    @Test func `a FIFO is read to its end, whoever opened it first, and up to its limit`() throws {
        for delay in [0, 200_000] as [useconds_t] {
            let path = "\(folder)/fifo-\(delay)"
            try #require(mkfifo(path, 0o600) == 0)
            // It may open the FIFO first, or a little later.
            let child = try Writer(path, bytes: 300_000, delay: delay)
            defer { child.end() }
            #expect(try InputFile.read(path, limit: 1 << 20).count == 300_000)
        }
        let path = "\(folder)/endless"
        try #require(mkfifo(path, 0o600) == 0)
        let child = try Writer(path, bytes: .max, delay: 0)
        defer { child.end() }
        #expect(error(path, limit: 1 << 20) == .tooLarge(limit: 1 << 20))
    }

    @Test func `a pipe behind a descriptor's name is read, as a shell's process substitution gives it`() throws {
        var ends: [CInt] = [0, 0]
        try #require(pipe(&ends) == 0)
        _ = write(ends[1], "whole", 5)
        close(ends[1])
        defer { close(ends[0]) }
        #expect(try InputFile.text("/dev/fd/\(ends[0])", limit: 100) == "whole")
    }

    @Test func `each refusal says what to do`() {
        let errors: [InputError] = [
            .folder, .device, .socket, .pipe, .noWriter, .endless, .tooLarge(limit: 8 << 20),
            .refused(.tooManyOpenFiles),
        ]
        for error in errors { #expect(error.description.contains(";") || error.description.contains("8 MiB")) }
        #expect(InputError.refused(.permissionDenied).description == "permission denied (EACCES)")
    }
}

/// A thread that opens a FIFO and writes zeros into it.
private final class Writer: Sendable {
    private let thread: pthread_t

    private final class Work: Sendable {
        let path: String
        let bytes: Int
        let delay: useconds_t

        init(_ path: String, _ bytes: Int, _ delay: useconds_t) {
            self.path = path
            self.bytes = bytes
            self.delay = delay
        }
    }

    init(_ path: String, bytes: Int, delay: useconds_t) throws {
        // Its reader may be gone before it is done.
        signal(SIGPIPE, SIG_IGN)
        var made = pthread_t()
        let work = Unmanaged.passRetained(Work(path, bytes, delay)).toOpaque()
        let result = pthread_create(
            &made,
            nil,
            { argument in
                guard let argument else { return nil }
                let work = Unmanaged<Work>.fromOpaque(argument).takeRetainedValue()
                usleep(work.delay)
                let file = open(work.path, O_WRONLY | O_CLOEXEC)
                defer { close(file) }
                let zeros = [UInt8](repeating: 0, count: 1000)
                var rest = work.bytes
                while rest > 0 {
                    let count = write(file, zeros, min(rest, zeros.count))
                    if count <= 0 { break }
                    rest -= count
                }
                return nil
            },
            work
        )
        try #require(result == 0)
        thread = made
    }

    func end() { pthread_join(thread, nil) }
}
