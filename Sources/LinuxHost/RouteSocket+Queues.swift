import CLinux
import Glibc

/// What an interface sends its packets by.
extension RouteSocket {
    /// Makes a queueing discipline the one by which an interface sends, such as `fq`.
    ///
    /// The kernel may load a module for it.
    ///
    /// - Throws: ``SystemCallError`` with `ENOENT` or `EOPNOTSUPP` where the kernel has none of that kind.
    public mutating func addRootQueue(_ kind: String, to interface: Interface) throws(SystemCallError) {
        try talk(CInt(RTM_NEWQDISC), Self.create, on: "\(kind) at \(interface.name)") { message in
            var header = tcmsg()
            header.tcm_ifindex = interface.index
            header.tcm_parent = 0xffff_ffff  // TC_H_ROOT
            message.put(header)
            message.attribute(Int(TCA_KIND), string: kind)
        }
    }

    /// Takes it away: the interface sends as it did when it was made.
    ///
    /// - Throws: ``SystemCallError`` with `ENOENT` where there is none.
    public mutating func removeRootQueue(from interface: Interface) throws(SystemCallError) {
        try talk(CInt(RTM_DELQDISC), 0, on: interface.name) { message in
            var header = tcmsg()
            header.tcm_ifindex = interface.index
            header.tcm_parent = 0xffff_ffff
            message.put(header)
        }
    }
}
