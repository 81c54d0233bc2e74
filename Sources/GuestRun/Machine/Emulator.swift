import CLinux
import Glibc
import LinuxHost
import SystemPackage

/// QEMU with one guest in it: a child that dies with the thread that started it, and its four sockets.
final class Emulator {
    /// Our end of the port that frames travel on.
    private(set) var results: Stream
    /// Our end of the kernel's console.
    private(set) var console: Stream
    /// Our end of QEMU's control port.
    private(set) var control: Stream
    /// What QEMU itself prints.
    private(set) var talk: Stream
    private let process: ChildProcess
    /// How QEMU ended; `nil` while it runs.
    private(set) var end: ChildProcess.End?

    /// The most of each stream that is taken in at once.
    private static let chunk = 1 << 16

    /// A socket or pipe that is read without waiting.
    struct Stream: ~Copyable {
        private let descriptor: OwnedDescriptor
        private(set) var isAtEnd = false

        init(_ descriptor: consuming OwnedDescriptor) {
            _ = fcntl(descriptor.number, F_SETFL, O_NONBLOCK)
            self.descriptor = descriptor
        }

        /// The number to wait on; -1, which poll(2) passes over, at the end.
        var number: CInt { isAtEnd ? -1 : descriptor.number }

        /// What has come; empty if nothing has.
        mutating func read() -> [UInt8] {
            var bytes: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: Emulator.chunk)
            while !isAtEnd, bytes.count < 4 << 20 {
                let count = Glibc.read(descriptor.number, &buffer, buffer.count)
                if count > 0 {
                    bytes += buffer[0..<count]
                } else if count < 0, errno == EINTR {
                    continue
                } else if count < 0, errno == EAGAIN {
                    break
                } else {
                    isAtEnd = true
                }
            }
            return bytes
        }

        /// Writes all bytes, or gives up at the deadline or at the stream's end.
        func write(_ bytes: [UInt8], deadline: Deadline) {
            var rest = bytes[...]
            while !rest.isEmpty, !deadline.hasPassed {
                let count = rest.withUnsafeBytes {
                    Glibc.send(descriptor.number, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
                }
                if count > 0 {
                    rest = rest.dropFirst(count)
                } else if errno == EAGAIN {
                    deadline.pause(milliseconds: 5)
                } else if errno != EINTR {
                    return
                }
            }
        }
    }

    /// Starts QEMU.
    ///
    /// - Parameters:
    ///   - program: Its path.
    ///   - arguments: All of its arguments, its name included.
    ///   - initramfs: The guest's root.
    /// - Throws: `SystemCallError` where it cannot be started.
    init(_ program: String, _ arguments: [String], initramfs: borrowing OwnedDescriptor) throws(SystemCallError) {
        let input = try OwnedDescriptor.open("/dev/null", O_RDONLY)
        let said = try OwnedDescriptor.pipe()
        let resultEnds = try Self.socketPair()
        let consoleEnds = try Self.socketPair()
        let controlEnds = try Self.socketPair()
        let talkWriter = said.writer.number
        let plan = ChildProcess.Plan(
            path: program,
            arguments: arguments,
            environment: ["PATH=/usr/bin:/bin", "LANG=C"],
            // In the order of `EmulatorDescriptors`.
            descriptors: [
                input.number, talkWriter, talkWriter, resultEnds.theirs.number, consoleEnds.theirs.number,
                controlEnds.theirs.number, initramfs.number,
            ],
            limits: [(CInt(LX_RLIMIT_CORE), 0)]
        )
        process = try ChildProcess(plan)
        results = Stream(try resultEnds.ours.duplicate())
        console = Stream(try consoleEnds.ours.duplicate())
        control = Stream(try controlEnds.ours.duplicate())
        talk = Stream(try said.reader.duplicate())
    }

    deinit { kill() }

    /// The process's id, while it runs.
    var pid: CInt { process.pid }

    /// Waits until something has come, QEMU has ended, one of other descriptors can be read, or the deadline is over.
    func wait(_ others: [CInt], _ deadline: Deadline) {
        let own = [
            results.number, console.number, control.number, talk.number, end == nil ? process.descriptor.number : -1,
        ]
        var requests = (own + others).map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        _ = poll(&requests, nfds_t(requests.count), deadline.milliseconds)
    }

    /// Takes what has come from each of the streams, and sees whether QEMU has ended.
    ///
    /// The end is seen first, so that what was written before it is read when it is known.
    func collect() -> (results: [UInt8], console: [UInt8], control: [UInt8], talk: [UInt8]) {
        if end == nil { end = (try? process.wait(deadline: Deadline(after: .zero))) ?? nil }
        return (results.read(), console.read(), control.read(), talk.read())
    }

    /// Writes a frame to the guest.
    func send(_ bytes: [UInt8], deadline: Deadline) { results.write(bytes, deadline: deadline) }

    /// Types on the guest's console.
    func type(_ bytes: [UInt8], deadline: Deadline) { console.write(bytes, deadline: deadline) }

    /// Writes a line to QEMU's control port.
    func command(_ line: String) { control.write(Array("\(line)\n".utf8), deadline: Deadline(after: .seconds(1))) }

    /// Ends QEMU at once and reaps it.
    func kill() {
        guard end == nil else { return }
        // The process is not reaped before `end` is set: its number cannot be another's yet.
        _ = Glibc.kill(process.pid, SIGKILL)
        end = (try? process.wait(deadline: Deadline(after: .seconds(10)))) ?? nil
    }

    private struct Ends: ~Copyable {
        var ours: OwnedDescriptor
        var theirs: OwnedDescriptor
    }

    private static func socketPair() throws(SystemCallError) -> Ends {
        var ends: [CInt] = [-1, -1]
        try SystemCallError.checkNegated(lx_socket_pair(&ends), "socketpair(2)", on: "a guest's port")
        return Ends(ours: OwnedDescriptor(owning: ends[0]), theirs: OwnedDescriptor(owning: ends[1]))
    }
}
