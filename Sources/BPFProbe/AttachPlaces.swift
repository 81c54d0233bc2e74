import Glibc
import LibBPF
import LinuxHost
import SystemPackage

/// What there is to attach to in one lane: a namespace, a cgroup or a socket map of the probe's own.
///
/// All of it belongs to the calling thread or to this value, except the cgroup. That is in the resource journal before it is
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
    let group: ProbeGroup?
    /// A tracefs, which only the calling thread sees where it may mount one; `nil` where the kernel has none.
    let tracing: TraceFilesystem?
    /// A map of sockets.
    let sockets: OwnedDescriptor?
    /// Why there is none.
    let noSockets: AttachOutcome
    /// A netkit device; `lo`, which is none, where the kernel makes none.
    private(set) var netkit: Interface?

    /// Makes what a lane needs; the calling thread is in other namespaces afterwards.
    init(_ lane: AttachPoint.Lane) {
        var privacy: AttachOutcome?
        do throws(SystemCallError) {
            switch lane {
            case .network: try NetworkNamespace().enter()
            case .tracepoint: try PrivateMounts.enter()
            case .code, .others: break
            }
        } catch {
            privacy =
                error.errno == .notPermitted
                ? .outOfReach("needs CAP_SYS_ADMIN, for namespaces of its own") : .untried("\(error)")
        }
        self.privacy = privacy
        group = lane == .others ? ProbeGroup() : nil
        if lane == .others {
            let map = RawMap(type: 15).create()
            noSockets = AttachOutcome(map.refusal, absentIf: [EINVAL])
            sockets = map.descriptor()
        } else {
            noSockets = .untried("no map of sockets")
            sockets = nil
        }
        // Where none may be mounted, one that is mounted may be there to be read.
        let mayMount = privacy == nil && lane == .tracepoint
        tracing = mayMount ? Self.mountTracing() : TraceFilesystem(path: Self.tracingFolder)
        guard privacy == nil, lane == .network else {
            network = nil
            return
        }
        network = try? OwnedDescriptor.open("/proc/thread-self/ns/net", O_RDONLY)
        routes = try? RouteSocket()
        loopback = try? Interface(named: "lo")
        if let loopback { try? routes?.setUp(loopback) }
        let device = try? routes?.addDevice("assay-netkit", kind: "netkit")
        netkit = device ?? loopback
    }

    private static let tracingFolder = "/sys/kernel/tracing"

    private static func mountTracing() -> TraceFilesystem? {
        for place in [tracingFolder, "/mnt", "/tmp"] where access(place, F_OK) == 0 {
            guard (try? PrivateMounts.mount("tracefs", on: place)) != nil else { continue }
            return TraceFilesystem(path: place)
        }
        return nil
    }

    /// The number of a source of perf events, such as `kprobe`; `nil` if the kernel has none of that name.
    static func eventSource(_ name: String) -> UInt32? { EventSource(named: name)?.type }
}
