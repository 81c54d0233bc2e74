public import ArgumentParser
import CommandInput
public import GuestRun
import Surveys

/// What commands that boot guests can be told.
struct GuestOptions: ParsableArguments {
    @Option(
        name: .customLong("kernel"),
        help: ArgumentHelp(
            """
            Run on this kernel in a virtual machine: a bzImage, a vmlinux, a kernel's .deb or unpacked folder, a built tree, \
            or an installed release; 'host' is this host, 'all' every kernel of a list (--kernels); may be repeated.
            """,
            valueName: "kernel"
        )
    )
    var kernels: [String] = []

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Give each virtual machine this much memory, in MiB.", valueName: "mib")
    )
    var memory = 512

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Give each virtual machine COUNT processors.", valueName: "count")
    )
    var cpus = 1

    @Option(help: ArgumentHelp("Extra kernel parameters for guests.", valueName: "text"))
    var append = ""

    @Option(help: "Run virtual machines with tcg, kvm, or auto (KVM if a guest really boots on it).")
    var accel = AcceleratorWish.auto

    @Option(help: "Architecture of the virtual machines.")
    var arch = GuestArchitecture.x86_64

    @Flag(help: "Open a shell in the guest that samples would run in, and run none. Needs busybox-static.")
    var shell = false

    /// What guests are made of.
    var choice: GuestStations.Choice {
        GuestStations.Choice(memory: memory, processors: cpus, append: append, accelerator: accel, architecture: arch)
    }

    func validate() throws {
        try NumberRange.memory.validate(memory)
        try NumberRange.processors.validate(cpus)
        if append.contains(where: \.isNewline) { throw ValidationError("--append must be one line") }
    }
}

extension AcceleratorWish: ExpressibleByArgument {}
extension GuestArchitecture: ExpressibleByArgument {}
