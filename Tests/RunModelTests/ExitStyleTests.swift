import RunModel
import Testing

@Suite struct `the exit codes of a style` {
    /// Passed, failed, broken, nothing selected, all skipped, usage, unavailable.
    static let table: [(ExitStyle, [Int32])] = [
        (.own, [0, 1, 2, 3, 4, 64, 69]), (.bisect, [0, 1, 125, 125, 125, 128, 128]),
        (.kselftest, [0, 1, 1, 1, 4, 1, 1]),
        (.automake, [0, 1, 99, 99, 77, 99, 99]),
    ]

    @Test func `are those that its readers know`() {
        #expect(Self.table.map(\.0) == ExitStyle.allCases)
        for (style, codes) in Self.table {
            #expect(RunModel.ExitStatus.allCases.map { style.code(for: $0) } == codes, "\(style)")
        }
    }

    @Test func `call a commit bad for a failure alone`() {
        for status in RunModel.ExitStatus.allCases {
            let isBad =
                (1...127).contains(ExitStyle.bisect.code(for: status)) && ExitStyle.bisect.code(for: status) != 125
            #expect(isBad == (status == .failed))
        }
    }

    @Test func `skip a commit that has no kernel, and take it for a wrong input elsewhere`() {
        #expect(ExitStyle.allCases.map(\.codeForNoKernel) == [64, 125, 1, 99])
    }

    @Test(
        arguments: [
            ([], nil), (["run", "--sample", "bisect"], nil), (["--exit-style", "bisect"], .bisect),
            (["--exit-style=automake", "--x"], .automake),
            (["--exit-style", "own", "--exit-style", "kselftest"], .kselftest),
            (["--exit-style", "bisekt"], .bisect), (["--exit-style"], .bisect), (["--exit-style="], .bisect),
        ] as [([String], ExitStyle?)]
    )
    func `are found in a command line that is wrong otherwise`(arguments: [String], style: ExitStyle?) {
        #expect(ExitStyle(askedForBy: arguments) == style)
    }
}
