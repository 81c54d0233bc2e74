import CLinux
import Glibc
public import LinuxHost
import SystemPackage

/// Marks of packets (`skb->mark`), which programs and rules tell each other by and which are not on the wire.
extension PacketSocket {
    /// Gives a mark to what is sent from now on (`SO_MARK`).
    ///
    /// A packet keeps it on its way through a veth within one network namespace.
    ///
    /// - Throws: `SystemCallError` with `EPERM` without `CAP_NET_ADMIN`.
    public func mark(_ mark: UInt32) throws(SystemCallError) {
        // SO_MARK is 36 (asm-generic/socket.h).
        try Sockets.set(descriptor, SOL_SOCKET, 36, CInt(bitPattern: mark), "SO_MARK")
    }

    /// Sees only packets that have one of some marks, or only those that have none of them.
    ///
    /// - Parameters:
    ///   - marks: At most 250 marks.
    ///   - isKept: Whether packets with these marks are seen, or all others.
    /// - Throws: `SystemCallError` with `ENOMEM`.
    public func select(marks: [UInt32], isKept: Bool = true) throws(SystemCallError) {
        // BPF_LD | BPF_W | BPF_ABS, at SKF_AD_OFF + SKF_AD_MARK of linux/filter.h.
        var code = [sock_filter(code: 0x20, jt: 0, jf: 0, k: 0xffff_f000 + 20)]
        for (index, mark) in marks.enumerated() {
            // BPF_JMP | BPF_JEQ | BPF_K, over the other marks and the first of two ends.
            code.append(sock_filter(code: 0x15, jt: UInt8(marks.count - index), jf: 0, k: mark))
        }
        let (whole, nothing) = (UInt32.max, UInt32(0))
        for length in isKept ? [nothing, whole] : [whole, nothing] {
            code.append(sock_filter(code: UInt16(BPF_RET), jt: 0, jf: 0, k: length))
        }
        let number = descriptor.number
        let result = code.withUnsafeMutableBufferPointer { code in
            var program = sock_fprog(len: UInt16(code.count), filter: code.baseAddress)
            return setsockopt(number, SOL_SOCKET, SO_ATTACH_FILTER, &program, socklen_t(MemoryLayout<sock_fprog>.size))
        }
        try SystemCallError.check(result, "setsockopt(SO_ATTACH_FILTER)", on: "a packet socket")
    }
}
