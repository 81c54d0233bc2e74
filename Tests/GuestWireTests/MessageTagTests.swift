import Testing

@testable import GuestWire

struct MessageTagTests {
    /// The key of the vectors that SipHash's authors publish: 00 01 … 0f.
    private let key = (0..<16).map { UInt8($0) }

    /// The published tags of messages of 0, 1, 2 … bytes 00 01 02 and so on.
    @Test(arguments: [
        (0, 0x726f_db47_dd0e_0e31), (1, 0x74f8_39c5_93dc_67fd), (7, 0xab02_00f5_8b01_d137),
        (8, 0x93f5_f579_9a93_2462), (15, 0xa129_ca61_49be_45e5),
    ])
    func `tags are those of SipHash-2-4`(count: Int, tag: UInt64) throws {
        let tags = try #require(MessageTag(key: key))
        #expect(tags.tag(of: (0..<count).map { UInt8($0) }) == tag)
    }

    @Test func `a key of another size is none`() {
        #expect(MessageTag(key: Array(key.dropLast())) == nil)
        #expect(MessageTag(key: key + [0]) == nil)
    }
}
