import LibBPF
import LinuxHost
import RunModel
import SampleKit
import SampleLab

/// Answers IPv4 frames above 600 bytes with ICMP "fragmentation needed", made from the frame itself.
struct XdpAdjustTail: Sample {
    struct Observation: Codable, Equatable {
        /// With the program run by the network stack.
        var generic = Run()
        /// With the program run by the driver.
        var native = Run()
        /// Whether the object folds its checksums once, so that one may lack its last carry: sources of Linux 6.8 and before do,
        /// those of 7.1 and of later releases of 6.1 do not.
        var foldsOnce: Bool?
    }

    /// One mode's part.
    struct Run: Codable, Equatable {
        /// How many answers the kern half counted.
        var counted: UInt64 = 0
        /// What the ends of the pair saw.
        var seen = XDPSightings()
        /// How many processors sent the frames, one after another.
        var rounds: Int? = 1
        /// Whether the object has a variable for the largest size, as those of Linux 5.2 and later do.
        var hasVariable = false
    }

    static let manifest = Manifest(
        summary: "an XDP program cuts large IPv4 frames down and sends them back as ICMP fragmentation needed",
        oracle:
            "on a veth, in generic and in native mode, on each of up to four processors, each IPv4 frame of 601 to 3014 bytes is answered "
            + "once by ICMP type 3, code 4, mtu 586 and two bytes of the frame's own in between, 126 bytes long, with swapped addresses, valid checksums (without their last "
            + "carry, where the object's source forgets it) and the frame's first 84 bytes of IPv4; the map counts the answers, in native mode from 2^32-1 on; frames of 60 to 600 bytes "
            + "and those of other EtherTypes pass unchanged; where the object has a variable for it, the same with limits of 1000, 50, which "
            + "counts as 98, and 66136",
        kernSources: ["samples/bpf/xdp_adjust_tail_kern.c"],
        programTypes: ["XDP"],
        needs: .xdp
    )

    func observe(in arena: borrowing Arena) throws -> Observation {
        let pair = try VethPair(shape: RouteSocket.VethShape(mtu: 3000))
        return Observation(
            generic: try observe(.generic, on: pair, in: arena),
            native: try observe(.native, on: pair, in: arena),
            foldsOnce: Self.foldsOnce(try arena.loadObject())
        )
    }

    /// Whether a program shifts down a half of each of its two sums once, and not twice: BPF_RSH by 16, in either width.
    private static func foldsOnce(_ object: borrowing LoadedObject) -> Bool {
        let instructions = object.instructions["_xdp_icmp"] ?? []
        return instructions.count { ($0.code == 0x77 || $0.code == 0x74) && $0.immediate == 16 } == 2
    }

    private func observe(_ mode: BPFProgram.XDPMode, on pair: VethPair, in arena: borrowing Arena) throws -> Run {
        let object = try arena.loadObject()
        let counter = try object.map("icmpcnt")
        // One short of 2^32 in one mode, so that a counter of less than 64 bits loses what it counted.
        let start: UInt64 = mode == .native ? 1 << 32 - 1 : 0
        try counter.update(UInt32(0), start)
        let counted = { try (counter.lookup(UInt32(0), as: UInt64.self) ?? 0) &- start }
        // Where its user half finds the variable too.
        let variable = try? object.map(".data")
        let all = Kind.all(hasVariable: variable != nil)
        var rounds = 0
        var total: UInt64 = 0
        let seen = try pair.expose(to: try object.program("_xdp_icmp"), mode, in: arena) { socket, _ in
            rounds += 1
            for limit in variable == nil ? [Kind.usual] : Kind.limits {
                // The first is what the object has by itself.
                if rounds > 1 || limit != Kind.usual { try variable?.update(UInt32(0), limit) }
                for kind in all where kind.limit == limit {
                    for _ in 0..<kind.count { try socket.send(kind.bytes) }
                    if kind.isAnswered { total += UInt64(kind.count) }
                }
                let isCounted = try Deadline(after: answerTime).poll(everyMilliseconds: 1) { try counted() >= total }
                if !isCounted { return false }
                // Frames that only pass are counted nowhere, and the next limit must not come before they do.
                SenderProcessors.settle()
            }
            return true
        }
        return Run(counted: try counted(), seen: seen, rounds: max(1, rounds), hasVariable: variable != nil)
    }

