import Glibc
import LibBPF
import LinuxHost
import SystemPackage

/// What one link is made to, closed when this value ends.
struct AttachTarget: ~Copyable {
    /// A descriptor or an interface's index.
    let number: UInt32
    /// The members of `link_create` behind `flags`.
    let rest: [UInt8]
    /// The perf event that the number belongs to.
    private let event: PerfEvent?
    /// What the members point to.
    private let memory: UnsafeMutableRawBufferPointer?

    /// Why there is nothing to make a link to.
    struct Missing: Error {
        let outcome: AttachOutcome
    }

    init(_ number: UInt32, words: [UInt32] = []) {
        self.number = number
        rest = Self.bytes(words)
        event = nil
        memory = nil
    }

    init(_ event: consuming PerfEvent) {
        number = UInt32(event.descriptor.number)
        rest = []
        self.event = consume event
        memory = nil
    }

    /// One function of the kernel (`kprobe_multi` of `link_create`).
    init(function: String) {
        let (memory, _, word) = Self.place(function) { $0 }
        number = 0
        // flags, cnt, syms, addrs, cookies
        rest = Self.bytes([UInt32(0), 1]) + Self.bytes([word, 0, 0])
        event = nil
        self.memory = memory
    }

    /// One instruction of this process (`uprobe_multi` of `link_create`).
    init(code: CodePosition) {
        let (memory, text, word) = Self.place(code.file) { _ in code.offset }
        number = 0
        // path, offsets, ref_ctr_offsets, cookies, cnt, flags, pid
        rest = Self.bytes([text, word, 0, 0]) + Self.bytes([UInt32(1), 0, UInt32(getpid())])
        event = nil
        self.memory = memory
    }

    deinit { memory?.deallocate() }

    /// Memory with a word and a text in it, and the addresses of both.
    private static func place(
        _ text: String,
        _ word: (_ text: UInt64) -> UInt64
    ) -> (UnsafeMutableRawBufferPointer, text: UInt64, word: UInt64) {
        let bytes = Array(text.utf8) + [0]
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 8 + bytes.count, alignment: 8)
        let start = UInt64(UInt(bitPattern: memory.baseAddress))
        memory.storeBytes(of: word(start + 8), as: UInt64.self)
        UnsafeMutableRawBufferPointer(rebasing: memory[8...]).copyBytes(from: bytes)
        return (memory, start + 8, start)
    }

    private static func bytes(_ words: [some BitwiseCopyable]) -> [UInt8] { words.withUnsafeBytes { Array($0) } }

    /// Runs a program at the perf event, until this value ends.
    func run(_ program: CInt) -> AttachOutcome {
        switch event {
        case .none: return .untried("no perf event")
        case .some(let event):
            do {
                try event.run(program)
                return .attached
            } catch { return AttachOutcome(error.errno, absentIf: [EINVAL]) }
        }
    }
}

extension AttachPlaces {
    /// What the kernel has for itself to be traced, and nobody calls: the functions of BPF's own self-test.
    private static let quietFunctions = ["bpf_fentry_test1", "bpf_prog_test_run_xdp", "bpf_prog_test_run_skb"]

    /// What a link of a kind is made to.
    func target(_ kind: AttachPoint.Target) throws(AttachTarget.Missing) -> AttachTarget {
        switch kind {
        case .none: return AttachTarget(0)
        case .loopback: return try interface(loopback)
        case .netkit: return try interface(netkit)
        // NFPROTO_IPV4, NF_INET_LOCAL_IN, a priority that is not the highest, no flags.
        case .netfilter where network != nil: return AttachTarget(0, words: [2, 1, 100, 0])
        case .netfilter: throw .init(outcome: noNetwork)
        case .network: return try descriptor(network, or: noNetwork)
        case .cgroup:
            guard let group else { throw .init(outcome: .untried("no cgroup to attach it to")) }
            return try descriptor(group.descriptor, or: group.failure)
        case .sockets: return try descriptor(sockets, or: noSockets)
        case .function: return AttachTarget(function: Self.quietFunctions[0])
        case .code: return AttachTarget(code: try code())
        case .event(let event): return try target(event)
        }
    }

    private func interface(_ interface: Interface?) throws(AttachTarget.Missing) -> AttachTarget {
        guard let interface else { throw .init(outcome: noNetwork) }
        return AttachTarget(UInt32(interface.index))
    }

    private func descriptor(
        _ descriptor: borrowing OwnedDescriptor?,
        or failure: AttachOutcome
    ) throws(AttachTarget.Missing) -> AttachTarget {
        switch descriptor {
        case .some(let descriptor): return AttachTarget(UInt32(descriptor.number))
        case .none: throw .init(outcome: failure)
        }
    }

    private func code() throws(AttachTarget.Missing) -> CodePosition {
        guard let code = CodePosition.ownProbeTarget() else {
            throw .init(outcome: .untried("no code of this process to attach it to"))
        }
        return code
    }

    private func target(_ event: AttachPoint.Event) throws(AttachTarget.Missing) -> AttachTarget {
        switch event {
        case .clock: return try open(.cpuClock(hertz: 1))
        case .tracepoint:
            guard let tracing, let id = try? tracing.event("sched", "sched_process_exec").id else {
                // The source is there in every kernel with perf events and trace events.
                let isThere = Self.eventSource("tracepoint") != nil || Self.eventSource("software") == nil
                throw .init(outcome: isThere ? privacy ?? .untried("no tracefs can be mounted") : .absent)
            }
            return try open(.tracepoint(id: id))
        case .code: return try open(.code(try code(), source: try source("uprobe")))
        case .kernelFunction:
            let source = try source("kprobe")
            for name in Self.quietFunctions {
                do { return try open(.kernelFunction(name, source: source)) } catch {
                    guard error.outcome == .absent else { throw error }
                }
            }
            // The source is there: what is missing is a function of that name.
            throw .init(outcome: .untried("the kernel has no function to put a probe on"))
        }
    }

    /// The number of a source of perf events, or what it means that there is none.
    private func source(_ name: String) throws(AttachTarget.Missing) -> UInt32 {
        if let source = Self.eventSource(name) { return source }
        guard Self.eventSource("software") != nil else {
            throw .init(outcome: .untried("/sys shows no sources of perf events"))
        }
        let file = tracing.map { "\($0.path)/\(name)_events" }
        // Before Linux 4.17 such probes are made by a file that everybody shares, which this probe leaves alone.
        let isOld = file.map { access($0, F_OK) == 0 } ?? false
        throw .init(outcome: isOld ? .untried("only by \(name)_events of tracefs (before Linux 4.17)") : .absent)
    }

    private func open(_ kind: PerfEvent.Kind) throws(AttachTarget.Missing) -> AttachTarget {
        do { return AttachTarget(try PerfEvent(kind, of: .thisThread, enabled: false)) } catch {
            throw .init(outcome: AttachOutcome(error.errno, absentIf: AttachOutcome.perf))
        }
    }
}
