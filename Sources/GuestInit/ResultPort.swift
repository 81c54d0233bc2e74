import FileBytes
import Glibc
import GuestWire
import LinuxHost
import RunModel
import SystemPackage

/// The guest's end of the result port.
struct ResultPort: ~Copyable {
    private let descriptor: OwnedDescriptor
    private var writer: FrameWriter
    private var reader: FrameReader
    private var waiting: [[UInt8]] = []

    /// Opens the port, makes it raw, and takes it away from everybody else: whoever runs in the guest later finds neither the
    /// key nor the device's node.
    ///
    /// - Throws: `SystemCallError` where the kernel has no second serial port (`CONFIG_SERIAL_8250`), or the key is missing.
    init() throws(SystemCallError) {
        let key = try SmallFile.read(GuestLayout.key, limit: 64)
        unlink(GuestLayout.key)
        guard let tags = MessageTag(key: key) else {
            throw SystemCallError("read(2)", on: "'\(GuestLayout.key)'", errno: .invalidArgument)
        }
        descriptor = try OwnedDescriptor.open(GuestLayout.port, O_RDWR | O_NOCTTY)
        var settings = termios()
        tcgetattr(descriptor.number, &settings)
        // Else each line feed would become two bytes, and what the host says would be echoed back.
        cfmakeraw(&settings)
        tcsetattr(descriptor.number, TCSANOW, &settings)
        unlink(GuestLayout.port)
        writer = FrameWriter(tags, as: .guest)
        reader = FrameReader(tags, from: .host, limit: 1 << 20)
    }

    /// Says something to the host.
    mutating func say(_ record: GuestRecord, _ members: [String: JSONValue] = [:]) {
        var members = members
        members["record"] = .string(record.rawValue)
        let frame = writer.frame(Array(JSONValue.object(members).text.utf8))
        // Nobody can be told of an error.
        if WriteLoop.write(frame, to: descriptor.number) == nil { tcdrain(descriptor.number) }
    }

    /// Waits for the host's next command.
    ///
    /// - Throws: ``FrameError`` where somebody else wrote to the port.
    /// - Returns: `nil` where nothing can be read any more, or the command is none that this guest knows.
    mutating func nextCommand() throws(FrameError) -> GuestCommand? {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while waiting.isEmpty {
            let count = read(descriptor.number, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return nil }
            waiting += try reader.take(buffer[0..<count])
        }
        return GuestCommand(waiting.removeFirst())
    }
}
