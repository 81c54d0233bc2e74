import LibBPF

extension TestLruDist {
    /// What the program keeps for each processor: numbers of 8 bytes, by their places.
    enum Field: Int16, CaseIterable {
        /// The place of the next key, and what is added to keys.
        case cursor, offset
        /// Accesses to keys that were there and that were not, new keys that the kernel refused, and other values than the written.
        case hits, misses, refused, wrong

        static let size = allCases.count * 8
        var place: Int16 { rawValue * 8 }
    }

    /// Each run takes the next key of the row and looks it up: a hit if it is there, else a miss, and it is written.
    ///
    /// To the key of the row the offset is added, and to the value, which is the key, once more.
    static func play(on hash: Int32) -> [Instruction] {
        let (key, value): (Int16, Int16) = (-16, -24)
        func count(_ field: Field) -> [Instruction] {
            [.load(.r1, from: .r6, field.place), .add(.r1, 1), .store(.r1, at: .r6, field.place)]
        }
        func lookup(_ map: Int32, at place: Int16) -> [Instruction] {
            [.move(.r2, .r10), .add(.r2, Int32(place)), .move(.r1, map: map), .upperHalf(of: 0), .call(.mapLookup)]
        }
        let end: [Instruction] = [.move(.r0, 0), .exit]
        let hit =
            count(.hits) + [.load(.r1, from: .r0, 0), .jump(over: 3, if: .r1, .equal, .r7)] + count(.wrong) + end
        let write: [Instruction] = [
            .move(.r2, .r10), .add(.r2, Int32(key)), .move(.r3, .r10), .add(.r3, Int32(value)),
            .move(.r1, map: hash), .upperHalf(of: 0),
            // BPF_NOEXIST.
            .move(.r4, 1), .call(.mapUpdate), .jump(over: 3, if: .r0, .equal, 0),
        ]
        let miss = count(.misses) + write + count(.refused) + end
        let add: [Instruction] = [
            .load(.r7, from: .r0, 0), .load(.r1, from: .r6, Field.offset.place),
            .add(.r7, .r1), .store(.r7, at: .r10, key), .add(.r7, .r1), .store(.r7, at: .r10, value),
        ]
        let access = add + lookup(hash, at: key) + [.jump(over: Int16(miss.count), if: .r0, .notEqual, 0)] + miss + hit
        let next: [Instruction] = [.move(.r6, .r0), .load(.r1, from: .r6, 0), .store(.r1, at: .r10, -4, width: .word)]
        // Over all but the two instructions at the end.
        let seek =
            next + count(.cursor) + lookup(1, at: -4)
            + [.jump(over: Int16(access.count - end.count), if: .r0, .equal, 0)] + access
        return [.store(0, at: .r10, -4, width: .word)] + lookup(0, at: -4)
            + [.jump(over: Int16(seek.count - end.count), if: .r0, .equal, 0)] + seek
    }
}
