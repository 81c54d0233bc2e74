extension Tcbpf1 {
    /// What the rewriting program makes of a frame: helper after helper, as the kernel documents them.
    enum Rewriting {
        /// 0xA010101 and 5001 as the machine keeps them in memory, from where the source stores them into the packet.
        static let source = withUnsafeBytes(of: UInt32(0xA01_0101)) { Array($0) }
        static let port = withUnsafeBytes(of: UInt16(5001)) { Array($0) }

        /// The frame that leaves the program.
        ///
        /// Where the device is to finish the TCP checksum, only what is in the pseudo-header changes it, and it is kept without its
        /// complement.
        static func of(_ frame: [UInt8], isUnfinished: Bool = false) -> [UInt8] {
            var frame = frame
            guard frame.count > 23, frame[23] == 6 else { return frame }
            let service = frame[15]
            replace(at: 24, in: &frame) { replaced16($0, half(0, service), half(0, 8)) }
            frame[15] = 8
            // A read behind the end ends the program, which answers 0.
            guard frame.count >= 30 else { return frame }
            let address = Array(frame[26..<30])
            replace(at: 50, in: &frame) {
                isUnfinished
                    ? ~folded(added(subtracted(UInt32($0), word(address)), word(source)))
                    : replaced32($0, address, source)
            }
            replace(at: 24, in: &frame) { replaced32($0, address, source) }
            frame.replaceSubrange(26..<30, with: source)
            guard frame.count >= 38 else { return frame }
            let old = Array(frame[36..<38])
            if !isUnfinished { replace(at: 50, in: &frame) { replaced32($0, old + [0, 0], port + [0, 0]) } }
            frame.replaceSubrange(36..<38, with: port)
            return frame
        }

        /// Changes a checksum, which a helper refuses where the frame ends before it.
        private static func replace(at place: Int, in frame: inout [UInt8], _ change: (UInt16) -> UInt16) {
            guard frame.count >= place + 2 else { return }
            let sum = change(half(frame[place], frame[place + 1])).littleEndian
            frame[place] = UInt8(sum & 255)
            frame[place + 1] = UInt8(sum >> 8)
        }

        // The sums are those of RFC 1624, in the machine's byte order: which of the two zeros comes out is the kernel's choice,
        // and must be right too.
        private static func replaced32(_ sum: UInt16, _ old: [UInt8], _ new: [UInt8]) -> UInt16 {
            folded(added(subtracted(~UInt32(sum), word(old)), word(new)))
        }

        private static func replaced16(_ sum: UInt16, _ old: UInt16, _ new: UInt16) -> UInt16 {
            let add = { (one: UInt16, other: UInt16) -> UInt16 in
                let (result, carries) = one.addingReportingOverflow(other)
                return result &+ (carries ? 1 : 0)
            }
            return ~add(add(~sum, ~old), new)
        }

        /// Two bytes as the machine reads them from memory.
        private static func half(_ first: UInt8, _ second: UInt8) -> UInt16 {
            UInt16(littleEndian: UInt16(first) | UInt16(second) << 8)
        }

        /// Four bytes as the machine reads them.
        private static func word(_ bytes: [UInt8]) -> UInt32 {
            UInt32(littleEndian: bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) })
        }

        private static func added(_ one: UInt32, _ other: UInt32) -> UInt32 {
            let (result, carries) = one.addingReportingOverflow(other)
            return result &+ (carries ? 1 : 0)
        }

        private static func subtracted(_ one: UInt32, _ other: UInt32) -> UInt32 { added(one, ~other) }

        private static func folded(_ sum: UInt32) -> UInt16 {
            let once = sum & 0xffff + sum >> 16
            return ~UInt16(truncatingIfNeeded: once & 0xffff + once >> 16)
        }
    }
}
