import CLinux
import Glibc
import LibBPF
import LinuxHost
import SampleKit
import SystemPackage

/// One session of sampling: a program and a witness on every processor's clock, and a loop on one of them.
final class SamplingSession {
    private let hertz: UInt64
    private let processors: [CInt]

    init(hertz: UInt64, processors: [CInt]) {
        self.hertz = hertz
        self.processors = processors
    }

    func run(_ object: consuming LoadedObject, in arena: borrowing Arena) throws -> Sampleip.Observation {
        var seen = Sampleip.Observation(hertz: hertz, processors: processors.count)
        // Every worker is the same program: a loop that is where the linker put it is in all of them at one address.
        seen.isOwnLoop = lx_spin_move() == 0
        let program = try object.program("do_sample")
        let pairs = try processors.map { try ClockPair(program, hertz: hertz, on: $0) }
        let begin = Deadline.now
        for pair in pairs { try pair.start() }
        try arena.stimulate {
            try Processors.pinned(to: lx_current_cpu()) {
                // On a thread that is not the process's first one; page faults are made on that.
                let processor = lx_current_cpu()
                seen.spun = try WorkThread.run {
                    try Processors.pinned(to: processor) { lx_spin(Sampleip.spin) }
                }
                if seen.spun == 0 {
                    throw SystemCallError("clock_gettime(2)", on: "CLOCK_THREAD_CPUTIME_ID", errno: .invalidArgument)
                }
                Self.workInKernel(until: Deadline(after: .milliseconds(50)))
            }
        }
        let loop = UInt64(lx_spin_begin())..<UInt64(lx_spin_end())
        for pair in pairs {
            let recording = try pair.finish()
            if recording.lost > 0 || recording.throttled > 0 { seen.isTorn = true }
            for sample in recording.samples {
                seen.witnessed += 1
                if loop.contains(sample.address) { seen.witnessedInLoop += 1 }
                if Self.isKernel(sample.address) { seen.witnessedInKernel += 1 }
            }
        }
        seen.wall = Deadline.now - begin
        for (address, count) in try object.map("ip_map").entries(UInt64.self, UInt32.self) {
            seen.addresses += 1
            seen.counted += UInt64(count)
            if count == 0 { seen.empty += 1 }
            if loop.contains(address) { seen.inLoop += UInt64(count) }
            if Self.isKernel(address) { seen.inKernel += UInt64(count) }
            if !Self.isPossible(address) { seen.impossible += 1 }
        }
        return seen
    }

    /// Keeps the processor in the kernel, which clears pages, so that its addresses are sampled on a busy machine too.
    private static func workInKernel(until deadline: Deadline) {
        guard let zeros = try? OwnedDescriptor.open("/dev/zero", O_RDONLY) else { return }
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while !deadline.hasPassed { _ = read(zeros.number, &buffer, buffer.count) }
    }

    static func isKernel(_ address: UInt64) -> Bool { address >= 0xff00_0000_0000_0000 }

    /// Whether a processor can be at an address: a program's are at the bottom and the kernel's at the top.
    ///
    /// No 64-bit architecture has more than 57 bits of addresses, signed, so that these bounds hold for all.
    static func isPossible(_ address: UInt64) -> Bool {
        address > 0 && address < 1 << 56 || isKernel(address)
    }
}

/// The clocks of one processor that start and stop together: one samples into a ring, the other runs the program.
private final class ClockPair {
    private var sampler: PerfSampler?
    private let link: Link

    private final class Link {
        let link: BPFLink

        init(_ link: consuming BPFLink) { self.link = consume link }
    }

    init(_ program: BPFProgram, hertz: UInt64, on processor: CInt) throws {
        let sampler = try PerfSampler(.clock(hertz: hertz, processor: processor))
        link = Link(try program.attach(to: try sampler.makeSibling()))
        self.sampler = consume sampler
    }

    func start() throws { try sampler?.start() }

    func finish() throws -> PerfSampler.Recording { try sampler.take()?.finish() ?? PerfSampler.Recording() }
}
