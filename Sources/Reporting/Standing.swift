import RunModel

/// How a result is shown to a person: its verdict, seen against what was expected.
enum Standing: String, Sendable, CaseIterable {
    case pass = "PASS"
    case fail = "FAIL"
    case error = "ERROR"
    case miss = "MISS"
    case skip = "SKIP"
    /// It failed, as a deny list said it would.
    case expectedFail = "XFAIL"
    /// It passed, although a deny list said that it would not.
    case unexpectedPass = "XPASS"
}

extension SampleResult {
    /// The verdict against what was expected.
    ///
    /// An expectation says nothing about a sample that did not run.
    var standing: Standing {
        switch verdict {
        case .pass: expected == .fail ? .unexpectedPass : .pass
        case .fail: expected == .fail ? .expectedFail : .fail
        case .error: .error
        case .miss: .miss
        case .skip: .skip
        }
    }

    /// The first check that did not hold, as `claim: expected 980, found 882`; `nil` where all held.
    var objection: String? {
        checks.first { !$0.held }.map { "\($0.claim): expected \($0.expected), found \($0.observed)" }
    }

    /// The one line that says most about a result that is no plain pass.
    ///
    /// Only an oracle's verdict is explained by its checks. A sample that timed out may also have counted wrong, but the
    /// deadline is the reason.
    var evidence: String {
        let said = message.isEmpty ? objection : message
        return (reason == .oracle ? objection ?? said : said) ?? need.map(\.lack) ?? "no evidence was recorded"
    }

    /// What a skip is for lack of: `CONFIG_KPROBES is off`.
    var lack: String {
        if reason == .denyListed { return "on the deny list" }
        return need?.lack ?? reason?.rawValue ?? "no reason given"
    }

    /// `flaky 1/3`: how many of its tries passed, where its tries disagree; `nil` where they agree.
    var flakiness: String? {
        let passed = attempts.count { $0.verdict == .pass }
        return passed > 0 && passed < attempts.count ? "flaky \(passed)/\(attempts.count)" : nil
    }
}

extension Need {
    /// What is lacking, as a statement: `CONFIG_KPROBES is off`, `kernel < 5.10`.
    var lack: String {
        switch self {
        case .option(let name): "\(name) is off"
        case .kernel(let version): "kernel < \(version)"
        case .privilege(let name): "no \(name)"
        case .attach(let name): "\(name) cannot be attached"
        case .helper(let name): "\(name) is refused"
        case .device(let name): "no device \(name)"
        case .source(let name): "no usable \(name)"
        case .layout(let name): "tracepoint \(name) has another layout than the object expects"
        case .compiler(let name, let release): "the object was not built by \(name) \(release) or newer"
        case .idleProcessors: "the processors are busy"
        }
    }
}
