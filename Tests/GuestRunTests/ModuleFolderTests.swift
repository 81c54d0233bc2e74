import FileBytes
import Foundation
import Testing

@testable import GuestRun

struct ModuleFolderTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// A module's file: ELF with a `.modinfo` that names what it depends on.
    private func module(_ depends: String) -> [UInt8] {
        SmallELF.file(sections: [(".modinfo", Array("license=GPL\0depends=\(depends)\0name=x\0".utf8))])
    }

    private func loaded(_ names: [String]) throws -> [String] {
        try #require(ModuleFolder(folder.path)).load(names).map(\.name)
    }

    @Test func `what a module needs is loaded before it, each once`() throws {
        try folder.write("kernel/net/ipip.ko", module("tunnel4,ip_tunnel"))
        try folder.write("kernel/net/tunnel4.ko", module(""))
        try folder.write("kernel/net/ip-tunnel.ko", module(""))
        try folder.write("kernel/net/sit.ko", module("tunnel4,ip_tunnel"))
        #expect(try loaded(["ipip", "sit"]) == ["tunnel4.ko", "ip_tunnel.ko", "ipip.ko", "sit.ko"])
        #expect(try loaded(["ip-tunnel"]) == ["ip_tunnel.ko"])
    }

    @Test func `what is built in is not loaded`() throws {
        try folder.write("kernel/veth.ko", module("llc"))
        try folder.write("modules.builtin", Array("kernel/net/llc.ko\n".utf8))
        #expect(try loaded(["veth", "llc"]) == ["veth.ko"])
        #expect(try #require(ModuleFolder(folder.path)).has("llc"))
    }

    @Test func `a missing module is named, with who needs it`() throws {
        try folder.write("kernel/veth.ko", module("gone"))
        let modules = try #require(ModuleFolder(folder.path))
        #expect(throws: ModuleFolder.Failure.missing("gone", neededBy: "veth")) { try modules.load(["veth"]) }
        #expect(throws: ModuleFolder.Failure.missing("other", neededBy: nil)) { try modules.load(["other"]) }
    }

    @Test func `modules in a circle are refused`() throws {
        try folder.write("a.ko", module("b"))
        try folder.write("b.ko", module("a"))
        let modules = try #require(ModuleFolder(folder.path))
        #expect(throws: ModuleFolder.Failure.circle("a")) { try modules.load(["a"]) }
    }

    @Test(arguments: [[], [0x7f, 0x45, 0x4c, 0x46], [UInt8](repeating: 0xff, count: 200)] as [[UInt8]])
    func `a file that is no module is refused`(bytes: [UInt8]) throws {
        try folder.write("veth.ko", bytes)
        let modules = try #require(ModuleFolder(folder.path))
        #expect(throws: ModuleFolder.Failure.self) { try modules.load(["veth"]) }
    }

    @Test func `a folder without modules is none`() {
        #expect(ModuleFolder(folder.path) == nil)
        #expect(ModuleFolder("\(folder.path)/nothing") == nil)
    }

    @Test func `damaged ELF files are read without harm`() {
        let whole = module("a,b")
        for index in whole.indices.prefix(200) {
            for value in [UInt8(0), 0xff, 0x7f] {
                var damaged = whole
                damaged[index] = value
                _ = try? ModuleFolder.dependencies(of: damaged, "x")
                _ = ELFImage(damaged)?.hasPVHEntry
                _ = ELFImage(damaged)?.hasInterpreter
            }
            _ = try? ModuleFolder.dependencies(of: Array(whole.prefix(index)), "x")
        }
        #expect((try? ModuleFolder.dependencies(of: whole, "x")) == ["a", "b"])
    }
}
