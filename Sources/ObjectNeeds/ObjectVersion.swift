import FileBytes
import LibBPF
public import RunModel

extension KernelVersion {
    /// Reads of which kernel tree an object says that it was built.
    ///
    /// Objects with kprobes have carried `LINUX_VERSION_CODE` in a section `version` since kernels before Linux 5.0 refused them
    /// without it, and the kernel's samples have it still. Where SUBLEVEL is more than 255 it says 255, as the kernel's own macro.
    ///
    /// Gives `nil` for what is no BPF object, for an object that does not say, and for numbers that name no kernel: `0` and
    /// `0xfffffffe`, which stand for any, and small ones such as the `1` that samples count their own versions with.
    ///
    /// - Parameter bytes: The bytes of its ELF file, or any others.
    public init?(ofObject bytes: [UInt8]) {
        guard let file = try? ELFFile(bytes), let data = file.section(named: "version")?.data, data.count == 4,
            let code = data.number(at: 0, as: UInt32.self), code >= Self.oldestCode, code != 0xffff_fffe
        else { return nil }
        self.init(Int(code >> 16), Int(code >> 8 & 0xff), Int(code & 0xff))
    }

    /// `LINUX_VERSION_CODE` of Linux 3.18, the first with bpf(2).
    private static let oldestCode: UInt32 = 0x03_1200

    /// Reads before which kernel tree an object's source was written, of one that does not say its version.
    ///
    /// Gives 4.6 for maps without flags, as `samples/bpf` defined them until then, else `nil`.
    ///
    /// - Parameter bytes: The bytes of its ELF file, or any others.
    public init?(before bytes: [UInt8]) {
        guard LegacyObject.isBeforeMapFlags(bytes) else { return nil }
        self.init(4, 6)
    }
}
