import LinuxHost
import SystemPackage

/// What a veth needs before it hands on what it is given.
enum Carrier {
    /// Waits until both ends of a veth send what they are handed, by sending frames and looking for them.
    ///
    /// The end of a veth that is up first has no queue until the kernel's link watch has run: until then it loses what it is
    /// handed and says that all went well. No flag tells when that is over.
    ///
    /// - Parameters:
    ///   - near: A packet socket on one end.
    ///   - far: A packet socket on the other.
    ///   - names: What errors call the ends.
    /// - Throws: `SystemCallError` with `ETIMEDOUT` where a frame does not come.
    static func awaitBoth(
        _ near: borrowing PacketSocket,
        _ far: borrowing PacketSocket,
        _ names: (near: String, far: String)
    ) throws(SystemCallError) {
        try awaitFrame(from: near, to: far, names.near)
        try awaitFrame(from: far, to: near, names.far)
    }

    private static func awaitFrame(
        from sender: borrowing PacketSocket,
        to receiver: borrowing PacketSocket,
        _ subject: String
    ) throws(SystemCallError) {
        // An EtherType for local experiments (IEEE 802, 0x88b5), to nobody.
        let nobody = HardwareAddress(local: 0)
        let probe = EthernetFrame.make(from: nobody, to: nobody, type: 0x88b5, [UInt8](repeating: 0x70, count: 46))
        let deadline = Deadline(after: answerTime)
        while true {
            try sender.send(probe)
            if try receiver.frames().contains(where: { !$0.isOutgoing && $0.bytes == probe }) { return }
            guard !deadline.hasPassed else {
                throw SystemCallError("wait for the carrier", on: subject, errno: .timedOut)
            }
            deadline.pause(milliseconds: 1)
        }
    }
}
