import RunModel
import SystemPackage
import TestSupport
import Testing

@testable import ConfigCheck

/// Configs as they come out of editors, shells, merges and broken copies: what can be read counts, the rest is unknown.
@Suite struct DamageTests {
    private static func verdicts(_ options: [String], on text: String) throws -> [CheckVerdict] {
        report(try profile(options.map { "\($0)=y\n" }.joined()), on: text).checks.map(\.verdict)
    }

    @Test func `an int that Linux 6.1's conf left empty is one finding and the rest is judged`() throws {
        let config = generated("6.1.0", "CONFIG_64BIT=y", "CONFIG_VENDOR_OTP_IMPL=", "CONFIG_NET=y")
        let options = ["CONFIG_NET", "CONFIG_BPF", "CONFIG_VENDOR_OTP_IMPL"]
        #expect(try Self.verdicts(options, on: config) == [.met, .unmet, .unknown])
        let subject = IdentifiedConfig(judgedForItself: parsed(config), source: ".config")
        #expect(subject.remarks == [".config:6: CONFIG_VENDOR_OTP_IMPL has no value"])
    }

    @Test(arguments: [
        "CONFIG_X=yes", "CONFIG_X = y", " CONFIG_X=y", "CONFIG_X", "CONFIG_X=", "CONFIG_X=\"y", "CONFIG_X=\"\" y",
        "+CONFIG_X=y",
        "export CONFIG_X=y", "CONFIG_X=y\u{0}", "\u{1b}[2JCONFIG_X=y", "config CONFIG_X",
        "CONFIG_X=\"" + String(repeating: "x", count: 20_000) + "\"",
    ])
    func `an option in a line that cannot be read is unknown`(line: String) throws {
        let config = generated("6.1.0", "CONFIG_A=y", line, "CONFIG_B=y")
        let found = parsed(config)
        #expect(found.faultCount == 1)
        let verdicts = try Self.verdicts(["CONFIG_A", "CONFIG_X", "CONFIG_B"], on: config)
        #expect(verdicts == [.met, .unknown, .met])
        // What is said later counts, as it does for Kconfig.
        #expect(try Self.verdicts(["CONFIG_X"], on: config + "# CONFIG_X is not set\n") == [.unmet])
        #expect(try Self.verdicts(["CONFIG_X"], on: generated("6.1.0", "CONFIG_X=y", "CONFIG_Y=y", line)) == [.unknown])
    }

    @Test(arguments: ["CONFIG_Z=\u{0}\u{0}\u{0}\u{0}", "\u{0}\u{0}\u{0}", String(repeating: "z", count: 20_000)])
    func `where text is lost no option is called absent`(line: String) throws {
        let config = generated("6.1.0", "CONFIG_A=y", line, "CONFIG_B=y")
        #expect(try Self.verdicts(["CONFIG_A", "CONFIG_X", "CONFIG_B"], on: config) == [.met, .unknown, .met])
    }

    @Test func `behind the end of a torn file no option is called absent`() throws {
        let torn = String(generated("6.1.0", "CONFIG_A=y", "CONFIG_BPF_SYSCALL=y").dropLast(6))
        #expect(try Self.verdicts(["CONFIG_A", "CONFIG_B"], on: torn) == [.met, .unknown])
        #expect(report(try profile("CONFIG_B=y\n"), on: torn).conclusion == .inconclusive)
        // A heading that is torn says so too, and a whole file that only lost its last newline is whole.
        let heading = generated("6.1.0", "CONFIG_A=y", "# Networking supp").dropLast()
        #expect(try Self.verdicts(["CONFIG_A", "CONFIG_B"], on: String(heading)) == [.met, .unknown])
        let end = generated("6.1.0", "CONFIG_A=y", "# end of Kernel hacking").dropLast()
        #expect(try Self.verdicts(["CONFIG_A", "CONFIG_B"], on: String(end)) == [.met, .unmet])
    }

    @Test func `of a merge's conflict only what both sides say counts`() throws {
        let config = generated(
            "6.1.0",
            "CONFIG_A=y",
            "<<<<<<< HEAD",
            "CONFIG_B=y",
            "CONFIG_C=y",
            "CONFIG_E=y",
            "||||||| base",
            "CONFIG_C=m",
            "=======",
            "CONFIG_B=y",
            "# CONFIG_C is not set",
            ">>>>>>> theirs",
            "CONFIG_D=y"
        )
        let found = parsed(config)
        #expect(
            found.faults.map { "\($0)" } == [
                "line 6: a merge left a conflict here; resolve it and keep one of the two sides"
            ]
        )
        let options = ["CONFIG_A", "CONFIG_B", "CONFIG_C", "CONFIG_D", "CONFIG_E"]
        #expect(try Self.verdicts(options, on: config) == [.met, .met, .unknown, .met, .unknown])
        // One that was never closed.
        let open = generated("6.1.0", "<<<<<<< HEAD", "CONFIG_A=y", "=======", "# CONFIG_A is not set")
        #expect(try Self.verdicts(["CONFIG_A"], on: open) == [.unknown])
    }

    @Test func `a mark of the byte order, UTF-16 and the line ends of other systems change nothing`() throws {
        let text = generated("6.1.0", "CONFIG_A=y", "# CONFIG_B is not set", "CONFIG_C=\"é\"")
        let plain = parsed(text)
        let crlf = text.replacing("\n", with: "\r\n")
        var variants: [[UInt8]] = [
            [0xef, 0xbb, 0xbf] + text.utf8, Array(crlf.utf8), [0xef, 0xbb, 0xbf] + crlf.utf8,
            Array(text.replacing("\n", with: "\r").utf8), Array(text.replacing("\n", with: " \t\r\n").utf8),
        ]
        for text in [text, crlf] {
            variants.append([0xff, 0xfe] + text.utf16.flatMap { [UInt8($0 & 0xff), UInt8($0 >> 8)] })
            variants.append([0xfe, 0xff] + text.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xff)] })
        }
        for bytes in variants {
            let found = KernelConfig(parsing: bytes)
            #expect(found == plain, "\(bytes.prefix(8))")
        }
        let asked = try ConfigProfile(name: "x", parsing: [0xef, 0xbb, 0xbf] + "# [for é]\r\nCONFIG_A=y\r\n".utf8)
        #expect(asked.requirements.map(\.purposes) == [["é"]])
    }

    @Test func `many bad lines are counted and few are told`() {
        let text = (0..<3000).map { "CONFIG_\($0)=y\nCONFIG_BAD_\($0)=?" }.joined(separator: "\n") + "\n"
        let config = parsed(text)
        #expect(config.faultCount == 3000 && config.faults.count == 100 && config.count == 3000)
        let remarks = IdentifiedConfig(judgedForItself: config, source: "x").remarks
        #expect(remarks.count == 12 && remarks[10] == "x: 2990 more such lines")
    }

    @Test func `a file with more bad lines than options is no config`() throws {
        let folder = try ScratchFolder()
        let page = try folder.write("page.html", "<!DOCTYPE html>\n<html><body>\nCONFIG_BPF=y\n</body></html>\n")
        #expect {
            try KernelConfigSource.file(page).read()
        } throws: {
            "\($0)".hasSuffix("line 1: expected 'CONFIG_X=…' or a comment, found '<!DOCTYPE html>'")
        }
    }
}
