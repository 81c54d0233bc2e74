import Glibc

extension TestProbeWriteUser {
    /// When a call is made.
    enum Stage {
        /// Before the program is attached.
        case before
        case attached
        /// Attached, with other entries in the map.
        case changed
        case detached
    }

    /// One call of connect(2).
    struct Trial {
        let title: String
        let stage: Stage
        /// What must come of it.
        let result: Call
        var address = SocketAddress.first
        var length: CInt = 16
        var place = Place.writable

        /// Where the address lies, and what connect(2) is asked of.
        enum Place {
            case writable
            /// Across the boundary of two pages.
            case acrossPages
            /// Where it can only be read.
            case readOnly
            /// Across the boundary of two pages, of which the second cannot be used.
            case halfReadable
            /// Where it can be written, for another thread.
            case otherThread
            /// Where it can be written, for an invalid descriptor.
            case withoutSocket
        }

        static let unchanged = "as it was"

        /// What comes of an address for which there is no route.
        private static let refused = Call(answer: "ENETUNREACH", memory: unchanged)

        private static func arrived(_ server: String) -> Call {
            Call(answer: "ok", memory: server, peer: server, server: server)
        }

        private static func failed(_ answer: String, _ memory: String) -> Call {
            Call(answer: answer, memory: memory)
        }

        static let first = "the first server"
        static let second = "the second server"

        static let all: [Trial] = [
            Trial(title: "before attaching", stage: .before, result: refused),
            Trial(title: "before attaching, second address", stage: .before, result: refused, address: .second),
            Trial(title: "first address", stage: .attached, result: arrived(first)),
            Trial(title: "second address", stage: .attached, result: arrived(second), address: .second),
            Trial(title: "across two pages", stage: .attached, result: arrived(first), place: .acrossPages),
            Trial(
                title: "by another thread",
                stage: .attached,
                result: arrived(second),
                address: .second,
                place: .otherThread
            ),
            Trial(
                title: "the port's highest bit",
                stage: .attached,
                result: refused,
                address: .first.with(port: 5555 | 0x8000)
            ),
            Trial(title: "another port", stage: .attached, result: refused, address: .first.with(port: 5556)),
            Trial(
                title: "port in the other byte order",
                stage: .attached,
                result: refused,
                address: .first.with(port: 0xb315)
            ),
            Trial(title: "another address", stage: .attached, result: refused, address: .second.with(lastByte: 2)),
            Trial(title: "padding that is not 0", stage: .attached, result: refused, address: .first.with(padding: 1)),
            Trial(title: "another family and padding", stage: .attached, result: arrived(second), address: .odd),
            Trial(
                title: "the family of that entry",
                stage: .attached,
                result: failed("EAFNOSUPPORT", unchanged),
                address: .first.with(family: AF_INET6)
            ),
            Trial(
                title: "another byte of padding",
                stage: .attached,
                result: failed("EAFNOSUPPORT", unchanged),
                address: .odd.with(padding: 0xa1a2_a3a4_a5a6_a7a9)
            ),
            Trial(
                title: "the last byte of padding",
                stage: .attached,
                result: failed("EAFNOSUPPORT", unchanged),
                address: .odd.with(padding: 0xa0a2_a3a4_a5a6_a7a8)
            ),
            Trial(title: "a length of 17", stage: .attached, result: refused, length: 17),
            Trial(title: "a length of 8", stage: .attached, result: failed("EINVAL", first), length: 8),
            Trial(title: "a length of -1", stage: .attached, result: failed("EINVAL", unchanged), length: -1),
            Trial(title: "memory that can only be read", stage: .attached, result: refused, place: .readOnly),
            Trial(
                title: "memory of which half can be read",
                stage: .attached,
                result: failed("EFAULT", unchanged),
                place: .halfReadable
            ),
            Trial(title: "no socket", stage: .attached, result: failed("EBADF", first), place: .withoutSocket),
            Trial(title: "an entry that was changed", stage: .changed, result: arrived(second)),
            Trial(title: "an entry that was deleted", stage: .changed, result: refused, address: .second),
            Trial(title: "detached", stage: .detached, result: refused),
        ]
    }
}
