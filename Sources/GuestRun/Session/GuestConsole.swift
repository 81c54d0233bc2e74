import CLinux
import FileBytes
import Glibc
import GuestWire
import LinuxHost
import RunModel
import WorkerWire

/// A shell in a guest, joined to this process's terminal.
public enum GuestConsole {
    /// Boots a guest, joins its console to standard input and output, and ends it when the shell has ended.
    ///
    /// It blocks for as long as the person looks round; the work is done by a thread of its own. Standard input that is no
    /// terminal is typed into the shell and then ended.
    ///
    /// - Parameters:
    ///   - setup: What the guest is made of; ``Initramfs/Contents/shell`` must be there.
    ///   - ready: Told when the guest is up, before the first byte goes to it.
    /// - Throws: `MachineLoss` where the guest did not come up or was lost, ``Interrupted``, or an error that keeps QEMU from
    ///   being started. The terminal has its settings again by then.
    public static func run(_ setup: GuestSetup, ready: @escaping @Sendable (GuestHello) -> Void) throws {
        try WorkThread.run {
            let key = GuestSetup.newKey()
            let isOpen = Flag()
            let guest = try Guest(
                setup.program,
                setup.arguments,
                initramfs: [setup.base, Initramfs.run(setup.contents, key: key, release: setup.kernelRelease)],
                key: key,
                limits: setup.limits,
                interruption: setup.interruption
            ) { bytes in
                if isOpen.value { put(bytes) }
            }
            do {
                ready(try guest.hello())
                isOpen.value = true
                let terminal = Terminal()
                defer { terminal.restore() }
                try guest.interact(number: 1, terminal)
                if let loss = try guest.finish(tries: 1)?.loss { throw loss }
            } catch is Guest.Interrupted {
                throw Interrupted()
            }
        }
    }

    /// The setup's interruption came.
    public struct Interrupted: Error {}

    /// A busybox that a guest without libraries can run.
    ///
    /// - Throws: ``GuestSetupError/shell(_:)`` where there is none.
    public static func shell() throws(GuestSetupError) -> [UInt8] {
        let folders = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
        for folder in folders.split(separator: ":") {
            guard let bytes = try? SmallFile.read("\(folder)/busybox", limit: 32 << 20), let elf = ELFImage(bytes)
            else {
                continue
            }
            if !elf.hasInterpreter { return bytes }
        }
        throw .shell("there is no statically linked 'busybox' in $PATH; install Debian's package busybox-static")
    }

    private static func put(_ bytes: [UInt8]) { _ = WriteLoop.write(bytes, to: STDOUT_FILENO) }

    /// Whether the console is shown; it belongs to one thread.
    private final class Flag {
        var value = false
    }
}

/// Standard input, raw where it is a terminal: each key goes to the guest as it is, Ctrl-C too.
final class Terminal {
    private var before: termios?
    /// Whether nothing more comes.
    private(set) var isAtEnd = false

    init() {
        var settings = termios()
        guard isatty(STDIN_FILENO) == 1, tcgetattr(STDIN_FILENO, &settings) == 0 else { return }
        before = settings
        cfmakeraw(&settings)
        tcsetattr(STDIN_FILENO, TCSANOW, &settings)
    }

    deinit { restore() }

    /// The descriptor to wait on; -1 at the end.
    var number: CInt { isAtEnd ? -1 : STDIN_FILENO }

    /// What was typed; at the end of a file, once, the word that ends a shell.
    ///
    /// Ctrl-D would not: while a command runs it is a line of its own, which the shell's line editor then takes for nothing.
    func read() -> [UInt8] {
        guard !isAtEnd, Deadline(after: .zero).waitReadable(STDIN_FILENO) else { return [] }
        // The guest's line discipline holds 4096 bytes, and nobody tells when it is full.
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = Glibc.read(STDIN_FILENO, &buffer, buffer.count)
        if count < 0, errno == EINTR { return [] }
        guard count > 0 else {
            isAtEnd = true
            return Array("\nexit\n".utf8)
        }
        return Array(buffer[0..<count])
    }

    /// Gives the terminal its settings back.
    func restore() {
        guard var settings = before else { return }
        tcsetattr(STDIN_FILENO, TCSANOW, &settings)
        before = nil
    }
}
