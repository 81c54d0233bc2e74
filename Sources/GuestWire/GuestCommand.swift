/// What the host asks of a guest: a frame of plain words, so that the guest needs no JSON reader.
public enum GuestCommand: Sendable, Hashable {
    /// Run a sample once, with the kern objects of these numbers.
    case run(number: Int, sample: String, objects: [Int], isControl: Bool, milliseconds: Int)
    /// Ask the kernel what BPF it has.
    case probe(number: Int, milliseconds: Int)
    /// Load the kern object of a number.
    case load(number: Int, object: Int, milliseconds: Int)
    /// Run a shell on the console.
    case shell(number: Int)
    /// Say that all is done, and end.
    case finish

    /// The frame's payload.
    public var payload: [UInt8] {
        let words =
            switch self {
            case .run(let number, let sample, let objects, let isControl, let milliseconds):
                ([isControl ? "control" : "run", "\(number)", "\(milliseconds)", sample] + objects.map { "\($0)" })
                    .joined(separator: " ")
            case .probe(let number, let milliseconds): "probe \(number) \(milliseconds)"
            case .load(let number, let object, let milliseconds): "load \(number) \(milliseconds) \(object)"
            case .shell(let number): "shell \(number)"
            case .finish: "finish"
            }
        return Array(words.utf8)
    }

    /// Reads a payload; `nil` for one that is no command.
    public init?(_ payload: [UInt8]) {
        let words = payload.split(separator: 0x20, omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
        switch words.first {
        case "run", "control":
            let objects = words.dropFirst(4).compactMap { Int($0) }.filter { $0 >= 0 }
            guard words.count >= 4, let number = Int(words[1]), let milliseconds = Int(words[2]), milliseconds > 0,
                !words[3].isEmpty, objects.count == words.count - 4
            else { return nil }
            self = .run(
                number: number,
                sample: words[3],
                objects: objects,
                isControl: words[0] == "control",
                milliseconds: milliseconds
            )
        case "load":
            guard words.count == 4, let number = Int(words[1]), let milliseconds = Int(words[2]), milliseconds > 0,
                let object = Int(words[3]), object >= 0
            else { return nil }
            self = .load(number: number, object: object, milliseconds: milliseconds)
        case "probe":
            guard words.count == 3, let number = Int(words[1]), let milliseconds = Int(words[2]), milliseconds > 0
            else {
                return nil
            }
            self = .probe(number: number, milliseconds: milliseconds)
        case "shell":
            guard words.count == 2, let number = Int(words[1]) else { return nil }
            self = .shell(number: number)
        case "finish":
            guard words.count == 1 else { return nil }
            self = .finish
        default:
            return nil
        }
    }
}

/// Where things are in a guest's initramfs, and what both sides agree on.
public enum GuestLayout {
    /// The version of what the two sides say to each other.
    public static let version = 3
    /// The folder of what belongs to one run.
    public static let folder = "/assay"
    /// The key of the frames; the guest removes it as soon as it has read it.
    public static let key = "/assay/key"
    /// Names of module files below ``modules``, in the order in which they are to be loaded, one a line.
    public static let moduleList = "/assay/modules.order"
    /// The folder of the modules.
    public static let modules = "/assay/modules"
    /// The program that samples run in, where it is not the first process's own.
    public static let worker = "/assay/worker"
    /// The shell for a person, where there is one: busybox.
    public static let shell = "/assay/busybox"
    /// The port of the kernel's console.
    public static let console = "/dev/ttyS0"
    /// The port that frames travel on.
    public static let port = "/dev/ttyS1"
    /// What the guest writes to ``exitPort`` in the end; QEMU then exits with twice that and one.
    public static let exitValue: UInt8 = 42
    /// The I/O port of QEMU's isa-debug-exit device.
    public static let exitPort: UInt16 = 0xf4

    /// How a guest whose port does not work says that it will end.
    public enum End: String, Sendable {
        /// It switches itself off.
        case off
        /// It restarts, which QEMU's `-no-reboot` makes its end: a kernel without ACPI cannot switch a machine off.
        case reset
    }

    /// The path of the kern object of a number.
    public static func object(_ number: Int) -> String { "\(folder)/objects/\(number).o" }
}
