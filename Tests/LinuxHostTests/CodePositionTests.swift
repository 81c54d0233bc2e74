import Testing

@testable import LinuxHost

struct CodePositionTests {
    private static let maps = """
        5581f7a00000-5581f7a12000 r--p 00000000 fe:00 393280                     /opt/a program
        5581f7a12000-5581f7b00000 r-xp 00012000 fe:00 393280                     /opt/a program
        5581f7c00000-5581f7d00000 r-xp 00000000 fe:00 393281                     /opt/gone (deleted)
        7ffd0a000000-7ffd0a021000 rw-p 00000000 00:00 0                          [stack]
        7ffd0b000000-7ffd0b021000 rw-p 00000000 00:00 0
        nonsense
        """

    @Test func `an address is found in the file that it is mapped from`() {
        let found = CodePosition.find(0x5581_f7a1_2345, inMaps: Self.maps)
        #expect(found == CodePosition(file: "/opt/a program", offset: 0x12345))
    }

    @Test(arguments: [0x5581_f7c0_0010, 0x7ffd_0a00_0010, 0x7ffd_0b00_0010, 0x10, 0x5581_f7b0_0000])
    func `what is no file any more, or none at all, has no position`(address: UInt64) {
        #expect(CodePosition.find(address, inMaps: Self.maps) == nil)
    }

    @Test func `this process finds its own target`() throws {
        let found = try #require(CodePosition.ownProbeTarget())
        #expect(found.file.hasPrefix("/") && found.offset > 0)
    }
}
