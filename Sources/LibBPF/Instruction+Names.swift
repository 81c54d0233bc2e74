import CLinux

// Instructions by name, as Documentation/bpf/instruction-set.rst calls them, in place of operation codes.
//
// Only operations that our own programs use are here. Registers are those of the calling convention: `r0` holds what a call or the
// program returns, `r1` to `r5` hold arguments and are lost by a call, `r6` to `r9` are kept, `r10` is the stack's end.

/// A register of a BPF program.
public enum Register: UInt8, Sendable, Hashable {
    case r0, r1, r2, r3, r4, r5, r6, r7, r8, r9, r10
}

/// A helper, by its number in `enum bpf_func_id` (include/uapi/linux/bpf.h).
public struct Helper: RawRepresentable, Sendable, Hashable {
    /// The number.
    public var rawValue: Int32

    /// A helper by its number, which need not be one that any kernel has.
    public init(rawValue: Int32) { self.rawValue = rawValue }

    /// Its name, such as `bpf_map_lookup_elem`; `helper 999` for a number that was not known when this was compiled.
    public var name: String {
        lx_bpf_helper_name(UInt32(bitPattern: rawValue)).map { String(cString: $0) } ?? "helper \(rawValue)"
    }

    /// The helpers that a program calls, each once, in the order of their first calls.
    public static func called(in instructions: [Instruction]) -> [Helper] {
        var found: [Helper] = []
        for instruction in instructions where instruction.isCall && instruction.source == 0 {
            let helper = Helper(rawValue: instruction.immediate)
            if !found.contains(helper) { found.append(helper) }
        }
        return found
    }

    /// `bpf_map_lookup_elem`.
    public static let mapLookup = Helper(rawValue: 1)
    /// `bpf_map_update_elem`.
    public static let mapUpdate = Helper(rawValue: 2)
    /// `bpf_map_delete_elem`.
    public static let mapDelete = Helper(rawValue: 3)
    /// `bpf_ktime_get_ns`.
    public static let nanoseconds = Helper(rawValue: 5)
    /// `bpf_trace_printk`.
    public static let tracePrint = Helper(rawValue: 6)
    /// `bpf_get_smp_processor_id`.
    public static let processorNumber = Helper(rawValue: 8)
    /// `bpf_get_current_pid_tgid`: the process in the upper half, the thread in the lower.
    public static let currentThread = Helper(rawValue: 14)
    /// `bpf_get_current_uid_gid`: the group in the upper half, the user in the lower.
    public static let currentUser = Helper(rawValue: 15)
    /// `bpf_get_current_comm`.
    public static let currentName = Helper(rawValue: 16)
    /// `bpf_skb_set_tunnel_key`.
    public static let setTunnelKey = Helper(rawValue: 21)
    /// `bpf_skb_under_cgroup` (Linux 4.8).
    public static let packetUnderCgroup = Helper(rawValue: 33)
    /// `bpf_get_current_task`.
    public static let currentTask = Helper(rawValue: 35)
    /// `bpf_probe_write_user`.
    public static let probeWriteUser = Helper(rawValue: 36)
    /// `bpf_get_socket_cookie` (Linux 4.12).
    public static let socketCookie = Helper(rawValue: 46)
    /// `bpf_get_socket_uid` (Linux 4.12).
    public static let socketUser = Helper(rawValue: 47)
    /// `bpf_redirect_map` (Linux 4.14).
    public static let redirectByMap = Helper(rawValue: 51)
    /// `bpf_get_local_storage` (Linux 4.19).
    public static let localStorage = Helper(rawValue: 81)
    /// `bpf_skb_ecn_set_ce` (Linux 5.1).
    public static let markCongestion = Helper(rawValue: 97)
    /// `bpf_probe_read_kernel` (Linux 5.5).
    public static let probeReadKernel = Helper(rawValue: 113)
    /// `bpf_probe_read_kernel_str` (Linux 5.5).
    public static let probeReadKernelString = Helper(rawValue: 115)
    /// `bpf_ringbuf_output` (Linux 5.8).
    public static let ringOutput = Helper(rawValue: 130)
    /// `bpf_ringbuf_reserve` (Linux 5.8).
    public static let ringReserve = Helper(rawValue: 131)
    /// `bpf_ringbuf_submit` (Linux 5.8).
    public static let ringSubmit = Helper(rawValue: 132)
}

extension Instruction {
    /// How many bytes a load or store moves.
    public enum Width: UInt8, Sendable {
        /// 4 bytes (`BPF_W`).
        case word = 0x00
        /// 2 bytes (`BPF_H`).
        case half = 0x08
        /// 1 byte (`BPF_B`).
        case byte = 0x10
        /// 8 bytes (`BPF_DW`).
        case double = 0x18
    }

    /// What a jump asks of a register; comparisons are unsigned.
    public enum Condition: UInt8, Sendable {
        /// `BPF_JEQ`
        case equal = 0x10
        /// `BPF_JGT`
        case greater = 0x20
        /// `BPF_JGE`
        case atLeast = 0x30
        /// `BPF_JNE`
        case notEqual = 0x50
        /// `BPF_JLT` (Linux 4.14)
        case less = 0xa0
    }

    /// `to = value`, the constant extended to 64 bits with its sign.
    public static func move(_ to: Register, _ value: Int32) -> Instruction {
        Instruction(code: 0xb7, destination: to.rawValue, immediate: value)
    }

    /// `to = from`.
    public static func move(_ to: Register, _ from: Register) -> Instruction {
        Instruction(code: 0xbf, destination: to.rawValue, source: from.rawValue)
    }

