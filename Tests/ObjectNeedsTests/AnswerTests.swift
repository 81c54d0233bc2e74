import FeatureRules
import ObjectNeeds
import RunModel
import Testing

/// What a person reads first of objects and kernels.
struct AnswerTests {
    private static func cell(
        _ object: String,
        _ answer: LoadPrediction.Answer,
        _ reasons: [String] = [],
        kernel: String = "6.1",
        isTried: Bool = true
    ) -> FitTable.Cell {
        FitTable.Cell(
            object: object,
            kernel: kernel,
            prediction: LoadPrediction(answer, because: reasons),
            checks: [],
            isTried: isTried
        )
    }

    @Test func `one object on one kernel is answered with its reason`() {
        #expect(FitTable([Self.cell("a.o", .loads)]).answer == "yes: a.o loads on 6.1")
        #expect(
            FitTable([Self.cell("a.o", .loads, isTried: false)]).answer
                == "yes: a.o would load on 6.1, as far as its types and options tell; only loading it shows what the verifier says"
        )
        let missing = Self.cell("a.o", .refused, ["s.f: no such field"], isTried: false)
        #expect(FitTable([missing]).answer == "no: a.o would not load on 6.1: s.f: no such field")
        let open = Self.cell("a.o", .unknown, ["no types"])
        #expect(FitTable([open]).answer == "not known: whether a.o loads on 6.1: no types")
        #expect(FitTable([]).answer.hasPrefix("not known: "))
    }

    @Test func `a lockdown is told as the one cause, with its remedy`() {
        let lockdown = Refusal.lockdown(mode: "integrity")
        let reasons = ["libbpf: prog 'p': BPF program load failed: Operation not permitted"]
        let cell = Self.cell("fentry.o", .refused, reasons + ["\(lockdown.cause); \(lockdown.remedy)"])
        #expect(
            FitTable([cell]).answer == "no: fentry.o does not load on 6.1: \(lockdown.cause); \(lockdown.remedy)"
        )
    }

    @Test func `several are counted, those that fail by name`() {
        let loads = Self.cell("a.o", .loads)
        #expect(FitTable([loads, Self.cell("b.o", .loads)]).answer == "yes: all 2 objects load")
        let failed = [Self.cell("b.o", .refused, ["x"]), Self.cell("c.o", .refused, ["x"])]
        #expect(FitTable([loads] + failed).answer == "no: 2 of 3 objects do not load (b.o and c.o): x")
        let open = Self.cell("d.o", .unknown, ["y"])
        #expect(
            FitTable([loads] + failed + [open]).answer
                == "no: 2 of 4 objects do not load (b.o and c.o): x; of 1 it is not known (d.o)"
        )
        #expect(FitTable([loads, open]).answer == "not known: of 1 it is not known (d.o)")
        let elsewhere = Self.cell("a.o", .loads, kernel: "6.12")
        #expect(FitTable([loads, elsewhere]).answer == "yes: all 2 objects and kernels load")
    }

    @Test func `lines fit, and many kernels stand below one another`() {
        let kernels = (1...12).map { "6.1.0-\($0)-cloud-amd64" }
        let long = String(repeating: "a reason of many words ", count: 12)
        let table = FitTable(kernels.map { Self.cell("mine.o", .refused, [long], kernel: $0) })
        #expect(table.text(width: 80).split(separator: "\n").allSatisfy { $0.count <= 80 })
    }

    private static let source = "SEC(\"xdp\") int a(void *c) { return 2; } LICENSE(\"GPL\");"

    @Test func `a report says which kernel was judged, and what was not compared`() async throws {
        let needs = try await Compiled.needs(Self.source)
        let version = KernelVersion(5, 10)
        let account = KernelAccount(version: version) { _ in .unknown }
        let report = ObjectReport(of: "a.o", needs: needs, on: account)
        let text = report.text(JudgedKernel(version: version, source: nil, isVersionNamed: true), width: 200)
        #expect(text.hasPrefix("not known: whether Linux 5.10 has all that a.o needs; no config of it is known"))
        #expect(text.contains("\nkernel   5.10 (as --kernel-version says)\n"))
        #expect(text.contains("\noptions  not compared: "))
        #expect(text.contains("\ntypes    not compared; "))
    }

    @Test func `a report answers yes or no by version and options`() async throws {
        let needs = try await Compiled.needs(Self.source)
        func answer(_ version: KernelVersion, _ state: KernelAccount.OptionState) -> String {
            let account = KernelAccount(version: version) { _ in state }
            let report = ObjectReport(of: "a.o", needs: needs, on: account)
            return report.answer(JudgedKernel(version: version, source: ".config"))
        }
        #expect(answer(KernelVersion(6, 1), .builtIn).hasPrefix("yes: Linux 6.1 has all that a.o needs"))
        #expect(answer(KernelVersion(4, 4), .builtIn).hasPrefix("no: Linux 4.4 lacks what a.o needs: kernel>=4.8"))
        #expect(answer(KernelVersion(6, 1), .off).contains("CONFIG_BPF_SYSCALL"))
    }
}
