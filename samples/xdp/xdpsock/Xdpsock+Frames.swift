import SampleLab

extension Xdpsock {
    /// How many frames of which lengths each work sends.
    enum Frames {
        /// What one processor sends in one go: as many as the receive rings of four sockets hold.
        static let round = 4 * Int(Port.receiveRing)
        static let rounds = 3

        /// Of 14 bytes, which is a header alone, to the longest that fits into a chunk and beyond: a multiple of four.
        static let lengths = [14, 15, 18, 59, 60, 61, 1793, 64, 128, 1000, 2048, 1514, 1791, 1792, 3014, 72]
        /// Up to what the interface takes.
        static let pageLengths = [14, 60, 1514, 1793, 2048, 2049, 3013, 3014]

        /// How many find a chunk, and how many do not.
        static let fed = 10
        static let starved = 6
        /// How many come in after a round that has filled the rings.
        static let surplus = 12
        /// How many are sent on the queue that one socket is bound to, before those of the first queue; twelve in all.
        static let onOther = 5

        /// How many each socket sends.
        static let sentEach = 40
        /// Up to a whole chunk.
        static let sentLengths = [14, 15, 59, 60, 61, 1000, 1514, 1792, 2047, 2048]
        /// How many do not lie within a chunk.
        static let strays = 5

        /// A frame that differs from all others of its length for 2^16 numbers, where it has room for a number.
        static func frame(_ number: Int, _ length: Int) -> [UInt8] {
            let mark = (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * (3 - $0))) }
            let payload = Array((mark + pattern[number % 251..<number % 251 + length]).prefix(length - 14))
            return EthernetFrame.make(from: EthernetFrame.sender, to: EthernetFrame.receiver, type: 0x88b6, payload)
        }

        private static let pattern = (0..<4096).map { UInt8(truncatingIfNeeded: $0 * 7 + $0 >> 8) }

        /// The same frame with its addresses exchanged.
        static func swapped(_ frame: [UInt8]) -> [UInt8] { Array(frame[6..<12] + frame[0..<6] + frame[12...]) }

        /// Lengths that vary within what a chunk takes.
        static func length(_ number: Int) -> Int { 60 + number * 37 % 1700 }
    }
}
