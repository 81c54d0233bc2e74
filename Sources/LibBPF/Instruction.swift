import CLibbpf

/// One BPF instruction (`struct bpf_insn` in linux/bpf.h; Documentation/bpf/instruction-set.rst in the kernel tree).
public struct Instruction: Sendable, Hashable, Codable {
    /// Operation, mode and class.
    public var code: UInt8
    /// The register that is written, 0 to 10.
    public var destination: UInt8
    /// The register that is read, 0 to 10, or a kind of call or constant.
    public var source: UInt8
    /// A jump's distance in instructions, or an access's in bytes.
    public var offset: Int16
    /// The constant.
    public var immediate: Int32

    /// Creates an instruction from its parts.
    public init(code: UInt8, destination: UInt8 = 0, source: UInt8 = 0, offset: Int16 = 0, immediate: Int32 = 0) {
        self.code = code
        self.destination = destination
        self.source = source
        self.offset = offset
        self.immediate = immediate
    }

    init(_ raw: bpf_insn) {
        self.init(
            code: raw.code,
            destination: raw.dst_reg,
            source: raw.src_reg,
            offset: raw.off,
            immediate: raw.imm
        )
    }

    /// The instruction as the kernel takes it.
    var raw: bpf_insn {
        bpf_insn(code: code, dst_reg: destination, src_reg: source, off: offset, imm: immediate)
    }

    /// The three low bits of the code: what kind of operation it is.
    public enum Class: UInt8, Sendable {
        /// Constants of 64 bits, and the legacy packet accesses.
        case load
        /// Loads from memory.
        case loadRegister
        /// Stores of a constant.
        case store
        /// Stores of a register, and atomic operations.
        case storeRegister
        /// Arithmetic of 32 bits.
        case arithmetic32
        /// Jumps, calls and the exit.
        case jump
        /// Jumps that compare 32 bits.
        case jump32
        /// Arithmetic of 64 bits.
        case arithmetic64
    }

    /// The instruction's class.
    public var kind: Class { Class(rawValue: code & 7) ?? .load }

    /// The bytes that a load or store moves: 1, 2, 4 or 8.
    public var width: Int {
        switch code & 0x18 {
        case 0x00: 4
        case 0x08: 2
        case 0x10: 1
        default: 8
        }
    }

    /// Whether it is a load or store of plain memory (`BPF_MEM`).
    public var isMemoryAccess: Bool {
        (kind == .loadRegister || kind == .store || kind == .storeRegister) && code & 0xe0 == 0x60
    }

    /// Whether it takes two slots, being a constant of 64 bits (`BPF_LD | BPF_IMM | BPF_DW`).
    public var isWide: Bool { code == 0x18 }

    /// Whether it is a call (`BPF_JMP | BPF_CALL`).
    public var isCall: Bool { code == 0x85 }

    /// Whether it ends the program (`BPF_JMP | BPF_EXIT`).
    public var isExit: Bool { code == 0x95 }
}
