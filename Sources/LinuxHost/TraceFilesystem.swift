/// A mounted tracefs, read only for what describes its events (Documentation/trace/events.rst in the kernel tree).
public struct TraceFilesystem: Sendable, Hashable {
    /// Where it is mounted.
    public let path: String

    /// Names a mount point.
    public init(path: String) {
        self.path = path
    }

    /// A tracepoint of the running kernel.
    ///
    /// - Throws: ``SystemCallError`` with `ENOENT` if the kernel has no such event.
    public func event(_ category: String, _ name: String) throws(SystemCallError) -> TracepointEvent {
        let directory = "\(path)/events/\(category)/\(name)"
        let id = try SmallFile.text("\(directory)/id").split(separator: "\n").first.flatMap { UInt64($0) } ?? 0
        return TracepointEvent(
            category: category,
            name: name,
            id: id,
            fields: TracepointEvent.fields(inFormat: try SmallFile.text("\(directory)/format"))
        )
    }
}

/// A tracepoint and the layout of the record it hands to a program.
public struct TracepointEvent: Sendable, Hashable {
    /// The subsystem, such as `syscalls`.
    public let category: String
    /// The event, such as `sys_enter_open`.
    public let name: String
    /// Its number, for perf_event_open(2).
    public let id: UInt64
    /// Its record's fields in the order of the `format` file.
    public let fields: [Field]

    /// Creates an event's description.
    public init(category: String, name: String, id: UInt64, fields: [Field]) {
        self.category = category
        self.name = name
        self.id = id
        self.fields = fields
    }

    /// A field of a tracepoint's record.
    public struct Field: Sendable, Hashable, CustomStringConvertible {
        /// Its name, without brackets of an array.
        public let name: String
        /// Its C declaration, such as `unsigned char common_flags`.
        public let declaration: String
        /// Bytes from the record's beginning.
        public let offset: Int
        /// Bytes.
        public let size: Int

        /// Creates a field's description.
        public init(name: String, declaration: String, offset: Int, size: Int) {
            self.name = name
            self.declaration = declaration
            self.offset = offset
            self.size = size
        }

        /// The field as `u32 state at 8, 4 bytes`.
        public var description: String {
            "\(declaration) at \(offset), \(size) byte\(size == 1 ? "" : "s")"
        }
    }

    /// Reads the lines `field:DECLARATION; offset:N; size:N; …` of a `format` file.
    ///
    /// Other lines are passed over.
    public static func fields(inFormat text: String) -> [Field] {
        text.split(separator: "\n").compactMap { line in
            var declaration: String?
            var offset: Int?
            var size: Int?
            for part in line.split(separator: ";") {
                let part = part.drop { $0.isWhitespace }
                guard let colon = part.firstIndex(of: ":") else { continue }
                let value = part[part.index(after: colon)...]
                switch part[..<colon] {
                case "field": declaration = String(value)
                case "offset": offset = Int(value)
                case "size": size = Int(value)
                default: break
                }
            }
            guard let declaration, let offset, let size else { return nil }
            let last = declaration.split(separator: " ").last ?? ""
            let name = last.prefix { $0 != "[" }.drop { $0 == "*" }
            return Field(name: String(name), declaration: declaration, offset: offset, size: size)
        }
    }
}
