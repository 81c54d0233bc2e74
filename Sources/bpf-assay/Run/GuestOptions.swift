public import ArgumentParser
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

    @Option(help: ArgumentHelp("MiB of memory of each virtual machine.", valueName: "mib"))
    var memory = 512

    @Option(help: ArgumentHelp("Processors of each virtual machine.", valueName: "count"))
    var cpus = 1

    @Option(help: ArgumentHelp("More for the command line of the kernels in virtual machines.", valueName: "text"))
    var append = ""

    @Option(help: "What executes virtual machines: tcg, kvm, or auto for KVM if a guest really boots on it.")
    var accel = AcceleratorWish.auto

    @Option(help: "The architecture of virtual machines.")
    var arch = GuestArchitecture.x86_64

    @Flag(help: "Run nothing: open a shell in the machine that the samples would run in. Needs busybox-static.")
    var shell = false

    func validate() throws {
        if memory < 96 || memory > 1 << 20 { throw ValidationError("--memory must be from 96 to 1048576 MiB") }
        if cpus < 1 || cpus > 255 { throw ValidationError("--cpus must be from 1 to 255") }
        if append.contains(where: \.isNewline) { throw ValidationError("--append must be one line") }
    }
}

extension AcceleratorWish: ExpressibleByArgument {}
extension GuestArchitecture: ExpressibleByArgument {}
