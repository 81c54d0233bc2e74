import CLibbpf
import Glibc
import Testing

@testable import LibBPF

struct BPFSyscallTests {
    @Test(arguments: [
        (0, true, BPFSyscall.Access.granted), (0, false, .denied), (EPERM, true, .denied), (EACCES, true, .denied),
        (ENOSYS, true, .absent), (ENOSYS, false, .absent), (ENOMEM, true, .granted),
    ])
    func `an answer of the kernel is told from a missing right and from a missing call`(
        errno: CInt,
        isAdministrator: Bool,
        access: BPFSyscall.Access
    ) {
        #expect(BPFSyscall.access(errno: errno, isAdministrator: isAdministrator) == access)
    }
}

struct SectionTypeTests {
    @Test(arguments: [
        ("socket1", BPF_PROG_TYPE_SOCKET_FILTER), ("socket/3", BPF_PROG_TYPE_SOCKET_FILTER),
        ("xdp_prog0", BPF_PROG_TYPE_XDP),
        ("cgroup/sock2", BPF_PROG_TYPE_CGROUP_SOCK),
    ])
    func `a section that libbpf does not know gets the type of the kernel's old loader`(
        section: String,
        type: bpf_prog_type
    ) {
        #expect(SectionTypes.entry(for: section)?.type == type)
    }

    @Test(arguments: ["", "kprobe/x", "classifier", "sock", ".text"])
    func `other sections get none`(section: String) {
        #expect(SectionTypes.entry(for: section) == nil)
    }
}
