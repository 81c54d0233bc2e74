/// A source of perf events that the kernel numbers when it boots (`/sys/bus/event_source/devices`), such as `kprobe`.
public struct EventSource: Sendable, Hashable {
    /// Its name.
    public let name: String
    /// Its number, for perf_event_open(2).
    public let type: UInt32

    private var folder: String { "/sys/bus/event_source/devices/\(name)" }

    /// Looks a source up; `nil` if the kernel has none of that name.
    ///
    /// `kprobe` needs `CONFIG_KPROBE_EVENTS`, `uprobe` `CONFIG_UPROBE_EVENTS`; both Linux 4.17.
    public init?(named name: String) {
        let text = try? SmallFile.text("/sys/bus/event_source/devices/\(name)/type")
        guard let type = text.flatMap({ UInt32($0.prefix { $0.isNumber }) }) else { return nil }
        self.name = name
        self.type = type
    }

    /// The bit of `config` that turns something on, such as `retprobe`; `nil` if the source has none of that name.
    public func bit(_ field: String) -> UInt64? {
        let text = try? SmallFile.text("\(folder)/format/\(field)")
        guard let text, text.hasPrefix("config:") else { return nil }
        return UInt64(text.dropFirst("config:".count).prefix { $0.isNumber })
    }
}
