import BPFProbe
import FileBytes
import Glibc
import LibBPF
import LinuxHost
import RunModel
public import SampleKit
import Synchronization
import SystemPackage
import WorkerWire

/// The process that one sample runs in: born into namespaces and a cgroup, it observes and says what it saw.
///
/// It is the same on the host and as a child of a guest's first process, so that a verdict means the same in both.
public enum Worker {
    /// Where the frames go.
    static let resultDescriptor: CInt = 3

    /// Runs the sample that the arguments ask for and writes the frames.
    ///
    /// - Parameters:
    ///   - arguments: The program's arguments, its own name included.
    ///   - catalog: The samples that can be asked for.
    /// - Returns: The exit status: 0 if a last frame was written, whatever it says; 64 for arguments that are no request;
    ///   70 if no frame could be written.
    public static func main(_ arguments: [String], catalog: [CatalogEntry]) -> CInt {
        if arguments.dropFirst() == ["probe"] { return probe() }
        if arguments.dropFirst() == ["reference"] { return reference() }
        if arguments.count == 3, arguments[1] == "load" { return load(arguments[2]) }
        guard let request = WorkerRequest(arguments: arguments) else {
            let usage = Array("usage: assay-worker run|control SAMPLE CGROUP [OBJECT...], started by bpf-assay\n".utf8)
            _ = write(STDERR_FILENO, usage, usage.count)
            return 64
        }
        tellOfObjects()
        let entry = catalog.first { $0.id == request.sample }
        let frame: WorkerFrame
        do {
            frame = try run(request, entry)
        } catch {
            frame =
                MemoryShortage.frame(of: error) ?? entry.flatMap { Lockout.frame(of: error, for: $0.manifest) }
                ?? Self.frame(of: error)
        }
        return say(frame) ? 0 : 70
    }

    /// What an error of a sample means: the kernel refused it, or the harness could not do its work.
    private static func frame(of error: any Error) -> WorkerFrame {
        switch error {
        case let error as ObjectError where error.phase == .open:
            // The kernel was asked nothing yet: a file that libbpf cannot read is no fault of it.
            .broke(message: "\(error)")
        case let error as ObjectError:
            .refused(reason: .loadRejected, message: "\(error)", details: error.explainedLines())
        case let error as AttachError: .refused(reason: .attachFailed, message: "\(error)", details: [])
        case let error as RefusedAttachment:
            .refused(reason: .attachFailed, message: "\(error.refusal)", details: [], need: error.need)
        case let error as ObjectMismatch: .refused(reason: .oracle, message: "\(error)", details: [])
        case let error as LayoutDrift: .refused(reason: .oracle, message: "\(error)", details: error.layouts)
        case let error as UnmetNeed: .unmet(need: error.need, message: error.reason, details: error.evidence)
        default: .broke(message: "\(error)")
        }
    }

    /// Asks the kernel what BPF it has, and says the report as an observation.
    private static func probe() -> CInt {
        do {
            return say(.observed(try JSONValue(encoding: KernelProbe.run()))) ? 0 : 70
        } catch {
            return say(.broke(message: "\(error)")) ? 0 : 70
        }
    }

    static func tellOfObjects() {
        KernelObject.onCreation.withLock { handler in
            handler = { made in Worker.say(.made(kind: made.kind.rawValue, id: made.id)) }
        }
    }

    private static func run(_ request: WorkerRequest, _ entry: CatalogEntry?) throws -> WorkerFrame {
        guard let entry else {
            return .broke(message: "this worker has no sample '\(request.sample)'")
        }
        // Read before the mounts below hide parts of the tree.
        let files = try request.objects.map { path in try SmallFile.read(path, limit: 64 << 20) }
        let arena = Arena(
            try KernHalf(of: entry.manifest, files),
            cgroup: ControlGroup(path: request.cgroup),
            tracing: try privateTracing(),
            isControl: request.isControl
        )
        return .observed(try observe(entry.type, in: arena))
    }

    /// Gives this process a tmpfs on `/mnt`, and a bpffs where libbpf pins maps: a map that says it is to be pinned would stay on
    /// the machine, and the next object would get it.
    static func mountPrivately() throws {
        try PrivateMounts.isolate()
        try PrivateMounts.mount("tmpfs", on: "/mnt")
        do {
            try PrivateMounts.mount("bpf", on: "/sys/fs/bpf")
        } catch let error where [ENODEV, ENOENT].contains(error.errno.rawValue) {
            // Without the file system, or a place for it, nothing can be pinned.
        }
    }

    /// Mounts a tracefs where only this process sees it.
    ///
    /// On a kernel without tracefs the path is that of an empty directory: samples that need no tracepoint run all the same,
    /// the others find none.
    private static func privateTracing() throws -> TraceFilesystem {
        try mountPrivately()
        try PrivateMounts.makeDirectory("/mnt/tracing")
        do {
            try PrivateMounts.mount("tracefs", on: "/mnt/tracing")
        } catch let error where error.errno.rawValue == ENODEV {}
        return TraceFilesystem(path: "/mnt/tracing")
    }

    private static func observe<S: Sample>(_ type: S.Type, in arena: borrowing Arena) throws -> JSONValue {
        try JSONValue(encoding: try S().observe(in: arena))
    }

    @discardableResult
    static func say(_ frame: WorkerFrame) -> Bool {
        WriteLoop.write(Array((frame.json.text + "\n").utf8), to: resultDescriptor) == nil
    }
}
