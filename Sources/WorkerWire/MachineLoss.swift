/// Why a virtual machine is there no more, or was never there.
public struct MachineLoss: Error, Sendable, Hashable, Codable, CustomStringConvertible {
    /// What happened to it.
    public var kind: Kind
    /// What happened, for the middle of a message.
    public var message: String
    /// Lines of its kernel's log that belong to it.
    public var excerpt: [String]

    /// Creates a description of a loss.
    public init(_ kind: Kind, _ message: String, excerpt: [String] = []) {
        self.kind = kind
        self.message = message
        self.excerpt = excerpt
    }

    /// What happened, with the last line of evidence.
    public var description: String { excerpt.last.map { "\(message); last of its log: \($0)" } ?? message }

    /// What can happen to a machine.
    public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        /// Its kernel panicked, as its console and the way it ended say.
        case panic
        /// It ran on and said nothing for longer than it may.
        case hang
        /// It reset itself without a panic.
        case reset
        /// It switched itself off before its work was done.
        case powerOff = "power_off"
        /// It has no memory left for its first process.
        case outOfMemory = "out_of_memory"
        /// The process that emulates it ended, which is not the kernel's doing.
        case emulator
        /// What it sent contradicts itself, or comes from somebody else.
        case stream
        /// Its kernel did not start.
        case boot
        /// The process that emulates it ended before its kernel had started, which is not the kernel's doing.
        case emulatorBoot = "emulator_boot"
    }
}

/// Something that happened on a machine when no sample ran, and that puts what ran there just before in doubt.
public struct MachineDoubt: Sendable, Hashable, Codable {
    /// Lines of the kernel's log that report something wrong.
    public var splats: [String]
    /// How the machine was lost, if it was.
    public var loss: MachineLoss?

    /// Creates a doubt; `nil` where nothing happened.
    public init?(splats: [String] = [], loss: MachineLoss? = nil) {
        guard loss != nil || !splats.isEmpty else { return nil }
        self.splats = splats
        self.loss = loss
    }
}
