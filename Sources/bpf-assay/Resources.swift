import ArgumentParser
import KernBuild
import LinuxHost

extension ResourceDemand {
    /// What a command needs of the system before it begins.
    init(of command: any ParsableCommand) {
        let processors = Host.onlineProcessors
        let jobs: Int? =
            switch command {
            case let run as RunCommand: run.options.jobs ?? processors
            case let build as BuildCommand: build.jobs ?? processors
            case is CheckCommand: 1
            default: nil
            }
        // Swift's executor has a thread a processor, and dispatch some more.
        let threads = processors + 4
        if let jobs {
            // Of each compiler, worker or virtual machine: its pipes, its process's descriptor, what it is given. A compiler has two
            // shells beside it, which end it with its caller; reading what it says takes two threads more.
            self.init(
                descriptors: 32 + 16 * jobs,
                threads: threads + 2 + 3 * jobs,
                addressSpace: 2 << 30,
                advice: command is CheckCommand || jobs == 1 ? nil : "lower --jobs"
            )
        } else {
            self.init(descriptors: 6, threads: threads, addressSpace: 1 << 30)
        }
    }
}
