/// A kind of virtual machine that QEMU emulates: one file for each.
public protocol MachineType: Sendable {
    /// The name of QEMU's program.
    var program: String { get }
    /// The architecture, as `uname -m` names it.
    var architecture: String { get }

    /// The arguments of QEMU behind its name.
    ///
    /// - Parameters:
    ///   - setup: What is to be booted.
    ///   - descriptors: The numbers under which QEMU inherits its ends.
    /// - Returns: The arguments, without QEMU's name.
    func arguments(_ setup: MachineSetup, _ descriptors: EmulatorDescriptors) -> [String]
}

/// What a virtual machine is made of.
public struct MachineSetup: Sendable {
    /// The file to boot.
    public var kernel: String
    /// MiB of memory.
    public var memory: Int
    /// How many processors it has.
    ///
    /// One unless more are wanted: secondary ones make emulation slower, and some kernels (5.11 to 5.13) hang while they
    /// start them there.
    public var processors = 1
    /// What executes the guest's instructions.
    public var accelerator: Accelerator
    /// `lsm=`, for a kernel whose own list leaves BPF out.
    public var securityModules: String?
    /// The frequency of the time stamp counter in kHz, for a guest that cannot measure it.
    public var timeStampKHz: Int?
    /// What the user adds to the kernel's command line.
    public var append: String

    /// Creates a setup.
    public init(
        kernel: String,
        memory: Int,
        accelerator: Accelerator,
        securityModules: String? = nil,
        timeStampKHz: Int? = nil,
        append: String = ""
    ) {
        self.kernel = kernel
        self.memory = memory
        self.accelerator = accelerator
        self.securityModules = securityModules
        self.timeStampKHz = timeStampKHz
        self.append = append
    }
}

/// What executes a guest's instructions.
public enum Accelerator: String, Sendable, Hashable, Codable, CaseIterable {
    /// QEMU itself: it works everywhere, and is some ten times slower than the processor.
    case tcg
    /// The processor, by /dev/kvm.
    case kvm

    /// How much longer than on a processor things may take.
    public var slowness: Int { self == .tcg ? 4 : 1 }
}

/// The numbers of the descriptors that QEMU inherits: sockets, so that nothing of a guest is in any file system, and nothing
/// is left when both processes are dead.
public struct EmulatorDescriptors: Sendable {
    /// Frames.
    public let results: CInt = 3
    /// The kernel's log.
    public let console: CInt = 4
    /// QMP.
    public let control: CInt = 5
    /// The initramfs, a file in memory.
    public let initramfs: CInt = 6
}
