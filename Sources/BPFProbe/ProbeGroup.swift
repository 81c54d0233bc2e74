import Glibc
import LinuxHost
import SystemPackage

/// An empty cgroup for the probe's programs, removed when this object ends.
///
/// It is in the resource journal before it is made, so that the next start removes it if this process is killed.
final class ProbeGroup {
    private let made: ControlGroup?
    private var journal: ResourceJournal?
    /// Its directory.
    let descriptor: OwnedDescriptor?
    /// Why there is none.
    let failure: AttachOutcome

    init() {
        do throws(SystemCallError) {
            // A name of its own for each probe: two may run in one process.
            let name = "probe-\(getpid())-\(Deadline.now)"
            let group = try ControlGroup.own().child(ResourceJournal.cgroupPrefix + name)
            let journal = try ResourceJournal(run: name)
            do throws(SystemCallError) {
                try journal.note(group)
                try group.create()
            } catch {
                journal.finish()
                throw error
            }
            made = group
            self.journal = consume journal
            descriptor = try? group.open()
            failure = .untried("the cgroup cannot be opened")
        } catch {
            made = nil
            descriptor = nil
            let isRefused = error.errno == .permissionDenied || error.errno == .notPermitted
            failure =
                isRefused
                ? .outOfReach("needs CAP_DAC_OVERRIDE or root, for a cgroup of its own: \(error)")
                : .untried("no cgroup to attach it to: \(error)")
        }
    }

    deinit {
        guard let made else { return }
        // What cannot be removed now is in the journal, for the next start.
        let isGone = (try? made.remove(deadline: Deadline(after: .seconds(2)))) != nil
        if isGone { journal.take()?.finish() }
    }
}