    func judge(_ seen: Observation) -> Judgement {
        let foldsOnce = seen.foldsOnce == true
        return Judgement(checks("generic", seen.generic, foldsOnce) + checks("native", seen.native, foldsOnce))
    }

    private func checks(_ mode: String, _ run: Run, _ foldsOnce: Bool) -> [Check] {
        let answers = run.seen.returned.map { (text: $0.key, count: $0.value) }
        let rounds = run.rounds ?? 1
        var passed = run.seen.passed
        var unexplained = Set(answers.map(\.text))
        var checks: [Check] = []
        let all = Kind.all(hasVariable: run.hasVariable)
        for kind in all {
            checks.append(
                .equal(
                    "\(kind.title) that passed, \(mode)",
                    expected: kind.isAnswered ? 0 : kind.count * rounds,
                    observed: passed.removeValue(forKey: Hexadecimal.text(kind.bytes)) ?? 0
                )
            )
            guard kind.isAnswered else { continue }
            // The answers of one kind may differ: the kern half leaves the IPv4 identification and the fragment word as it
            // found them.
            let quoting = answers.filter { $0.text.hasSuffix(Hexadecimal.text(kind.quote)) }
            unexplained.subtract(quoting.map(\.text))
            checks += [
                .equal(
                    "answers to \(kind.title), \(mode)",
                    expected: kind.count * rounds,
                    observed: quoting.reduce(0) { $0 + $1.count }
                ),
                .equal(
                    "form of the answers to \(kind.title), \(mode)",
                    expected: [Self.form(mtu: UInt16(truncatingIfNeeded: kind.limit - 14))],
                    observed: Set(quoting.map { Self.form(of: $0.text, foldsOnce) }).sorted()
                ),
            ]
        }
        let total = all.filter(\.isAnswered).reduce(0) { $0 + $1.count } * rounds
        return checks + [
            .equal("answers counted, \(mode)", expected: UInt64(total), observed: run.counted),
            .equal("other frames that came back, \(mode)", expected: [], observed: unexplained.sorted()),
            .equal("other frames that passed, \(mode)", expected: [], observed: passed.keys.sorted()),
            .equal("frames that pass each way after the detachment, \(mode)", expected: 2, observed: run.seen.markers),
        ]
    }

    /// The form that every answer must have.
    private static func form(mtu: UInt16) -> String {
        "126 bytes from \(EthernetFrame.receiver) to \(EthernetFrame.sender), type 0800, IPv4 45 00 of 112 bytes, ttl 64, "
            + "protocol 1, from \(Kind.destination) to \(Kind.source), header checksum right; ICMP type 3, code 4, unused \(unused), mtu \(mtu), "
            + "checksum right"
    }

    /// The word of the ICMP header that the kern half does not write: the end of the sender's address was there.
    private static let unused = Hexadecimal.text(EthernetFrame.sender.bytes[4..<6])

    /// What an answer says of itself, in words that can be compared.
    private static func form(of text: String, _ foldsOnce: Bool) -> String {
        guard let bytes = Hexadecimal.bytes(text), bytes.count >= 42 else { return "\(text.utf8.count / 2) bytes" }
        let word = { (at: Int) in Int(bytes[at]) << 8 | Int(bytes[at + 1]) }
        let address = { (at: Int) in bytes[at..<(at + 4)].map { "\($0)" }.joined(separator: ".") }
        let hardware = { (at: Int) in HardwareAddress(bytes[at..<(at + 6)])?.description ?? "" }
        // A sum that lacks a carry is too small by one, in the machine's byte order, and its complement too great.
        let sum = { (part: ArraySlice<UInt8>) in
            let rest = InternetChecksum.of(part)
            return rest == 0 || foldsOnce && rest == UInt16(bigEndian: 0xfffe) ? "right" : "wrong"
        }
        return "\(bytes.count) bytes from \(hardware(6)) to \(hardware(0)), type \(Hexadecimal.text(bytes[12..<14])), "
            + "IPv4 \(Hexadecimal.text(bytes[14..<15])) \(Hexadecimal.text(bytes[15..<16])) of \(word(16)) bytes, "
            + "ttl \(bytes[22]), protocol \(bytes[23]), from \(address(26)) to \(address(30)), "
            + "header checksum \(sum(bytes[14..<34])); ICMP type \(bytes[34]), code \(bytes[35]), "
            + "unused \(Hexadecimal.text(bytes[38..<40])), mtu \(word(40)), "
            + "checksum \(sum(bytes[34...]))"
    }
}
