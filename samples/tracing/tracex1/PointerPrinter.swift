import LibBPF
import LinuxHost
import SampleKit
import SystemPackage

/// Prints addresses as the kernel prints those of its own, `%p`: by a number that is the same for the same address.
struct PointerPrinter: ~Copyable {
    private let program: OwnedDescriptor

    /// How many lines fit into a recorder's buffer at once, with those of others.
    private static let most = 1000

    init() throws(SystemCallError) {
        // "%p" and its end, on the stack; then bpf_trace_printk(text, 3, args[0]).
        let loaded = RawProgram(type: .rawTracepoint).load(
            [
                .load(.r3, from: .r1, 0),
                .move(.r2, 0x7025),
                .store(.r2, at: .r10, -8),
                .move(.r1, .r10),
                .add(.r1, -8),
                .move(.r2, 3),
                .call(.tracePrint),
                .move(.r0, 0),
                .exit,
            ],
            log: VerifierLog()
        )
        let refusal = loaded.refusal
        guard let program = loaded.descriptor() else {
            throw SystemCallError(
                "bpf(BPF_PROG_LOAD)",
                on: "a printer of addresses",
                errno: refusal ?? .invalidArgument
            )
        }
        self.program = program
    }

    /// What is printed for addresses, as a recorder of lines sees it.
    func texts(of addresses: [UInt64], _ recorder: borrowing PrintRecorder) throws -> Set<String> {
        var texts: Set<String> = []
        for start in stride(from: 0, to: addresses.count, by: Self.most) {
            for address in addresses[start..<min(addresses.count, start + Self.most)] {
                try RawProgram.testRun(program.number, arguments: [address])
            }
            texts.formUnion(try recorder.take().lines.filter { $0.thread == ProcessNumbers.thread }.map(\.text))
        }
        return texts
    }
}
