import SampleKit

extension Tracex4 {
    static let examples: [Example<Observation>] = [
        .accepted("every object tabled", seen()),
        .accepted(
            "the word unreadable, for the recorder too",
            seen(changing: all) { ($0.place, $0.placeWitnessed) = (0, 0) }
        ),
        .accepted("others allocate too", seen(entries: 500, witnessed: 460)),
        .accepted("a task_struct freed unseen", seen(changing: [70]) { ($0.isFreed, $0.atEnd) = (false, .kept) }),
        .rejected(
            "no task_struct seen freed",
            seen(changing: Set(64..<72)) { ($0.isFreed, $0.atEnd) = (false, .kept) }
        ),
        .rejected("a socket buffer freed unseen", seen(changing: [7]) { ($0.isFreed, $0.atEnd) = (false, .kept) }),
        .rejected("nothing made", Observation()),
        .rejected("an old entry not replaced", seen(changing: [5]) { ($0.hadOld, $0.isTimely) = (true, false) }),
        .rejected(
            "half the room",
            {
                var other = seen()
                other.room = 500_000
                return other
            }()
        ),
        .rejected("only others allocated", Observation(entries: 300, witnessed: 300, arrivedDetached: 16)),
        .rejected("never entered", seen(changing: all) { $0 = SlabObject(isKnown: true) }),
        .rejected("a message's buffer not entered", seen(changing: [9]) { $0 = SlabObject(isKnown: true) }),
        .rejected("a thread not entered", seen(changing: [71]) { $0 = SlabObject(isKnown: true) }),
        .rejected("addresses not known", seen(changing: all) { $0.isKnown = false }),
        .rejected("wrong times", seen(changing: all) { $0.isTimely = false }),
        .rejected("another word", seen(changing: [3]) { $0.place = 8 }),
        .rejected("the word not read", seen(changing: all) { $0.place = 0 }),
        .rejected("never deleted", seen(changing: all) { ($0.atHalf, $0.atEnd) = (.kept, .kept) }),
        .rejected("all deleted at once", seen(changing: all) { $0.atHalf = .gone }),
        .rejected("an entry overwritten", seen(changing: [40]) { $0.atHalf = .changed }),
        .rejected("a thread's deleted while it slept", seen(changing: [64]) { $0.atHalf = .gone }),
        .rejected("a message's left behind", seen(changing: [63]) { $0.atEnd = .kept }),
        .rejected("a thread's left behind", seen(changing: [70]) { $0.atEnd = .kept }),
        .rejected("a message lost", seen(arrived: 63)),
        .rejected("entries of objects that nobody made", seen(entries: 128, witnessed: 72)),
        .rejected("entered after detaching", seen(detached: (16, 1))),
        .rejected("nothing sent after detaching", seen(detached: (0, 0))),
    ]

    private static let all = Set(0..<messages + threads)

    /// What a run ought to show; the objects at these places, of the messages and then of the threads, are changed.
    private static func seen(
        arrived: Int = messages,
        entries: Int = 90,
        witnessed: Int = 90,
        detached: (arrived: Int, entries: Int) = (messagesDetached, 0),
        changing places: Set<Int> = [],
        _ change: (inout SlabObject) -> Void = { _ in }
    ) -> Observation {
        let objects = (0..<messages + threads).map { index in
            var object = SlabObject(
                isKnown: true,
                isTabled: true,
                isTimely: true,
                place: index < messages ? 0 : 0xffff_ffff_8100_0040,
                placeWitnessed: index < messages ? 0 : 0xffff_ffff_8100_0040,
                isFreed: true,
                atHalf: index < messages / 2 ? .gone : .kept,
                atEnd: .gone
            )
            if places.contains(index) { change(&object) }
            return object
        }
        return Observation(
            functions: ["kmem_cache_free", "kmem_cache_alloc_node"],
            arrived: arrived,
            messages: Array(objects.prefix(messages)),
            threads: Array(objects.dropFirst(messages)),
            entries: entries,
            room: room,
            witnessed: witnessed,
            arrivedDetached: detached.arrived,
            entriesDetached: detached.entries
        )
    }
}
