import Glibc
import LibBPF
import LinuxHost
import RunModel
import WorkerWire

extension Worker {
    /// How many of the objects that ``reference()`` says it made are attached to nothing; they come first.
    static let unattachedReferences = 2

    /// Makes a map and a program that nothing uses, attaches another program to this network namespace's `lo`, says so and ends:
    /// what the kernel frees of a worker like any other, for comparison.
    static func reference() -> CInt {
        tellOfObjects()
        do {
            let map = try ReferenceMap()
            let bare = try PassProgram()
            let attached = try PassProgram()
            // Linux 5.9; without it the comparison has the first two and one more that is attached to nothing.
            let link = try? attached.attachXDP(to: try Interface(named: "lo"), .generic)
            let status = withExtendedLifetime(link) { say(.observed(.object([:]))) } ? 0 : 70
            withExtendedLifetime(map) { withExtendedLifetime(bare) { withExtendedLifetime(attached) {} } }
            return CInt(status)
        } catch {
            return say(.broke(message: "\(error)")) ? 0 : 70
        }
    }
}
