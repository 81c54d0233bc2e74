import CLinux
import Glibc
import LibBPF
import LinuxHost
import SampleKit
import SampleLab

/// The system calls that the kern half counts.
enum OpenCall: String, CaseIterable {
    case open
    case openat
    /// In sources of Linux 6.8 and later, not in those of 6.3; on kernels 5.6 and later.
    case openat2

    /// The call's number on this architecture; -1 for a call that it does not have.
    var number: CInt {
        switch self {
        case .open: lx_open_number()
        case .openat: lx_openat_number()
        case .openat2: lx_openat2_number()
        }
    }

    var entryProgram: String { "trace_enter_\(suffix("open"))" }
    var exitProgram: String { "trace_enter_\(suffix("exit"))" }

    /// The sections of the two programs.
    var entryPlace: String { "tracepoint/syscalls/sys_enter_\(rawValue)" }
    var exitPlace: String { "tracepoint/syscalls/sys_exit_\(rawValue)" }

    /// Whether this kernel has the call.
    var isKnown: Bool {
        // An empty path exists nowhere: ENOENT, but ENOSYS where there is no such call.
        number >= 0 && make(-1, "", O_RDONLY) != -ENOSYS
    }

    /// Makes the call and closes what it opened.
    ///
    /// - Parameters:
    ///   - folder: A folder that the call is told of, if it can be; -1 for none.
    ///   - path: The path; `nil` for none at all, which no memory is at.
    ///   - flags: What is asked for.
    /// - Returns: Whether a file was opened.
    func callAsFunction(in folder: CInt = -1, _ path: String?, _ flags: CInt = O_RDONLY) -> Bool {
        let number = make(folder, path, flags)
        guard number >= 0 else { return false }
        _ = close(number)
        return true
    }

    private func make(_ folder: CInt, _ path: String?, _ flags: CInt) -> CInt {
        switch self {
        case .open: lx_open_syscall(path, flags)
        case .openat: lx_openat_syscall(folder, path, flags)
        case .openat2: lx_openat2_syscall(folder, path, flags)
        }
    }

    private func suffix(_ word: String) -> String {
        switch self {
        case .open: word
        case .openat: "\(word)_at"
        case .openat2: "\(word)_at2"
        }
    }
}

/// What one round of own calls did.
struct OpenRound: Codable, Equatable {
    /// Own calls that opened a file.
    var succeeded = 0
    /// Own calls that failed.
    var failed = 0
    /// By how much the kern half's count of entries grew.
    var entries = 0
    /// By how much the kern half's count of exits grew.
    var exits = 0
    /// Entries of this call on the whole machine, by raw_syscalls.
    var entriesMade = 0
    /// Exits of this call on the whole machine, by raw_syscalls.
    var exitsMade = 0
}

/// Makes rounds of calls and reads the kern half's two counters around each.
struct OpenProbe {
    /// Own calls in a round, half of which fail.
    static let calls = 64
    /// What the counters begin with: they stay above 16 bits for some rounds, and pass the end of 31 and of 32 bits in different ones.
    private static let start: UInt32 = 0xffff_ff00
    /// A user who is nobody's.
    private static let stranger: UInt32 = 54321
    /// What a call may ask for of a file that exists; a kern half that looks at that counts some of them only.
    private static let flags: [CInt] = [
        O_RDONLY, O_WRONLY, O_RDWR | O_CLOEXEC, O_RDONLY | O_NONBLOCK, O_WRONLY | O_APPEND | O_TRUNC,
        O_RDONLY | O_CREAT, O_RDONLY | O_NOFOLLOW,
    ]

    let entered: BPFMap
    let left: BPFMap
    let processors: [CInt]

    /// Sets both counters to their beginning.
    func restart() throws {
        for map in [entered, left] { try map.update(UInt32(0), Self.start) }
    }

    /// Makes a round of calls, and some of the other kind, which must not count.
    ///
    /// The witnesses are read first and last, so that they see all that the kern half does.
    ///
    /// - Parameters:
    ///   - index: The round's number: rounds go from processor to processor, and every second one is another thread's, of another user.
    ///   - call: The system call.
    ///   - enters: Counts its entries on the whole machine.
    ///   - exits: Counts its exits.
    ///   - arena: The sample's arena.
    /// - Returns: What the calls did and by how much the counters grew.
    /// - Throws: `SystemCallError` where a counter cannot be read or the processor is off line.
    func round(
        _ index: Int,
        _ call: OpenCall,
        _ enters: SystemWideCounter?,
        _ exits: SystemWideCounter?,
        in arena: borrowing Arena
    ) throws -> OpenRound {
        var round = OpenRound()
        let witnessedEntries = try enters?.count() ?? 0
        let witnessedExits = try exits?.count() ?? 0
        let entries = try entered.lookup(UInt32(0), as: UInt32.self) ?? 0
        let exited = try left.lookup(UInt32(0), as: UInt32.self) ?? 0
        try arena.stimulate {
            let processor = processors[index / 2 % processors.count]
            let work: @Sendable () throws -> (Int, Int) = {
                try Processors.pinned(to: processor) { Self.make(call) }
            }
            (round.succeeded, round.failed) =
                index % 2 == 0 ? try work() : try WorkThread.run(asUser: Self.stranger, work)
        }
        round.entries = grown(try entered.lookup(UInt32(0), as: UInt32.self), from: entries)
        round.exits = grown(try left.lookup(UInt32(0), as: UInt32.self), from: exited)
        round.entriesMade = Int(try enters?.count() ?? 0) - Int(witnessedEntries)
        round.exitsMade = Int(try exits?.count() ?? 0) - Int(witnessedExits)
        return round
    }

    /// Makes the calls on this thread; returns how many opened a file and how many did not.
    private static func make(_ call: OpenCall) -> (succeeded: Int, failed: Int) {
        var (succeeded, failed) = (0, 0)
        // A path through a file that is no directory fails with ENOTDIR, and none at all with EFAULT.
        let paths = ["/dev/null", "/dev/null/none", "/dev/null", nil]
        for index in 0..<calls {
            // A path from the root is looked up without the folder, which need not be one.
            let place: CInt = index % 8 < 4 ? 0 : -1
            if call(in: place, paths[index % paths.count], flags[index / 2 % flags.count]) {
                succeeded += 1
            } else {
                failed += 1
            }
        }
        for other in OpenCall.allCases where other != call {
            for _ in 0..<(calls / 2) { _ = other("/dev/null") }
        }
        return (succeeded, failed)
    }

    /// The difference of two readings of a counter of 32 bits that wraps around; negative where it went back.
    private func grown(_ now: UInt32?, from before: UInt32) -> Int {
        Int(Int32(bitPattern: (now ?? 0) &- before))
    }
}
