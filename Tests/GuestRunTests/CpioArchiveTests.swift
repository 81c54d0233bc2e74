import Testing

@testable import GuestRun

struct CpioArchiveTests {
    private func text(_ bytes: some Collection<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test func `a file is a header of 110 digits, its name and its bytes, each padded to 4`() {
        var archive = CpioArchive()
        archive.addFile("a", Array("hello".utf8))
        let expected =
            "070701" + "00000001" + "00008180" + "00000000" + "00000000" + "00000001" + "00000000" + "00000005"
            + "00000000" + "00000000" + "00000000" + "00000000" + "00000002" + "00000000" + "a\0" + "hello\0\0\0"
            + "070701" + "00000000" + "00000000" + "00000000" + "00000000" + "00000001" + "00000000" + "00000000"
            + "00000000" + "00000000" + "00000000" + "00000000" + "0000000B" + "00000000" + "TRAILER!!!\0" + "\0\0\0"
        #expect(text(archive.finished) == expected)
    }

    @Test func `folders stand before what is in them, once`() {
        var archive = CpioArchive()
        archive.addFile("/a/b/one", [], executable: true)
        archive.addFile("a/b/two", [])
        archive.addFolder("a")
        let entries = Cpio.entries(of: archive.finished)
        #expect(entries.map(\.name) == ["a", "a/b", "a/b/one", "a/b/two"])
        #expect(entries.map(\.mode) == [0o040755, 0o040755, 0o100755, 0o100600])
        #expect(Set(entries.map(\.inode)).count == 4)
    }

    @Test func `a device's numbers are in its header`() throws {
        var archive = CpioArchive()
        archive.addCharacterDevice("dev/console", major: 5, minor: 1)
        let device = try #require(Cpio.entries(of: archive.finished).last)
        #expect(device.mode == 0o020600 && device.device == [5, 1])
    }

    @Test(arguments: 0..<9) func `every archive is a multiple of 4, so that another can follow`(size: Int) {
        var archive = CpioArchive()
        archive.addFile(String(repeating: "n", count: size + 1), [UInt8](repeating: 1, count: size))
        #expect(archive.finished.count % 4 == 0)
    }

    @Test func `a guest's root is two archives with all it needs`() {
        var contents = Initramfs.Contents()
        contents.objects = ["/b/x y.o": [1, 2, 3], "/a.b.o": [4]]
        contents.modules = [("veth.ko", [5, 6])]
        let key = [UInt8](repeating: 9, count: 16)
        let base = Initramfs(worker: [7, 7]).base
        let run = Initramfs.run(contents, key: key, release: "6.1.0-1-amd64")
        let entries = Cpio.entries(of: base) + Cpio.entries(of: run)
        let files = Dictionary(entries.map { ($0.name, $0.data) }, uniquingKeysWith: { $1 })
        #expect(files["init"] == [7, 7] && files["assay/key"] == key)
        #expect(files["assay/objects/0.o"] == [4] && files["assay/objects/1.o"] == [1, 2, 3])
        #expect(contents.number(of: "/b/x y.o") == 1 && contents.number(of: "/none.o") == nil)
        #expect(files["assay/modules/veth.ko"] == [5, 6])
        #expect(files["assay/modules.order"].map { text($0) } == "veth.ko\n")
        #expect(!files.keys.contains { $0.hasPrefix("boot/") })
        contents.config = "CONFIG_HZ=250\n"
        let other = Cpio.entries(of: Initramfs.run(contents, key: key, release: "6.1.0-1-amd64"))
        // Where libbpf looks for it, which asks uname(2) for the release.
        #expect(other.contains { $0.name == "boot/config-6.1.0-1-amd64" && text($0.data) == "CONFIG_HZ=250\n" })
        contents.config = nil
        #expect(files["dev/console"] != nil && files["assay/worker"] == nil)
        #expect(Initramfs.run(contents, key: key, release: "6.1.0-1-amd64") == run)
    }
}

/// A reader of archives for tests, after the kernel's description and not after our writer.
enum Cpio {
    struct Entry {
        var name: String
        var inode: Int
        var mode: Int
        var device: [Int]
        var data: [UInt8]
    }

    static func entries(of archive: [UInt8]) -> [Entry] {
        var entries: [Entry] = []
        var at = 0
        while at + 110 <= archive.count, archive[at..<(at + 6)].elementsEqual("070701".utf8) {
            let fields = (0..<13).map { field in
                let start = at + 6 + field * 8
                return Int(String(decoding: archive[start..<(start + 8)], as: UTF8.self), radix: 16) ?? -1
            }
            let name = String(decoding: archive[(at + 110)..<(at + 110 + fields[11] - 1)], as: UTF8.self)
            if name == "TRAILER!!!" { return entries }
            let start = (at + 110 + fields[11] + 3) / 4 * 4
            entries.append(
                Entry(
                    name: name,
                    inode: fields[0],
                    mode: fields[1],
                    device: [fields[9], fields[10]],
                    data: Array(archive[start..<(start + fields[6])])
                )
            )
            at = (start + fields[6] + 3) / 4 * 4
        }
        return []
    }
}