    /// `to += value`.
    public static func add(_ to: Register, _ value: Int32) -> Instruction {
        Instruction(code: 0x07, destination: to.rawValue, immediate: value)
    }

    /// `to += from`.
    public static func add(_ to: Register, _ from: Register) -> Instruction {
        Instruction(code: 0x0f, destination: to.rawValue, source: from.rawValue)
    }

    /// `to -= value`.
    public static func subtract(_ to: Register, _ value: Int32) -> Instruction {
        Instruction(code: 0x17, destination: to.rawValue, immediate: value)
    }

    /// `to &= value`, the constant extended to 64 bits with its sign.
    public static func and(_ to: Register, _ value: Int32) -> Instruction {
        Instruction(code: 0x57, destination: to.rawValue, immediate: value)
    }

    /// `to >>= bits`, without the sign.
    public static func shiftRight(_ to: Register, _ bits: Int32) -> Instruction {
        Instruction(code: 0x77, destination: to.rawValue, immediate: bits)
    }

    /// `to <<= bits`.
    public static func shiftLeft(_ to: Register, _ bits: Int32) -> Instruction {
        Instruction(code: 0x67, destination: to.rawValue, immediate: bits)
    }

    /// `to = *(from + offset)`.
    public static func load(
        _ to: Register,
        from: Register,
        _ offset: Int16,
        width: Width = .double
    ) -> Instruction {
        Instruction(code: 0x61 | width.rawValue, destination: to.rawValue, source: from.rawValue, offset: offset)
    }

    /// `r0 = what stands in the packet`, in the host's order (`BPF_LD | BPF_ABS`), with the context in `r6`.
    ///
    /// A packet that ends before ends the program, which then returns 0.
    public static func loadPacket(at offset: Int32, width: Width) -> Instruction {
        Instruction(code: 0x20 | width.rawValue, immediate: offset)
    }

    /// `*(at + offset) = from`.
    public static func store(_ from: Register, at: Register, _ offset: Int16, width: Width = .double) -> Instruction {
        Instruction(code: 0x63 | width.rawValue, destination: at.rawValue, source: from.rawValue, offset: offset)
    }

    /// `*(at + offset) = value`.
    public static func store(_ value: Int32, at: Register, _ offset: Int16, width: Width = .double) -> Instruction {
        Instruction(code: 0x62 | width.rawValue, destination: at.rawValue, offset: offset, immediate: value)
    }

    /// `*(at + offset) += from`, of 8 bytes and at once (`BPF_ATOMIC | BPF_ADD`).
    public static func atomicAdd(_ from: Register, at: Register, _ offset: Int16) -> Instruction {
        Instruction(code: 0xdb, destination: at.rawValue, source: from.rawValue, offset: offset)
    }

    /// `r0 = helper(r1, ... r5)`.
    public static func call(_ helper: Helper) -> Instruction { Instruction(code: 0x85, immediate: helper.rawValue) }

    /// Jumps over so many instructions; -1 is the jump itself.
    public static func jump(over distance: Int16) -> Instruction { Instruction(code: 0x05, offset: distance) }

    /// Jumps over so many instructions if the register compares so with the constant.
    public static func jump(
        over distance: Int16,
        if register: Register,
        _ condition: Condition,
        _ value: Int32
    ) -> Instruction {
        Instruction(
            code: 0x05 | condition.rawValue,
            destination: register.rawValue,
            offset: distance,
            immediate: value
        )
    }

    /// Jumps over so many instructions if the first register compares so with the second.
    public static func jump(
        over distance: Int16,
        if register: Register,
        _ condition: Condition,
        _ other: Register
    ) -> Instruction {
        Instruction(
            code: 0x0d | condition.rawValue,
            destination: register.rawValue,
            source: other.rawValue,
            offset: distance
        )
    }

    /// Jumps over so many instructions if the register's lower 32 bits compare so with the constant (`BPF_JMP32`, Linux 5.1).
    public static func jump32(
        over distance: Int16,
        if register: Register,
        _ condition: Condition,
        _ value: Int32
    ) -> Instruction {
        Instruction(
            code: 0x06 | condition.rawValue,
            destination: register.rawValue,
            offset: distance,
            immediate: value
        )
    }

    /// Ends the program, which returns `r0`.
    public static let exit = Instruction(code: 0x95)

    /// `to = value`, the first of two slots; ``upperHalf(of:)`` of the same value must follow.
    public static func move(_ to: Register, lowerHalfOf value: UInt64) -> Instruction {
        Instruction(code: 0x18, destination: to.rawValue, immediate: Int32(truncatingIfNeeded: value))
    }

    /// `to = the map` with this descriptor in the loading process (`BPF_PSEUDO_MAP_FD`), the first of two slots.
    ///
    /// `upperHalf(of: 0)` must follow.
    public static func move(_ to: Register, map descriptor: CInt) -> Instruction {
        Instruction(code: 0x18, destination: to.rawValue, source: 1, immediate: descriptor)
    }

    /// `to = a number that only the run knows`, such as that of an interface, by its place among the parameters of
    /// ``KernInstructions/load(parameters:capacities:name:)``; the first of two slots.
    ///
    /// `upperHalf(of: 0)` must follow.
    public static func move(_ to: Register, parameter place: Int32) -> Instruction {
        Instruction(code: 0x18, destination: to.rawValue, source: parameterSource, immediate: place)
    }

    /// What marks a parameter; no kernel knows such a constant.
    static let parameterSource: UInt8 = 15

    /// The second slot of a constant of 64 bits.
    public static func upperHalf(of value: UInt64) -> Instruction {
        Instruction(code: 0, immediate: Int32(truncatingIfNeeded: value >> 32))
    }
}
