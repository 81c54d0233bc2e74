import Glibc
import LibBPF
import LinuxHost
import SystemPackage

/// What there is to attach to: a network namespace, a mount namespace, a cgroup and a socket map of the probe's own.
///
/// All of it belongs to the calling thread or to this value, but for the cgroup. That is in the resource journal before it is
/// made, so that the next start removes it if this process is killed.
struct AttachPlaces: ~Copyable {
    /// Why the calling thread is not in namespaces of its own, where it is not.
    let privacy: AttachOutcome?
    /// Why there is no network to attach to.
    var noNetwork: AttachOutcome { privacy ?? .untried("no private network to attach it to") }
    /// `lo` of the private network namespace, up.
    private(set) var loopback: Interface?
    /// The private network namespace.
    let network: OwnedDescriptor?
    /// Requests to the private network namespace.
    var routes: RouteSocket?
    /// The empty cgroup, or why there is none.
    let group: ProbeGroup
    /// A tracefs, which only the calling thread sees where it may mount one; `nil` where the kernel has none.
    let tracing: TraceFilesystem?
    /// A map of sockets.
    let sockets: OwnedDescriptor?
    /// Why there is none.
    let noSockets: AttachOutcome
    /// A netkit device; `lo`, which is none, where the kernel makes none.
    private(set) var netkit: Interface?

    /// Makes them; the calling thread is in other namespaces afterwards.
    init() {
        var privacy: AttachOutcome?
        do {
            try NetworkNamespace().enter()
            try PrivateMounts.enter()
        } catch {
            privacy =
                error.errno == .notPermitted
                ? .outOfReach("needs CAP_SYS_ADMIN, for namespaces of its own") : .untried("\(error)")
        }
        self.privacy = privacy
        group = ProbeGroup()
        let map = RawMap(type: 15).create()
        noSockets = AttachOutcome(map.refusal, absentIf: [EINVAL])
        sockets = map.descriptor()
        guard privacy == nil else {
            network = nil
            // One that is mounted may be there to be read.
            tracing = TraceFilesystem(path: "/sys/kernel/tracing")
            return
        }
        network = try? OwnedDescriptor.open("/proc/thread-self/ns/net", O_RDONLY)
        tracing = Self.mountTracing()
        routes = try? RouteSocket()
        loopback = try? Interface(named: "lo")
        if let loopback { try? routes?.setUp(loopback) }
        let device = try? routes?.addDevice("assay-netkit", kind: "netkit")
        netkit = device ?? loopback
    }

    private static func mountTracing() -> TraceFilesystem? {
        for place in ["/sys/kernel/tracing", "/mnt", "/tmp"] where access(place, F_OK) == 0 {
            guard (try? PrivateMounts.mount("tracefs", on: place)) != nil else { continue }
            return TraceFilesystem(path: place)
        }
        return nil
    }

    /// The number of a source of perf events, such as `kprobe`; `nil` if the kernel has none of that name.
    static func eventSource(_ name: String) -> UInt32? {
        let text = try? SmallFile.text("/sys/bus/event_source/devices/\(name)/type")
        return text.flatMap { UInt32($0.prefix { $0.isNumber }) }
    }
}
