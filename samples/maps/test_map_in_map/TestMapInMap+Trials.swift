import Glibc

extension TestMapInMap {
    /// What is inside of what, one arrangement after another.
    enum Stage: CaseIterable {
        /// As the sample's own user half has it, with more entries in the array of arrays.
        case first
        /// Other maps in the place of the first.
        case exchanged
        /// Inner maps taken out again, and a hash in which the key is missing.
        case removed
        /// As before, with the program detached.
        case detached

        /// What is inside of what, as far as user space looks at it.
        static let insides = [
            "an array in the array", "an array in the hash", "a hash in the hash", "another array in the array",
            "another array in the hash", "another hash in the hash",
        ]
    }

    /// A statement of the source whose line is a result, as seen from the line of the lookup between them.
    enum Line: Equatable {
        /// The test case is none.
        case noSuchCase
        /// The outer map has no inner map for the port.
        case noInnerMap

        /// Lines from the lookup, for objects whose instructions do not tell; the same in every release that has the sample.
        var distance: Int { self == .noSuchCase ? -5 : 2 }
    }

    /// What the kern half must have put into its two results.
    enum Result {
        case nothing
        case both(Int32)
        /// The inner map is not the one known by name, for which the other result is `-EINVAL`.
        case regularOnly(Int32)
        case line(Line)
    }

    /// One call of connect(2).
    struct Trial {
        var title: String
        var stage: Stage
        var result: Result
        /// The first two words of the address, in the host's order.
        var words: (UInt16, UInt16) = (0xdead, 0xbeef)
        /// The last word of the address, in the host's order.
        var test: UInt16 = 0
        /// The port, in the host's order.
        var port: UInt16 = NestedMaps.port
        var length: socklen_t = 28
        var place = Place.readable

        /// Where the address lies.
        enum Place {
            case readable
            /// Where nothing can be read.
            case nowhere
            /// So that the port is in a page that cannot be read, and the address behind it in one that can.
            case halfway
        }

        static let missingMap = "no inner map in the array"
        static let unknownCase = "case 3"

        private static let found = Result.both(Int32(bitPattern: NestedMaps.value))
        private static let other = Result.regularOnly(Int32(bitPattern: NestedMaps.otherValue))

        static let all: [Trial] = [
            Trial(title: "array in array", stage: .first, result: found),
            Trial(title: "array in hash", stage: .first, result: found, test: 1),
            Trial(title: "hash in hash", stage: .first, result: found, test: 2),
            Trial(title: "entry never set", stage: .first, result: .both(0), port: NestedMaps.unsetPort),
            Trial(title: "another array in array", stage: .first, result: other, port: NestedMaps.otherPort),
            Trial(title: missingMap, stage: .first, result: .line(.noInnerMap), port: NestedMaps.missingPort),
            Trial(
                title: "no inner map in the hash",
                stage: .first,
                result: .line(.noInnerMap),
                test: 1,
                port: NestedMaps.otherPort
            ),
            Trial(title: unknownCase, stage: .first, result: .line(.noSuchCase), test: 3),
            Trial(title: "case 65535", stage: .first, result: .line(.noSuchCase), test: 0xffff),
            Trial(title: "case 256", stage: .first, result: .line(.noSuchCase), test: 0x100),
            Trial(title: "first word differs", stage: .first, result: .nothing, words: (0xdeac, 0xbeef)),
            Trial(title: "second word differs", stage: .first, result: .nothing, words: (0xdead, 0xbfef)),
            Trial(title: "address in the other byte order", stage: .first, result: .nothing, words: (0xadde, 0xefbe)),
            Trial(title: "an address of 16 bytes", stage: .first, result: .nothing, length: 16),
            Trial(title: "an address of 29 bytes", stage: .first, result: .nothing, length: 29),
            Trial(title: "unreadable address", stage: .first, result: .both(-EFAULT), place: .nowhere),
            Trial(title: "unreadable port", stage: .first, result: .both(-EFAULT), place: .halfway),
            Trial(title: "array in array, again", stage: .first, result: found),
            Trial(
                title: "another array in hash",
                stage: .exchanged,
                result: other,
                test: 1,
                port: NestedMaps.otherPort
            ),
            Trial(title: "another hash in hash", stage: .exchanged, result: other, test: 2, port: NestedMaps.otherPort),
            Trial(title: "array in array exchanged", stage: .exchanged, result: .regularOnly(0)),
            Trial(title: "array taken out of the array", stage: .removed, result: .line(.noInnerMap)),
            Trial(
                title: "array taken out of the hash",
                stage: .removed,
                result: .line(.noInnerMap),
                test: 1,
                port: NestedMaps.otherPort
            ),
            Trial(
                title: "key missing in the hash inside",
                stage: .removed,
                result: .both(-ENOENT),
                test: 2,
                port: NestedMaps.unsetPort
            ),
            Trial(title: "detached", stage: .detached, result: .nothing, port: NestedMaps.otherPort),
        ]
    }
}
