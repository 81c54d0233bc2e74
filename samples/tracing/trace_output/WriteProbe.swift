import CLinux
import Glibc
import LibBPF
import LinuxHost
import SampleKit
import SampleLab

/// What own calls of write(2) made the kern half tell.
struct WriteRound: Codable, Equatable {
    /// Own calls, of this thread and the other together.
    var calls = 0
    /// Samples with the number of this thread and its process.
    var own = 0
    /// Samples with the number of another thread of this process, which makes a call for each of this one's.
    var second = 0
    /// Samples of others.
    var foreign = 0
    /// Samples of anybody that have not the cookie, or not the size of two words.
    var misshapen = 0
    /// Samples that came from another ring than processor 0's.
    var elsewhere = 0
    /// Samples that a ring had no room for.
    var lost: UInt64 = 0
}

/// Makes rounds of calls and reads what the kern half wrote meanwhile.
struct WriteProbe: ~Copyable {
    /// What the kern half writes behind the numbers.
    static let cookie: UInt64 = 0x1234_5678

    let buffer: PerfBuffer

    /// Makes a round of calls on a processor, half of which succeed, in this thread and then in another.
    func round(of calls: Int, on processor: CInt, in arena: borrowing Arena) throws -> WriteRound {
        // What this worker says of the objects that it makes are writes as well.
        _ = try buffer.take()
        var round = WriteRound()
        let null = try OwnedDescriptor.open("/dev/null", O_WRONLY)
        let number = null.number
        var secondThread: CInt = 0
        try arena.stimulate {
            let work: @Sendable () throws -> (calls: Int, thread: CInt) = {
                try Processors.pinned(to: processor) { (Self.write(calls / 2, to: number), lx_gettid()) }
            }
            round.calls = try work().calls
            let other = try WorkThread.run(work)
            round.calls += other.calls
            secondThread = other.thread
        }
        let harvest = try buffer.take()
        round.lost = harvest.lost
        let own = UInt64(getpid()) << 32 | UInt64(lx_gettid())
        let second = UInt64(getpid()) << 32 | UInt64(secondThread)
        for sample in harvest.samples {
            if sample.processor != 0 { round.elsewhere += 1 }
            // Two words, and what rounds them and a length of four bytes up to whole words.
            guard sample.bytes.count == 20, Self.word(1, of: sample.bytes) == Self.cookie else {
                round.misshapen += 1
                continue
            }
            switch Self.word(0, of: sample.bytes) {
            case own: round.own += 1
            case second: round.second += 1
            default: round.foreign += 1
            }
        }
        return round
    }

    /// Makes calls on this thread; returns how many ended as they must.
    private static func write(_ calls: Int, to number: CInt) -> Int {
        (0..<calls).count { index in
            // No descriptor has this number: the call fails with EBADF.
            let result = Glibc.write(index % 2 == 0 ? number : CInt.max, "w", 1)
            return (result == 1) == (index % 2 == 0)
        }
    }

    private static func word(_ index: Int, of bytes: [UInt8]) -> UInt64 {
        bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self) }
    }
}
