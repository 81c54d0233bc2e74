import ArgumentParser
import GuestRun
import LinuxHost
import SampleKit
import SampleRun
import Surveys

/// A look round in the virtual machine that samples would run in.
enum ShellSession {
    /// Boots the kernel that the options name, with the modules that the selected samples need, and opens a shell in it.
    ///
    /// - Throws: `GuestKernelError`, `GuestSetupError`, `MachineLoss` where the machine was lost, or `ExitCode` where a signal
    ///   came.
    static func run(_ options: RunOptions) throws {
        // One is named, as validation has seen.
        guard let name = options.guests.kernels.first else { return }
        let shell = try GuestConsole.shell()
        let kernel = try GuestKernel(name, cache: .usual)
        let entries = try selectedSamples(options.patterns)
        let survey = try GuestSurvey(kernel, for: entries, config: options.config)
        let station = Station(guest: survey, entries, DenyList())
        var setup = try GuestStations.setup(
            of: station,
            try WorkerProgram.find(named: options.worker),
            options.guests.choice
        )
        setup.contents.modules = try survey.modules(for: entries)
        setup.machine.accelerator = AcceleratorChoice(options.guests.accel, trying: setup, cache: .usual).accelerator
        setup.contents.shell = shell
        Console.say("booting \(kernel.release); 'exit' ends the shell and the machine")
        setup.interruption = InterruptionPipe.open()
        do {
            try GuestConsole.run(setup) { hello in
                Console.say("up after \(hello.bootSeconds) s\(hello.hasTypes ? "" : ", without types (BTF)")")
                for line in hello.failures { Console.say(line) }
            }
        } catch is GuestConsole.Interrupted {
            throw ExitCode(128 + InterruptionPipe.signalNumber)
        }
    }
}
