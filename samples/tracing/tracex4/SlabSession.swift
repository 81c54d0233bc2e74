import CLinux
import LibBPF
import LinuxHost
import SampleKit
import SampleLab

/// One run of own work that makes and frees slab objects, with recorders beside the kern half.
///
/// Which objects they are, tracepoints tell, which have nothing to do with kprobes.
struct SlabSession: ~Copyable {
    /// How long the kernel may take until it frees what it knew of a thread that has ended.
    private static let freeingTime = Duration.seconds(8)
    /// Messages that are sent before the others and never received.
    ///
    /// Since Linux 6.19 every processor keeps up to 128 socket buffers that network devices are done with, and a process's
    /// message gets one of these before any is allocated. They have to be used up first, or what a sample before this one
    /// has sent decides which of our messages the kern half sees.
    private static let spareMessages = 160
    /// Room for 262144 firings.
    private static let capacity = 1 << 23

    private let table: SlabTable
    private let allocated: FunctionRecorder
    private let released: FunctionRecorder
    private let consumed: TracepointRecorder
    private let born: TracepointRecorder
    private let freed: TracepointRecorder
    private let since: UInt64

    /// Starts the recorders.
    ///
    /// - Parameters:
    ///   - map: The kern half's table.
    ///   - freeing: The function whose entries the kern half goes by.
    ///   - allocating: The function whose returns it goes by.
    /// - Throws: `SystemCallError` where a recorder cannot be attached.
    init(_ map: BPFMap, freeing: String, allocating: String) throws {
        let returns = try FunctionRecorder(.return, of: allocating, capacity: Self.capacity)
        let entries = try FunctionRecorder(.entry(argument: 2), of: freeing, capacity: Self.capacity)
        let buffers = try TracepointRecorder("consume_skb", arguments: 1, capacity: Self.capacity)
        let births = try TracepointRecorder("task_newtask", arguments: 1)
        let deaths = try TracepointRecorder("sched_process_free", arguments: 1)
        table = SlabTable(map: map)
        allocated = returns
        released = entries
        consumed = buffers
        born = births
        freed = deaths
        since = Deadline.now
    }

    /// Makes and frees objects, and reads the table in between.
    func run(in arena: borrowing Arena, _ seen: inout Tracex4.Observation) throws {
        var queue = try MessageQueue()
        var spare = try MessageQueue()
        var threads = try SleepingThreads()
        let old = try leaveOld(in: arena)
        try arena.stimulate {
            try Processors.pinned(to: lx_current_cpu()) {
                for _ in 0..<Self.spareMessages { try spare.send() }
                for _ in 0..<Tracex4.messages { try queue.send() }
            }
            for _ in 0..<Tracex4.threads { threads.start() }
        }
        let made = try table.read()
        seen.room = Int(table.map.capacity)
        try arena.stimulate { for _ in 0..<Tracex4.messages / 2 { try queue.receive() } }
        let half = try table.read()
        var ended = Deadline.now
        try arena.stimulate {
            for _ in Tracex4.messages / 2..<Tracex4.messages { try queue.receive() }
            ended = threads.end()
        }
        let tasks = try Self.whole(try born.take(), "tasks")
        let own = threads.started.map { start in tasks.filter { start ~= $0.time }.map(\.first) }
        var end = try readings(made, half, waitingFor: Set(own.joined()))
        end.old = old
        let buffers = try Self.whole(try consumed.take(), "socket buffers")
        let account = SlabAccount(
            allocated: try Self.whole(try allocated.take(), "allocations"),
            released: try Self.whole(try released.take(), "freed objects")
        )
        seen.arrived = queue.arrived
        seen.messages = queue.sent.indices.map { index in
            let receiving = queue.received[index]
            let addresses = buffers.filter { receiving ~= $0.time }.map(\.first)
            return account.object(at: addresses, madeIn: queue.sent[index], freedFrom: receiving.lowerBound, end)
        }
        seen.threads = threads.started.indices.map { index in
            account.object(at: own[index], madeIn: threads.started[index], freedFrom: ended, end)
        }
        let entries = made.filter { $0.value.time >= since }
        seen.entries = entries.count
        seen.witnessed = entries.count { account.hasSeen($0.key, madeAbout: $0.value.time) }
    }

    /// Makes and frees objects, and leaves entries where they were: the kernel uses such memory again.
    private func leaveOld(in arena: borrowing Arena) throws -> Set<UInt64> {
        var spare = try MessageQueue()
        var queue = try MessageQueue()
        var addresses: Set<UInt64> = []
        try arena.stimulate {
            try Processors.pinned(to: lx_current_cpu()) {
                // As many as are sent afterwards: the spare ones are the first to use such memory.
                for _ in 0..<Self.spareMessages { try spare.send() }
                for _ in 0..<Tracex4.messages { try queue.send() }
                addresses = Set(try table.read().keys)
                for _ in 0..<Tracex4.messages { try queue.receive() }
                for _ in 0..<Self.spareMessages { try spare.receive() }
            }
        }
        try table.leave(addresses)
        return addresses
    }

    /// Reads the table once the kernel has freed what it knew of threads that have ended.
    ///
    /// That is waited for by a tracepoint: a map that is read keeps programs from running on this processor meanwhile.
    private func readings(
        _ made: [UInt64: SlabTable.Entry],
        _ half: [UInt64: SlabTable.Entry],
        waitingFor tasks: Set<UInt64>
    ) throws -> SlabTable.Readings {
        let deadline = Deadline(after: Self.freeingTime)
        var left = tasks
        _ = try deadline.poll(everyMilliseconds: 10) {
            for firing in try freed.take().firings { left.remove(firing.first) }
            return left.isEmpty
        }
        // The tracepoint fires a moment before the object is freed, maybe on another processor.
        let last = Deadline(after: .seconds(1))
        while true {
            // Later than all that was freed before, also by a clock that moves with the timer tick only.
            let begin = Deadline.nextMoment
            let end = try table.read()
            if last.hasPassed || !tasks.contains(where: { made[$0] != nil && end[$0] == made[$0] }) {
                return SlabTable.Readings(made: made, half: half, end: end, endTime: begin)
            }
            last.pause(milliseconds: 20)
        }
    }

    /// Makes and frees objects when the programs are detached.
    func runDetached(in arena: borrowing Arena, _ seen: inout Tracex4.Observation) throws {
        var queue = try MessageQueue()
        try arena.stimulate {
            for _ in 0..<Tracex4.messagesDetached {
                try queue.send()
                try queue.receive()
            }
        }
        seen.arrivedDetached = queue.arrived
        let entries = try table.read().values
        seen.entriesDetached = entries.count { entry in queue.sent.contains { $0 ~= entry.time } }
    }

    private static func whole(
        _ recording: TracepointRecorder.Recording,
        _ what: String
    ) throws -> [TracepointRecorder.Firing] {
        guard !recording.isTorn else { throw TornRecord(what: what) }
        return recording.firings
    }
}

/// More happened on the machine than a recorder had room for.
struct TornRecord: Error, CustomStringConvertible {
    let what: String

    var description: String {
        "record the machine's \(what): there were more in the time of \(Tracex4.messages) own messages than a buffer holds; "
            + "is the machine busy?"
    }
}
