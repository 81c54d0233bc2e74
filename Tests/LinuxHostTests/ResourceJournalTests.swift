import Glibc
import LinuxHost
import Testing

struct ResourceJournalTests {
    @Test(arguments: [(CInt(0), true), (ENOSYS, true), (EINTR, false), (ENOLCK, false), (EBADF, false)])
    func `a kernel without file locks keeps a journal all the same, and other failures end it`(
        error: CInt,
        mayBegin: Bool
    ) {
        #expect(ResourceJournal.mayBegin(afterLocking: error) == mayBegin)
    }
}
