import CLinux
import Glibc
import LibBPF
import LinuxHost
import SampleKit

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

    /// Whether this kernel has the call.
    var isKnown: Bool {
        // An empty path exists nowhere: ENOENT, but ENOSYS where there is no such call.
        number >= 0 && make("", O_RDONLY) != -ENOSYS
    }

    /// Makes the call and closes what it opened.
    ///
    /// - Returns: Whether a file was opened.
    func callAsFunction(_ path: String) -> Bool {
        let number = make(path, O_RDONLY)
        guard number >= 0 else { return false }
        _ = close(number)
        return true
    }

    private func make(_ path: String, _ flags: CInt) -> CInt {
        switch self {
        case .open: lx_open_syscall(path, flags)
        case .openat: lx_openat_syscall(path, flags)
        case .openat2: lx_openat2_syscall(path, flags)
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

    let entered: BPFMap
    let left: BPFMap

    /// Makes a round of calls, and some of the other kind, which must not count.
    ///
    /// The witnesses are read first and last, so that they see all that the kern half does.
    func round(
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
        arena.stimulate {
            for index in 0..<Self.calls {
                // A path through a file that is no directory fails with ENOTDIR.
                if call(index % 2 == 0 ? "/dev/null" : "/dev/null/none") {
                    round.succeeded += 1
                } else {
                    round.failed += 1
                }
            }
            for other in OpenCall.allCases where other != call {
                for _ in 0..<(Self.calls / 2) { _ = other("/dev/null") }
            }
        }
        round.entries = grown(try entered.lookup(UInt32(0), as: UInt32.self), from: entries)
        round.exits = grown(try left.lookup(UInt32(0), as: UInt32.self), from: exited)
        round.entriesMade = Int(try enters?.count() ?? 0) - Int(witnessedEntries)
        round.exitsMade = Int(try exits?.count() ?? 0) - Int(witnessedExits)
        return round
    }

    /// The difference of two readings of a counter of 32 bits that wraps around; negative where it went back.
    private func grown(_ now: UInt32?, from before: UInt32) -> Int {
        Int(Int32(bitPattern: (now ?? 0) &- before))
    }
}
