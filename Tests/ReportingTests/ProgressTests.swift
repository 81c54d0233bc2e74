import RunModel
import Testing

@testable import Reporting

@Suite struct `what a terminal can do` {
    @Test(arguments: [
        (true, ["TERM": "xterm"], true, true), (false, ["TERM": "xterm"], false, false),
        (true, ["TERM": "dumb"], false, false),
        (true, [:], false, false), (true, ["TERM": ""], false, false),
        (true, ["TERM": "xterm", "NO_COLOR": "1"], false, true),
        (true, ["TERM": "xterm", "NO_COLOR": ""], true, true), (false, ["CLICOLOR_FORCE": "1"], true, false),
        (false, ["CLICOLOR_FORCE": "0"], false, false),
        (false, ["CLICOLOR_FORCE": "1", "NO_COLOR": "1"], false, false),
    ])
    func `follows from the environment`(isTerminal: Bool, variables: [String: String], colour: Bool, moves: Bool) {
        let abilities = TerminalAbilities(isTerminal: isTerminal) { variables[$0] }
        #expect(abilities.hasColour == colour && abilities.movesCursor == moves)
    }
}

@Suite struct `a live line` {
    @Test func `is cut to the terminal's width`() {
        var line = LiveLine()
        let text = line.update(
            lines: "",
            next: "  1 of 65 done, running: " + String(repeating: "networking/sockex1, ", count: 9),
            width: 60
        )
        #expect(text.count == 59 && text.hasSuffix("..."))
        #expect(LiveLine.cut("🐝🐝🐝🐝", to: 7) == "🐝🐝...")
        #expect(LiveLine.cut("🐝🐝🐝", to: 6) == "🐝🐝🐝")
        #expect(LiveLine.cut("a\u{1B}[2Jb\n", to: 40) == "a\\x1b[2Jb\\n")
        #expect([0, 1, 2, -5].allSatisfy { LiveLine.cut("abcdef", to: $0).count <= max(0, $0) })
    }

    @Test func `is erased before lines, and written again below them`() {
        var line = LiveLine()
        #expect(line.update(lines: "", next: "one", width: 80) == "one")
        #expect(line.update(lines: "", next: "one", width: 80) == "")
        #expect(line.update(lines: "PASS a\n", next: "two", width: 80) == "\r\u{1B}[JPASS a\ntwo")
        #expect(line.update(lines: "", next: "", width: 80) == "\r\u{1B}[J")
        #expect(line.update(lines: "PASS b\n", next: "", width: 80) == "PASS b\n")
    }

    @Test func `is erased whole when the window has become narrower`() {
        var line = LiveLine()
        _ = line.update(lines: "", next: String(repeating: "x", count: 70), width: 80)
        // 70 columns take three rows of 30.
        #expect(line.update(lines: "", next: "y", width: 30) == "\r\u{1B}[2A\u{1B}[Jy")
    }
}

@Suite struct `the progress of a run` {
    static let cells = ["a/one", "b/two"].map { PlannedSample(sample: $0, machine: "host") }

    static func ended(_ cell: PlannedSample) -> RunProgress.Change {
        var result = Records.passed
        result.sample = cell.sample
        return .event(.sampleEnded(result))
    }

    static let built = RunEvent.built(
        BuildResult(sample: "a/one", object: "o", verdict: .pass, command: "", diagnostics: [], duration: 1)
    )

    @Test func `tells how many objects are built, and then which sample runs for which time`() {
        var progress = RunProgress(total: 2, repetitions: 200)
        func now(_ change: RunProgress.Change) -> String { progress.take(change, at: 0).now }
        #expect(now(.building(2)) == "building kern objects: 0/2")
        #expect(now(.event(Self.built)) == "building kern objects: 1/2")
        #expect(now(.event(Self.built)) == "")
        #expect(now(.event(.sampleStarted(Self.cells[0]))) == "0/2 running: a/one")
        #expect(now(.event(.sampleStarted(Self.cells[1]))) == "0/2 running: a/one, b/two")
        for number in 1...17 {
            let text = now(.trying(sample: "a/one", machine: "host", isControl: false))
            #expect(text == "0/2 running: a/one (repeat \(number)/200), b/two")
        }
        #expect(now(.trying(sample: "a/one", machine: "host", isControl: true)).contains("a/one (control run)"))
        #expect(now(Self.ended(Self.cells[0])) == "1/2 running: b/two")
        #expect(now(.event(.runEnded(at: "", interrupted: true))) == "")
    }

    @Test func `counts a sample once that gets a second result`() {
        var progress = RunProgress(total: 2)
        _ = progress.take(.event(.sampleStarted(Self.cells[0])), at: 0)
        #expect(progress.take(Self.ended(Self.cells[0]), at: 0).lines.contains("(1/2)"))
        #expect(progress.take(Self.ended(Self.cells[0]), at: 0).lines.contains("(1/2)"))
    }

    @Test func `shows a retry`() {
        var progress = RunProgress(total: 1)
        _ = progress.take(.event(.sampleStarted(Self.cells[0])), at: 0)
        _ = progress.take(.trying(sample: "a/one", machine: "host", isControl: false), at: 0)
        let update = progress.take(.trying(sample: "a/one", machine: "host", isControl: false), at: 0)
        #expect(update.now == "0/1 running: a/one (try 2)")
    }

    @Test func `is sparse where there is no terminal`() {
        var progress = RunProgress(total: 1, repetitions: 200, sparseAfter: 10)
        // A clock that began long ago.
        _ = progress.take(.event(.sampleStarted(Self.cells[0])), at: 5000)
        var lines: [String] = []
        for number in 0..<200 {
            lines.append(
                progress.take(
                    .trying(sample: "a/one", machine: "host", isControl: false),
                    at: 5000 + Double(number) / 5
                ).lines
            )
        }
        #expect(lines.filter { !$0.isEmpty }.count == 3)
        #expect(lines[50] == "0/1 running: a/one (repeat 51/200)\n")
    }

    @Test func `tells of an object that could not be built`() {
        var progress = RunProgress(total: 1)
        let result = BuildResult(
            sample: "a",
            object: "o",
            verdict: .fail,
            command: "",
            diagnostics: ["e\u{1B}"],
            duration: 0
        )
        #expect(progress.take(.event(.built(result)), at: 0).lines == "FAIL building o\n    e\\x1b\n")
    }
}
