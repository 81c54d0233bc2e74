import Glibc

/// A pipe that becomes readable at the first SIGINT or SIGTERM, for code that waits by poll(2).
///
/// A second signal ends the program at once: what it leaves behind is swept at the next start.
enum InterruptionPipe {
    /// Catches the signals from now on and returns the pipe's end to wait on, which is never closed.
    ///
    /// - Returns: -1 where no pipe can be made; the signals then keep their usual effect.
    static func open() -> CInt {
        var ends: [CInt] = [-1, -1]
        guard pipe(&ends) == 0 else { return -1 }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        writeEnd = ends[1]
        for number in [SIGINT, SIGTERM] {
            signal(number) { number in
                // Only what signal-safety(7) allows.
                if caught != 0 { _exit(128 + number) }
                caught = number
                var byte: UInt8 = 1
                _ = write(writeEnd, &byte, 1)
            }
        }
        return ends[0]
    }

    /// The signal that came, or 0.
    static var signalNumber: CInt { caught }

    /// Makes the pipe readable as a signal would.
    static func raise() {
        var byte: UInt8 = 1
        _ = write(writeEnd, &byte, 1)
    }
}

// Written once before the signals are caught, or by a signal handler, which can use neither locks nor memory of the heap.
private nonisolated(unsafe) var writeEnd: CInt = -1
private nonisolated(unsafe) var caught: CInt = 0
