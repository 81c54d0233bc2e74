import ConfigCheck
import RunModel
import TestSupport
import Testing

@Suite struct KernelConfigTests {
    @Test(
        "each way to set an option is kept apart",
        arguments: [
            ("CONFIG_X=y", KernelConfig.Value.builtIn),
            ("CONFIG_X=m", .module),
            ("CONFIG_X=n", .no),
            ("# CONFIG_X is not set", .notSet),
            ("# CONFIG_X is not set (yet)", .notSet),
            ("CONFIG_Y=y", nil),
            ("CONFIG_XY=y", nil),
            ("# CONFIG_X=y would be nice", nil),
            ("#CONFIG_X is not set", nil),
            ("CONFIG_Y=\"CONFIG_X=y\"", nil),
            ("CONFIG_X=8192", .number("8192")),
            ("CONFIG_X=-1", .number("-1")),
            ("CONFIG_X=0x1000000", .number("0x1000000")),
            ("CONFIG_X=\"\"", .string("")),
            ("CONFIG_X=\"y\"", .string("y")),
            ("CONFIG_X=\"a=b # c\"", .string("a=b # c")),
            ("CONFIG_X=\"say \\\"hi\\\" \\\\ there\"", .string("say \"hi\" \\ there")),
            ("CONFIG_X=y \t", .builtIn),
            ("CONFIG_X=\"é\"", .string("é")),
        ] as [(String, KernelConfig.Value?)]
    )
    func states(line: String, value: KernelConfig.Value?) throws {
        #expect(parsed(line + "\n")["CONFIG_X"] == value)
        #expect(parsed(line)["CONFIG_X"] == value, "without a newline at the end")
        #expect(parsed(line + "\r\n")["CONFIG_X"] == value, "with a Windows line end")
    }

    @Test(arguments: [
        ("CONFIG_BPF", "line 2: the file is cut short at 'CONFIG_BPF'"),
        ("CONF", "line 2: the file is cut short at 'CONF'"),
        ("# CONFIG_BPF is no", "line 2: the file is cut short at '# CONFIG_BPF is no'"),
        ("CONFIG_BPF=", "line 2: the file is cut short at 'CONFIG_BPF='"),
        ("CONFIG_X=\"gcc (De", "line 2: the file is cut short at 'CONFIG_X=\"gcc (De'"),
        ("CONFIG_BPF=\n", "line 2: CONFIG_BPF has no value"),
        ("CONFIG_BPF\n", "line 2: CONFIG_BPF has no value"),
        ("CONFIG_X=\"gcc\n", "line 2: the string value of CONFIG_X has no closing quotation mark"),
        ("CONFIG_X=\"a\" b\n", "line 2: ' b' follows the string value of CONFIG_X"),
        ("CONFIG_X=yes\n", "line 2: CONFIG_X is set to 'yes', which is neither y, m, n, a number nor a quoted string"),
        ("CONFIG_X=0x\n", "line 2: CONFIG_X is set to '0x', which is neither y, m, n, a number nor a quoted string"),
        ("CONFIG_X = y\n", "line 2: expected 'CONFIG_X=…' or a comment, found 'CONFIG_X = y'"),
        ("CONFIG_=y\n", "line 2: expected 'CONFIG_X=…' or a comment, found 'CONFIG_=y'"),
        (" CONFIG_X=y\n", "line 2: expected 'CONFIG_X=…' or a comment, found ' CONFIG_X=y'"),
        ("BPF=y\n", "line 2: expected 'CONFIG_X=…' or a comment, found 'BPF=y'"),
        ("\u{0}\u{1b}[2J\n", "line 2: expected 'CONFIG_X=…' or a comment, found '\\x00\\x1b[2J'"),
    ])
    func `a line that no build writes is named with its number, and the rest is read`(text: String, message: String) {
        let config = parsed("CONFIG_A=y\n" + text + (text.hasSuffix("\n") ? "CONFIG_Z=m\n" : ""))
        #expect(config.faults.map { "\($0)" } == [message])
        #expect(config["CONFIG_A"] == .builtIn)
        #expect((config["CONFIG_Z"] == .module) == text.hasSuffix("\n"))
        #expect(config["CONFIG_X"] == nil && config["CONFIG_BPF"] == nil)
    }

