import CLibbpf
public import LinuxHost
public import SystemPackage

/// Programs of a cgroup that are attached without a link (`BPF_PROG_ATTACH`, Linux 4.10).
///
/// They stay until they are detached or the cgroup is gone, which for a sample's cgroup is its end.
public enum CgroupAttachment {
    /// Who may have programs besides this one (linux/bpf.h).
    public struct Sharing: OptionSet, Sendable, Hashable {
        /// The flags of bpf(2).
        public let rawValue: UInt32

        /// Takes flags.
        public init(rawValue: UInt32) { self.rawValue = rawValue }

        /// `BPF_F_ALLOW_OVERRIDE`: a cgroup below may have a program in place of it.
        public static let override = Sharing(rawValue: 1 << 0)
        /// `BPF_F_ALLOW_MULTI`: all programs run, those of cgroups below first (Linux 4.15).
        public static let multiple = Sharing(rawValue: 1 << 1)
    }

    /// Attaches a program.
    ///
    /// - Parameters:
    ///   - program: The program's descriptor.
    ///   - cgroup: The cgroup.
    ///   - type: Where in it.
    ///   - sharing: Who may have programs besides it.
    /// - Throws: ``AttachError`` with `EPERM` where a cgroup above does not allow it, `EINVAL` for a program of another type.
    public static func attach(
        _ program: CInt,
        to cgroup: ControlGroup,
        _ type: AttachType,
        _ sharing: Sharing = []
    ) throws(AttachError) {
        do {
            let directory = try cgroup.open()
            let type = bpf_attach_type(rawValue: type.rawValue)
            let result = bpf_prog_attach(program, directory.number, type, sharing.rawValue)
            try check(result, "bpf(BPF_PROG_ATTACH)", on: "cgroup '\(cgroup.path)'")
        } catch { throw AttachError(error) }
    }

    /// Puts a program in the place of one that is attached beside others (`BPF_F_REPLACE`, Linux 5.6).
    ///
    /// - Parameters:
    ///   - old: The descriptor of the program that is attached.
    ///   - program: The descriptor of the one that takes its place.
    ///   - cgroup: The cgroup.
    ///   - type: Where in it.
    ///   - sharing: Who may have programs besides it: as the old one was attached.
    /// - Throws: ``AttachError`` with `ENOENT` where the old one is not attached, `EINVAL` where the new one is already, or for another
    ///   sharing than ``Sharing/multiple``.
    public static func replace(
        _ old: CInt,
        by program: CInt,
        on cgroup: ControlGroup,
        _ type: AttachType,
        _ sharing: Sharing = .multiple
    ) throws(AttachError) {
        do {
            let directory = try cgroup.open()
            var options = bpf_prog_attach_opts()
            options.sz = MemoryLayout<bpf_prog_attach_opts>.size
            options.flags = sharing.rawValue | 1 << 2
            options.replace_prog_fd = old
            let result = bpf_prog_attach_opts(
                program,
                directory.number,
                bpf_attach_type(rawValue: type.rawValue),
                &options
            )
            try check(result, "bpf(BPF_PROG_ATTACH)", on: "cgroup '\(cgroup.path)'")
        } catch { throw AttachError(error) }
    }

    /// Detaches a program; the only one where none is named.
    ///
    /// - Throws: `SystemCallError` with `ENOENT` where it is not attached.
    public static func detach(
        _ program: CInt? = nil,
        from cgroup: ControlGroup,
        _ type: AttachType
    ) throws(SystemCallError) {
        let directory = try cgroup.open()
        let type = bpf_attach_type(rawValue: type.rawValue)
        let result =
            if let program {
                bpf_prog_detach2(program, directory.number, type)
            } else {
                bpf_prog_detach(directory.number, type)
            }
        try check(result, "bpf(BPF_PROG_DETACH)", on: "cgroup '\(cgroup.path)'")
    }

    /// The programs of a cgroup (`BPF_PROG_QUERY`, Linux 4.15), by the kernel's ids in the order in which they run.
    ///
    /// - Parameters:
    ///   - cgroup: The cgroup.
    ///   - type: Where in it.
    ///   - isEffective: Whether those count that cgroups above pass on to it (`BPF_F_QUERY_EFFECTIVE`).
    /// - Returns: The ids, 64 at most.
    /// - Throws: `SystemCallError` with `EPERM` without `CAP_NET_ADMIN`.
    public static func programs(
        of cgroup: ControlGroup,
        _ type: AttachType,
        isEffective: Bool = false
    ) throws(SystemCallError) -> [UInt32] {
        let directory = try cgroup.open()
        var ids = [UInt32](repeating: 0, count: 64)
        var count = UInt32(ids.count)
        let type = bpf_attach_type(rawValue: type.rawValue)
        let result = bpf_prog_query(directory.number, type, isEffective ? 1 : 0, nil, &ids, &count)
        try check(result, "bpf(BPF_PROG_QUERY)", on: "cgroup '\(cgroup.path)'")
        return Array(ids.prefix(Int(count)))
    }

    /// What the kernel answers to a query with room for so many programs.
    public struct Answer: Sendable, Hashable {
        /// The ids of those that there was room for.
        public let ids: [UInt32]
        /// How many there are.
        public let total: Int
        /// Who may have programs besides those of the cgroup itself.
        public let sharing: Sharing
        /// What the kernel said: `ENOSPC` for too little room; `nil` for success.
        public let refusal: Errno?
    }

    /// Asks for the programs of a cgroup with room for so many of them (`BPF_PROG_QUERY`, Linux 4.15).
    ///
    /// - Throws: `SystemCallError` where the cgroup cannot be opened.
    public static func query(
        _ cgroup: ControlGroup,
        _ type: AttachType,
        isEffective: Bool = false,
        room: Int = 64
    ) throws(SystemCallError) -> Answer {
        let directory = try cgroup.open()
        var ids = [UInt32](repeating: 0, count: max(room, 1))
        var (count, flags) = (UInt32(room), UInt32(0))
        let type = bpf_attach_type(rawValue: type.rawValue)
        let result = bpf_prog_query(directory.number, type, isEffective ? 1 : 0, &flags, &ids, &count)
        return Answer(
            ids: Array(ids.prefix(min(room, Int(count)))),
            total: Int(count),
            sharing: Sharing(rawValue: flags),
            refusal: result < 0 ? Errno(rawValue: -result) : nil
        )
    }

    /// The number of a loaded program (`BPF_OBJ_GET_INFO_BY_FD`), as ``programs(of:_:isEffective:)`` has it; `nil` for a
    /// descriptor of something else.
    public static func number(of program: CInt) -> UInt32? { KernelObject.id(of: program, .program) }
}
