import Glibc

/// A message in place of a bare signal where a process ends for lack of memory.
///
/// Swift traps when malloc(3) gives nothing, which the shell shows as `Illegal instruction`. Where the caller has limited the
/// memory, a trap is most likely that; without a limit nothing is changed, and a crash stays a crash.
public enum MemoryLimitMessage {
    /// Catches the signals of a trap, if memory is limited (`ulimit -v`, `-d`).
    ///
    /// - Parameters:
    ///   - program: What the message begins with.
    ///   - status: The exit status in place of the signal.
    public static func install(program: String, status: CInt) {
        var limit = rlimit()
        let isLimited = [RLIMIT_AS, RLIMIT_DATA].contains { resource in
            getrlimit(CInt(resource.rawValue), &limit) == 0 && limit.rlim_cur != rlim_t.max
        }
        guard isLimited else { return }
        // All is made before it is needed: a handler may not ask for memory.
        let words = Array("\n\(program): out of memory under the limit that was set; raise it with 'ulimit -v'\n".utf8)
        let text = UnsafeMutableRawBufferPointer.allocate(byteCount: words.count, alignment: 1)
        text.copyBytes(from: words)
        message = UnsafeRawBufferPointer(text)
        exitStatus = status
        let room = 64 << 10
        var stack = stack_t()
        stack.ss_sp = UnsafeMutableRawPointer.allocate(byteCount: room, alignment: 16)
        stack.ss_size = room
        sigaltstack(&stack, nil)
        for number in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGABRT] {
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { _ in
                if let message { _ = write(STDERR_FILENO, message.baseAddress, message.count) }
                _exit(exitStatus)
            }
            action.sa_flags = SA_ONSTACK | CInt(bitPattern: UInt32(SA_RESETHAND))
            sigaction(number, &action, nil)
        }
    }
}

// Written once before the signals are caught, and read by a signal handler, which can use neither locks nor memory of the heap.
private nonisolated(unsafe) var message: UnsafeRawBufferPointer?
private nonisolated(unsafe) var exitStatus: CInt = 0