    @Test func `an error's text is bounded however long the line`() {
        let config = parsed(String(repeating: "x", count: 1 << 20))
        #expect(
            config.faults.map { "\($0)" } == ["line 1: it has 1048576 bytes, more than any line that Kconfig writes"]
        )
        let long = parsed(String(repeating: "x", count: 1 << 13))
        #expect(long.faults.allSatisfy { "\($0)".count < 150 } && long.faults.count == 1)
    }

    @Test func `a NUL in a string is refused and invalid UTF-8 is not`() throws {
        #expect(KernelConfig(parsing: Array("CONFIG_X=\"a\u{0}\"\n".utf8)).faults.count == 1)
        let latin = KernelConfig(parsing: Array("CONFIG_X=\"".utf8) + [0xe9] + Array("\"\nCONFIG_Y=y\n".utf8))
        #expect(latin["CONFIG_X"] == .string("\u{fffd}"))
        #expect(latin["CONFIG_Y"] == .builtIn)
    }

    @Test func `a header gives version and arch and only at the top`() throws {
        let config = parsed(generated("6.18.44", "CONFIG_X=y", "# Linux/arm64 5.4.0 Kernel Configuration"))
        #expect(config.header?.arch == "x86")
        #expect(config.header?.versionText == "6.18.44")
        #expect(config.header?.version == KernelVersion(6, 18, 44))
        #expect(parsed("CONFIG_X=y\n# Linux/arm64 5.4.0 Kernel Configuration\n").header == nil)
        #expect(parsed("# Linux kernel Kernel Configuration\n").header == nil)
    }

    @Test func `the later of two settings wins and both lines are reported`() throws {
        let config = parsed("CONFIG_X=y\nCONFIG_Y=m\n# CONFIG_X is not set\n")
        #expect(config["CONFIG_X"] == .notSet)
        #expect(config.line(of: "CONFIG_X") == 3)
        #expect(config.count == 2)
        let duplicate = try #require(config.duplicates.first)
        #expect((duplicate.option, duplicate.earlierLine, duplicate.line) == ("CONFIG_X", 1, 3))
    }

    @Test func `duplicates without end are cut off`() throws {
        let config = parsed(String(repeating: "CONFIG_X=y\n", count: 5000))
        #expect(config.duplicates.count == 1000)
        #expect(config.line(of: "CONFIG_X") == 5000)
    }

    @Test func `a generated config that stops behind a number is cut short and a fragment is not`() throws {
        let whole = generated("6.1.192", "CONFIG_NR_CPUS=8192")
        #expect(parsed(whole)["CONFIG_NR_CPUS"] == .number("8192"))
        let cut = parsed(String(whole.dropLast(3)))
        #expect(cut.faults.map { "\($0)" } == ["line 5: the file is cut short at 'CONFIG_NR_CPUS=81'"])
        #expect(cut["CONFIG_NR_CPUS"] == nil)
        #expect(parsed("CONFIG_NR_CPUS=81")["CONFIG_NR_CPUS"] == .number("81"))
    }

    @Test func `every way of cutting a generated config is an error or loses whole lines only`() throws {
        let whole = generated(
            "6.1.192",
            "CONFIG_A=y",
            "# CONFIG_B is not set",
            "CONFIG_C=0x10",
            "CONFIG_D=\"a \\\" b\""
        )
        let all = parsed(whole)
        for length in 0..<whole.utf8.count {
            let part = KernelConfig(parsing: Array(whole.utf8.prefix(length)))
            for option in ["CONFIG_A", "CONFIG_B", "CONFIG_C", "CONFIG_D"] {
                #expect(part[option] == nil || part[option] == all[option], "cut at byte \(length)")
            }
        }
    }

    @Test(arguments: [
        KernelConfig.Value.builtIn, .module, .no, .notSet, .number("-7"), .string(""), .string("a \"b\" \\ c"),
        .string("\"\u{308}"),
    ])
    func `a value's line reads back as the value`(value: KernelConfig.Value) throws {
        #expect(parsed(value.line(for: "CONFIG_X") + "\n")["CONFIG_X"] == value)
    }
}
