import Testing

@testable import GuestWire

struct FrameTests {
    private let tags: MessageTag
    private let payloads = [Array("{\"record\":\"hello\"}".utf8), [], Array("zwei Wörter".utf8)]

    init() throws {
        tags = try #require(MessageTag(key: [UInt8](repeating: 7, count: 16)))
    }

    private func stream() -> [UInt8] {
        var writer = FrameWriter(tags, as: .guest)
        return payloads.flatMap { writer.frame($0) }
    }

    @Test func `what is written is read`() throws {
        var reader = FrameReader(tags, from: .guest)
        #expect(try reader.take(stream()) == payloads)
        #expect(reader.isWhole)
    }

    @Test func `frames come whole, however the bytes are cut`() throws {
        let bytes = stream()
        for cut in bytes.indices {
            var reader = FrameReader(tags, from: .guest)
            let first = try reader.take(bytes[..<cut])
            let second = try reader.take(bytes[cut...])
            #expect(first + second == payloads)
        }
        var reader = FrameReader(tags, from: .guest)
        #expect(try bytes.flatMap { try reader.take([$0]) } == payloads)
    }

    @Test func `a stream that stops within a frame is not whole`() throws {
        var reader = FrameReader(tags, from: .guest)
        _ = try reader.take(stream().dropLast())
        #expect(!reader.isWhole)
    }

    @Test func `no byte can be changed unnoticed`() throws {
        var writer = FrameWriter(tags, as: .guest)
        let bytes = writer.frame(payloads[0])
        for index in bytes.indices.dropLast() {
            for flip in [UInt8(1), 0x20, 0x80] {
                var changed = bytes
                changed[index] ^= flip
                var reader = FrameReader(tags, from: .guest)
                let read = try? reader.take(changed)
                // A byte that became a line feed cuts the frame, and what follows is none; letters of the tag are read in
                // either case.
                let isSameTag = read == [payloads[0]] && flip == 0x20
                #expect(read == nil || isSameTag, "byte \(index) ^ \(flip)")
            }
        }
    }

    @Test func `a frame that is repeated or left out ends the stream for good`() throws {
        var writer = FrameWriter(tags, as: .guest)
        let frames = payloads.map { writer.frame($0) }
        var reader = FrameReader(tags, from: .guest)
        #expect(throws: FrameError.outOfSequence(expected: 1, found: 0)) { try reader.take(frames[0] + frames[0]) }
        #expect(throws: FrameError.outOfSequence(expected: 1, found: 0)) { try reader.take(frames[1]) }
        var other = FrameReader(tags, from: .guest)
        #expect(throws: FrameError.outOfSequence(expected: 0, found: 1)) { try other.take(frames[1]) }
    }

    @Test func `another key's frames and the other side's are forged`() throws {
        let stranger = try #require(MessageTag(key: [UInt8](repeating: 8, count: 16)))
        var writer = FrameWriter(stranger, as: .guest)
        var reader = FrameReader(tags, from: .guest)
        #expect(throws: FrameError.self) { try reader.take(writer.frame(payloads[0])) }
        var host = FrameWriter(tags, as: .host)
        var second = FrameReader(tags, from: .guest)
        #expect(throws: FrameError.self) { try second.take(host.frame(payloads[0])) }
    }

    @Test(arguments: [
        "\n", " \n", "0\n", "0 0\n", "0 00000000000000000 x\n", "x 0000000000000000 x\n", "-1 0000000000000000 x\n",
    ])
    func `what is no frame is refused`(text: String) throws {
        var reader = FrameReader(tags, from: .guest)
        #expect(throws: FrameError.self) { try reader.take(text.utf8) }
        #expect(!reader.isWhole)
    }

    @Test func `a frame that does not end is refused at the limit`() throws {
        var reader = FrameReader(tags, from: .guest, limit: 100)
        _ = try reader.take([UInt8](repeating: 0x61, count: 100))
        #expect(throws: FrameError.tooLong) { try reader.take([0x61]) }
    }

    @Test func `random bytes never make a frame`() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            var reader = FrameReader(tags, from: .guest)
            let bytes = (0..<Int.random(in: 0..<300, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            #expect(((try? reader.take(bytes)) ?? []) == [])
        }
    }
}

struct GuestCommandTests {
    @Test(arguments: [
        GuestCommand.run(number: 3, sample: "networking/sockex1", objects: [0], isControl: false, milliseconds: 40_000),
        .run(number: 0, sample: "xdp/xdp1", objects: [17, 3], isControl: true, milliseconds: 1),
        .probe(number: 9, milliseconds: 60_000), .load(number: 2, object: 3, milliseconds: 5), .shell(number: 1),
        .finish,
    ])
    func `a command is read as it was written`(command: GuestCommand) {
        #expect(GuestCommand(command.payload) == command)
    }

    @Test(arguments: [
        "", "run", "run 1 2", "run 1 0 a/b 0", "run x 1 a/b 0", "run 1 1  0", "run 1 1 a b", "run 1 1 a/b 0 x",
        "run 1 1 a/b -1", "finish now", "probe 1", "exec", "load 1 1", "load 1 0 1", "load 1 1 a", "load 1 1 1 1",
        "shell",
        "shell x", "shell 1 1",
    ])
    func `what is no command is none`(text: String) {
        #expect(GuestCommand(Array(text.utf8)) == nil)
    }

    @Test func `an object is named by its number, whatever its path was`() {
        #expect(GuestLayout.object(3) == "/assay/objects/3.o")
    }
}
