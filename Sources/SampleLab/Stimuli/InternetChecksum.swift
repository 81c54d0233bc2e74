/// The checksum of RFC 1071.
public enum InternetChecksum {
    /// The checksum of bytes, an odd one at the end padded with 0; 0 for bytes that hold their own checksum.
    public static func of(_ bytes: some Sequence<UInt8>) -> UInt16 {
        var sum: UInt32 = 0
        var high = true
        for byte in bytes {
            sum += high ? UInt32(byte) << 8 : UInt32(byte)
            high.toggle()
            sum = sum & 0xffff + sum >> 16
        }
        return ~UInt16(sum & 0xffff)
    }

    /// The checksum of an ICMPv6 message with the pseudo-header of RFC 8200; 0 for a message that holds its own.
    ///
    /// - Parameters:
    ///   - message: The message from its type on.
    ///   - source: The 16 bytes of the packet's sender.
    ///   - destination: The 16 bytes of its receiver.
    /// - Returns: The checksum.
    public static func ofICMPv6(
        _ message: some Collection<UInt8>,
        from source: some Collection<UInt8>,
        to destination: some Collection<UInt8>
    ) -> UInt16 {
        let length = UInt32(message.count)
        var bytes = Array(source) + Array(destination)
        for shift in [24, 16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: length >> shift)) }
        bytes += [0, 0, 0, 58]
        return of(bytes + Array(message))
    }
}
