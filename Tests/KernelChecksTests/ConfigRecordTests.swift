import ConfigCheck
import KernelChecks
import RunModel
import TestSupport
import Testing

/// Configs as sides of a comparison.
struct ConfigRecordTests {
    @Test func `a config tells the values of what BPF has to do with, plain or compressed`() throws {
        let text = Array(generated("6.1.0", "CONFIG_BPF=y", "CONFIG_VETH=m").utf8)
        for bytes in [text, try gzip(text)] {
            let record = try #require(try ConfigRecord("mine", bytes)).record
            #expect(record.options?["CONFIG_BPF"] == "y" && record.options?["CONFIG_KPROBES"] == "absent")
            #expect(record.source == "mine" && record.profile == CheckComparison.noProfile)
        }
    }

    @Test func `a fragment leaves to Kconfig what it does not mention`() throws {
        let record = try #require(try ConfigRecord("-", Array("CONFIG_BPF=y\nCONFIG_NET=y\n".utf8))).record
        #expect(record.options?["CONFIG_BPF"] == "y" && record.options?["CONFIG_KPROBES"] == nil)
        #expect(record.source == "standard input")
    }

    @Test(arguments: ["", "{\"schema\": \"x\"}", "\u{7f}ELF", "hello"])
    func `what is no config is none`(text: String) throws {
        #expect(try ConfigRecord("x", Array(text.utf8)) == nil)
    }
}
