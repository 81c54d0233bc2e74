import CLibbpf
import Glibc
public import LinuxHost
import SystemPackage

/// Attachments to cgroups without links: they stay until they are detached or the cgroup is gone, whoever made them.
public enum CgroupAttachment {
    /// `BPF_F_ALLOW_MULTI`: other programs may be attached beside it, and below.
    public static let allowMulti: UInt32 = 1 << 1

    /// Attaches a program (`BPF_PROG_ATTACH`, Linux 4.10).
    ///
    /// One without flags takes the place of another without flags.
    ///
    /// - Parameters:
    ///   - program: The program's descriptor.
    ///   - cgroup: The cgroup.
    ///   - type: A number of `enum bpf_attach_type`.
    ///   - flags: `BPF_F_…` of linux/bpf.h.
    /// - Throws: `SystemCallError` with `EPERM` where another program is attached with other flags, or without the right to.
    public static func attach(
        _ program: CInt,
        to cgroup: ControlGroup,
        type: AttachType,
        flags: UInt32 = 0
    ) throws(SystemCallError) {
        let directory = try cgroup.open()
        let attachType = bpf_attach_type(rawValue: type.rawValue)
        let result = bpf_prog_attach(program, directory.number, attachType, flags)
        try check(result, "bpf(BPF_PROG_ATTACH)", on: "cgroup '\(cgroup.path)'")
    }

    /// Detaches the one program that was attached without flags (`BPF_PROG_DETACH`, Linux 4.10).
    ///
    /// - Throws: `SystemCallError` with `ENOENT` where none is.
    public static func detach(from cgroup: ControlGroup, type: AttachType) throws(SystemCallError) {
        let directory = try cgroup.open()
        let result = bpf_prog_detach(directory.number, bpf_attach_type(rawValue: type.rawValue))
        try check(result, "bpf(BPF_PROG_DETACH)", on: "cgroup '\(cgroup.path)'")
    }

    /// The programs that are attached to a cgroup itself (`BPF_PROG_QUERY`, Linux 4.15).
    ///
    /// - Returns: Their numbers, in the order in which they run.
    /// - Throws: `SystemCallError` with `EPERM` without `CAP_NET_ADMIN`.
    public static func programs(of cgroup: ControlGroup, type: AttachType) throws(SystemCallError) -> [UInt32] {
        let directory = try cgroup.open()
        var ids = [UInt32](repeating: 0, count: 64)
        var count = UInt32(ids.count)
        let attachType = bpf_attach_type(rawValue: type.rawValue)
        let result = bpf_prog_query(directory.number, attachType, 0, nil, &ids, &count)
        try check(result, "bpf(BPF_PROG_QUERY)", on: "cgroup '\(cgroup.path)'")
        return Array(ids.prefix(Int(count)))
    }

    /// The number of a loaded program (`BPF_OBJ_GET_INFO_BY_FD`); `nil` where the descriptor is none.
    public static func number(of program: CInt) -> UInt32? { KernelObject.id(of: program, .program) }
}
