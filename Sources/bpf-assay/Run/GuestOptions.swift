public import ArgumentParser
import CommandInput
public import GuestRun

/// What commands that boot guests can be told.
struct GuestOptions: ParsableArguments {
    @Option(
        name: .customLong("kernel"),
        help: ArgumentHelp(
            """
            Run on this kernel in a virtual machine: a bzImage, a vmlinux, a kernel's .deb, the folder of an unpacked one, a \
            built tree, or an installed release; 'host' for this host, 'all' for those of a list (--kernels); may be repeated.
            """,
            valueName: "kernel"
        )
    )
    var kernels: [String] = []

    @Option(parsing: .unconditional, help: ArgumentHelp("Memory of each virtual machine.", valueName: "mib"))
    var memory = 512

    @Option(parsing: .unconditional, help: ArgumentHelp("Processors of each virtual machine.", valueName: "count"))
    var cpus = 1

    @Option(help: ArgumentHelp("Extra kernel parameters for virtual machines.", valueName: "text"))
    var append = ""

    @Option(help: "What executes virtual machines: tcg, kvm, or auto for KVM if a guest really boots on it.")
    var accel = AcceleratorWish.auto

    @Option(help: "The architecture of virtual machines.")
    var arch = GuestArchitecture.x86_64

    @Flag(help: "Open a shell in the machine that the samples would run in, and run none. Needs busybox-static.")
    var shell = false

    func validate() throws {
        try NumberRange.memory.validate(memory)
        try NumberRange.processors.validate(cpus)
        if append.contains(where: \.isNewline) { throw ValidationError("--append must be one line") }
    }
}

extension AcceleratorWish: ExpressibleByArgument {}
extension GuestArchitecture: ExpressibleByArgument {}
