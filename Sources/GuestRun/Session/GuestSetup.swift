import CLinux
import FileBytes
import Glibc
import GuestWire
import LinuxHost
public import WorkerWire

/// All that guests of one kernel are made of.
public struct GuestSetup: Sendable {
    /// The path of QEMU.
    var program: String
    /// The kind of machine.
    let type: any MachineType
    /// What is booted.
    public var machine: MachineSetup
    /// The release of the kernel, for the names of logs.
    let kernelRelease: String
    /// The segment of the initramfs that all guests share.
    let base: [UInt8]
    /// What is in the other segment.
    public var contents = Initramfs.Contents()
    /// The folder where each guest's console is logged; `nil` for nowhere.
    public var logFolder: String?
    /// Why the kernel may not start here, or not do all that is wanted: the options that its config lacks.
    ///
    /// It is added to the message of a start that failed.
    public var misfit: String?
    /// How often a guest that does not start is tried again.
    public var bootRetries = 2
    /// A descriptor that becomes readable when the run is to end at once, or -1.
    public var interruption: CInt = -1
    /// Told of each guest that is up, and of the starts that failed before it.
    public var onHello: @Sendable (GuestHello, [MachineLoss]) -> Void = { _, _ in }
    /// Told of each start that failed, and how many have so far.
    public var onBootFailure: @Sendable (MachineLoss, Int) -> Void = { _, _ in }
    var limits = Guest.Limits()

    /// Creates a setup.
    ///
    /// - Parameters:
    ///   - kernel: The kernel.
    ///   - worker: The path of a statically linked `assay-worker`.
    ///   - memory: MiB of memory.
    ///   - accelerator: What executes the guest's instructions.
    ///   - type: The kind of machine.
    /// - Throws: ``GuestSetupError``.
    public init(
        kernel: GuestKernel,
        worker: String,
        memory: Int = 512,
        accelerator: Accelerator = .tcg,
        type: any MachineType = Q35()
    ) throws(GuestSetupError) {
        self.type = type
        program = try Self.find(type.program)
        let bytes: [UInt8]
        do {
            bytes = try InputFile.read(worker, limit: 256 << 20)
        } catch {
            throw .worker(worker, "\(error)")
        }
        guard let elf = ELFImage(bytes) else { throw .worker(worker, "it is no 64-bit ELF program") }
        guard !elf.hasInterpreter else {
            throw .worker(
                worker,
                "it is linked dynamically, and a guest has no libraries; 'ci/build' makes a static one"
            )
        }
        base = Initramfs(worker: bytes).base
        kernelRelease = String(kernel.release.map { $0 == "/" ? "_" : $0 })
        machine = MachineSetup(kernel: kernel.bootFile, memory: memory, accelerator: accelerator)
        if accelerator == .tcg {
            let frequency = lx_tsc_khz(20)
            machine.timeStampKHz = frequency > 0 ? Int(frequency) : nil
        }
    }

    /// All arguments of QEMU, its name included: for a person who wants to start it alone.
    public var arguments: [String] { [type.program] + type.arguments(machine, EmulatorDescriptors()) }

    /// A key that nobody can guess.
    static func newKey() -> [UInt8] {
        var random = SystemRandomNumberGenerator()
        return (0..<MessageTag.keySize).map { _ in UInt8.random(in: 0 ... .max, using: &random) }
    }

    private static func find(_ program: String) throws(GuestSetupError) -> String {
        let named = getenv("BPF_ASSAY_QEMU").map { String(cString: $0) }
        if let named, !named.isEmpty {
            guard access(named, X_OK) == 0 else { throw .noEmulator(named) }
            return named
        }
        let folders = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
        for folder in folders.split(separator: ":") where access("\(folder)/\(program)", X_OK) == 0 {
            return "\(folder)/\(program)"
        }
        throw .noEmulator(program)
    }
}
