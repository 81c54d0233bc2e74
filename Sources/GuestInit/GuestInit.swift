import CLinux
import Glibc
import GuestWire
import LinuxHost
import RunModel
import SampleWorker
import WorkerWire

/// The first process of a guest: it makes the guest ready, and runs what the host asks for, each in a child of its own.
///
/// It never runs a sample itself, since its death would be a panic, and it never judges: what children have said travels to
/// the host, whose code judges it as it does its own workers'.
public enum GuestInit {
    /// Whether this process is a guest's first.
    ///
    /// The number alone does not say so: in a container it is 1 as well.
    public static func isWanted(_ arguments: [String]) -> Bool {
        getpid() == 1 && arguments.first == "/init"
    }

    /// Serves the host until it says that all is done.
    ///
    /// - Returns: Never usefully: the machine is off before. The status is what the kernel would panic about.
    public static func main() -> CInt {
        let mountFailures = GuestMounts.mountAll()
        do {
            var port = try ResultPort()
            sayHello(&port)
            var logFailures: [String] = []
            let log = kernelLog(&logFailures)
            let moduleFailures = GuestModules.loadAll()
            bringLoopbackUp()
            port.say(
                .ready,
                [
                    "failures": .array((mountFailures + logFailures + moduleFailures).map { .string($0) }),
                    "splats": .array(newSplats(log).map { .string($0) }),
                    "types": .bool(access("/sys/kernel/btf/vmlinux", R_OK) == 0),
                ]
            )
            try serve(&port, log)
        } catch {
            tell("bpf-assay: \(error)")
        }
        leave()
        return 70
    }

    private static func sayHello(_ port: inout ResultPort) {
        var names = utsname()
        uname(&names)
        func text<Tuple>(_ field: Tuple) -> JSONValue {
            withUnsafeBytes(of: field) { .string(String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)) }
        }
        port.say(
            .hello,
            [
                "protocol": .integer(Int64(GuestLayout.version)), "release": text(names.release),
                "version": text(names.version), "arch": text(names.machine),
            ]
        )
    }

    private static func serve(_ port: inout ResultPort, _ log: borrowing KernelLog?) throws {
        let group = ControlGroup(path: "/sys/fs/cgroup/assay")
        try PrivateMounts.makeDirectory(group.path)
        let executable = access(GuestLayout.worker, X_OK) == 0 ? GuestLayout.worker : "/init"
        var tries = 0
        while let command = try port.nextCommand() {
            let strays = newSplats(log)
            switch command {
            case .run(let number, let sample, let objects, let isControl, let milliseconds):
                let cgroup = group.child("\(number)")
                let request = WorkerRequest(
                    sample: sample,
                    objects: objects.map { GuestLayout.object($0) },
                    cgroup: cgroup.path,
                    isControl: isControl
                )
                perform(request.arguments, number, milliseconds, executable, cgroup, strays, log, &port)
                tries += 1
            case .probe(let number, let milliseconds):
                let cgroup = group.child("\(number)")
                perform(["assay-worker", "probe"], number, milliseconds, executable, cgroup, strays, log, &port)
                tries += 1
            case .load(let number, let object, let milliseconds):
                let cgroup = group.child("\(number)")
                let words = ["assay-worker", "load", GuestLayout.object(object)]
                perform(words, number, milliseconds, executable, cgroup, strays, log, &port)
                tries += 1
            case .shell(let number):
                openShell(number, strays, &port)
                tries += 1
            case .finish:
                port.say(
                    .done,
                    [
                        "tries": .integer(Int64(tries)), "splats": .array(strays.map { .string($0) }),
                        "end": .string(end.rawValue),
                    ]
                )
                return
            }
        }
    }

    private static func perform(
        _ arguments: [String],
        _ number: Int,
        _ milliseconds: Int,
        _ executable: String,
        _ cgroup: ControlGroup,
        _ strays: [String],
        _ log: borrowing KernelLog?,
        _ port: inout ResultPort
    ) {
        let serial = JSONValue.integer(Int64(number))
        port.say(.began, ["number": serial, "splats": .array(strays.map { .string($0) })])
        // In the log on the console as well, where it tells the story if the machine does not survive.
        tell("bpf-assay: begins \(number): \(arguments.dropFirst().prefix(2).joined(separator: " "))")
        do {
            var settings = WorkerProcess.Settings(executable: executable)
            settings.reference = "/init"
            var outcome = try WorkerProcess.run(
                arguments: arguments,
                settings,
                in: cgroup,
                timeout: .milliseconds(milliseconds)
            )
            // From what was read without a gap; where there is no log, what the worker's supervisor found remains.
            let logged = newSplats(log)
            if !logged.isEmpty { outcome.splats = logged }
            port.say(.ended, ["number": serial, "outcome": try JSONValue(encoding: outcome)])
        } catch {
            port.say(.broke, ["number": serial, "message": .string("\(error)")])
        }
        tell("bpf-assay: ended \(number)")
        // Whatever lost its parent is ours now.
        while waitpid(-1, nil, WNOHANG) > 0 {}
    }

    private static func openShell(_ number: Int, _ strays: [String], _ port: inout ResultPort) {
        let serial = JSONValue.integer(Int64(number))
        port.say(.began, ["number": serial, "splats": .array(strays.map { .string($0) })])
        do throws(SystemCallError) {
            _ = try GuestShell.run()
            port.say(.ended, ["number": serial])
        } catch {
            port.say(.broke, ["number": serial, "message": .string("\(error)")])
        }
        while waitpid(-1, nil, WNOHANG) > 0 {}
    }

    private static func newSplats(_ log: borrowing KernelLog?) -> [String] {
        log?.newLines().filter(KernelLog.isSplat) ?? []
    }

    /// The kernel's log from its start.
    private static func kernelLog(_ failures: inout [String]) -> KernelLog? {
        do throws(SystemCallError) {
            return try KernelLog(fromStart: true)
        } catch {
            failures.append(
                "the kernel's log cannot be read, so that splats are seen by the mark of taint alone: \(error)"
            )
            return nil
        }
    }

    private static func bringLoopbackUp() {
        // Samples have network namespaces of their own, so that this is for whoever looks round.
        do throws(SystemCallError) {
            var routes = try RouteSocket()
            try routes.setUp(try Interface(named: "lo"))
        } catch {}
    }

    /// Writes a line into the kernel's log, which the console shows.
    private static func tell(_ line: String) {
        try? SmallFile.write("<6>\(line.prefix(900))", to: "/dev/kmsg")
    }

    /// How the machine ends if not by QEMU's device.
    ///
    /// Without ACPI no kernel can switch it off: it would halt for ever.
    private static var end: GuestLayout.End { access("/sys/firmware/acpi", F_OK) == 0 ? .off : .reset }

    /// Ends the machine: by QEMU's device, whose exit status nothing else gives, or as any machine.
    private static func leave() {
        _ = lx_port_write(GuestLayout.exitPort, GuestLayout.exitValue)
        if end == .off { _ = lx_power_off() }
        _ = lx_restart()
    }
}
