import Testing

@testable import CommandInput

struct NamePatternTests {
    @Test(arguments: [
        ("xdp1", "xdp1", true), ("xdp1", "xdp2", false), ("xdp*", "xdp1", true), ("xdp*", "xdp", true),
        ("*", "xdp1", true), ("*", "xdp/xdp1", false), ("xdp/*", "xdp/xdp1", true), ("*/xdp1", "xdp/xdp1", true),
        ("trace?1", "tracex1", true), ("trace?", "tracex1", false), ("tracex[14]", "tracex4", true),
        ("tracex[1-3]", "tracex4", false), ("tracex[!1-3]", "tracex4", true), ("a[", "a[", true), ("[]]", "]", true),
        ("*sock*ex*", "sockex1", true), ("*sock*ey*", "sockex1", false), ("", "", true), ("", "x", false),
    ])
    func `patterns fit as a shell's do`(pattern: String, name: String, fits: Bool) {
        #expect(NamePattern(pattern).fits(name) == fits)
    }

    @Test func `a pattern of many stars costs no more than its length times the name's`() {
        let pattern = NamePattern(String(repeating: "*a", count: 200) + "b")
        let clock = ContinuousClock()
        let time = clock.measure { #expect(!pattern.fits(String(repeating: "a", count: 2000))) }
        #expect(time < .seconds(60))
    }

    @Test func `only a pattern with wildcards is a glob`() {
        #expect(NamePattern("xdp*").isGlob && NamePattern("x[12]").isGlob && NamePattern("x?").isGlob)
        #expect(!NamePattern("xdp/xdp1").isGlob && !NamePattern("a[").isGlob)
    }
}

struct NearestNameTests {
    private let names = ["run", "check", "build", "list", "describe", "report", "compare"]

    @Test(arguments: [
        ("chek", "check"), ("CHECK", "check"), ("rum", "run"), ("discribe", "describe"), ("comapre", "compare"),
        ("frobnicate", nil), ("x", nil), ("", nil),
    ])
    func `the nearest name is the one that was meant, or there is none`(word: String, name: String?) {
        #expect(NearestName.of(word, among: names) == name)
        #expect(NearestName.hint(for: word, among: names) == (name.map { "; did you mean '\($0)'?" } ?? ""))
    }

    @Test func `distance counts letters to insert, delete and change`() {
        #expect(NearestName.distance(Array("kitten".utf8), Array("sitting".utf8)) == 3)
        #expect(NearestName.distance([], Array("abc".utf8)) == 3)
    }

    @Test func `a word of any length is answered at once`() {
        #expect(NearestName.of(String(repeating: "x", count: 1_000_000), among: names) == nil)
    }
}

struct FirstWordTests {
    private let names = ["run", "check"]

    private func word(_ arguments: String...) -> FirstWord {
        FirstWord(arguments, subcommands: names, samples: ["xdp1"])
    }

    @Test func `subcommands and options are left to the parser`() {
        for arguments in [[], ["run", "chek"], ["--help"], ["-h"], ["help"], ["help", "run"], ["--version"]] {
            #expect(FirstWord(arguments, subcommands: names) == .asWritten)
        }
    }

    @Test func `the version is given in the ways of other programs`() {
        #expect(word("version") == .version(isVerbose: false) && word("-V") == .version(isVerbose: false))
        #expect(word("run", "-V") == .asWritten)
    }

    @Test func `all about the version is given in either order of the words`() {
        for words in [["--version", "--verbose"], ["-v", "--version"], ["version", "-v"], ["--verbose", "-V"]] {
            #expect(FirstWord(words, subcommands: names) == .version(isVerbose: true))
        }
        #expect(word("--verbose") == .asWritten && word("run", "--version", "-v") == .asWritten)
    }

    @Test func `a subcommand that there is not gets the nearest, and a sample the command that runs it`() {
        #expect(word("chek") == .unknown("chek", hint: "; did you mean 'check'?"))
        #expect(word("help", "chek") == .unknown("chek", hint: "; did you mean 'check'?"))
        #expect(word("xdp1") == .unknown("xdp1", hint: "; it is a sample: 'bpf-assay run xdp1' runs it"))
        #expect(word("frobnicate") == .unknown("frobnicate", hint: ""))
    }
}

struct NumberRangeTests {
    @Test func `a number out of range is named with the range, and one in range is not`() {
        for range in NumberRange.all {
            for value in [range.values.lowerBound, range.values.upperBound] {
                #expect(range.complaint(about: value) == nil)
            }
            for value in [range.values.lowerBound - 1, range.values.upperBound + 1, .max, .min] {
                let complaint = range.complaint(about: value) ?? ""
                #expect(complaint.contains(range.option) && complaint.contains("\(range.values.upperBound)"))
                #expect(complaint.contains("\(value)"))
            }
            #expect(range.complaint(about: nil) == nil)
        }
    }

    @Test func `an option has one range`() {
        #expect(Set(NumberRange.all.map(\.option)).count == NumberRange.all.count)
    }
}

struct ListLinesTests {
    private func lines(_ text: String, mark: String = "#") throws -> [ListLines.Line] {
        try ListLines(Array(text.utf8), list: "list", commentMark: mark).lines
    }

    @Test func `blank lines and comments mean nothing, and numbers are those of an editor`() throws {
        let found = try lines("\u{feff}# head\r\n\r\n one  # why \r\n\ttwo\n")
        #expect(found.map(\.number) == [3, 4] && found.map(\.text) == ["one", "two"])
        #expect(found.map(\.comment) == ["why", nil])
    }

    @Test func `a mark that needs a space leaves one without alone`() throws {
        #expect(try lines("#PF: x # y", mark: " #").isEmpty)
        let found = try lines("a #PF b # c", mark: " #")
        #expect(found.first?.text == "a" && found.first?.comment == "PF b # c")
        #expect(try lines("irq#3 # why", mark: " #").first?.text == "irq#3")
    }

    @Test func `what is no text is refused, with the line`() {
        for bytes in [[0x61, 0x0a, 0xff, 0xfe], [0x61, 0x0a, 0x00, 0x01], [0x0a, 0x1b, 0x5b]] as [[UInt8]] {
            let error = #expect(throws: ListLines.Fault.self) { try ListLines(bytes, list: "some/list") }
            #expect(error?.line == 2 && error?.description.contains("some/list") == true)
        }
    }
}

struct VerbosityTests {
    @Test func `two flags make three levels`() {
        #expect(Verbosity(quiet: true, verbose: false) == .quiet)
        #expect(Verbosity(quiet: false, verbose: false) == .normal)
        #expect(Verbosity(quiet: false, verbose: true) == .verbose)
        #expect(Verbosity.quiet < .normal && Verbosity.normal < .verbose)
    }
}
