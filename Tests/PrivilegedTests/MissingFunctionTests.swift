import LibBPF
import TestSupport
import Testing

extension HostTests {
    /// Objects that call functions which this kernel lacks, in programs that nobody loads.
    struct MissingFunctionTests {
        private static let source = """
            extern void bpf_assay_no_such(void) SEC(".ksyms");
            SEC("socket") int wanted(void *c) { return 0; }
            SEC("socket") int other(void *c) { bpf_assay_no_such(); return 0; }
            """

        /// Loads the first program, and says whether the kernel has it.
        private func loads(without functions: Set<String>) throws -> Bool {
            let opened = try OpenedObject(try OddObjects.compiled(Self.source), name: "a.o", without: functions)
            try opened.program("other").setAutoload(false)
            let object = try opened.load()
            return try object.program("wanted").descriptor >= 0
        }

        @Test func `the others are loaded where its absence is allowed for`() throws {
            #expect(try loads(without: ["bpf_assay_no_such"]))
        }

        @Test(arguments: [[], ["bpf_assay_another"]])
        func `nothing is loaded where it is not`(functions: Set<String>) {
            #expect(throws: ObjectError.self) { try loads(without: functions) }
        }
    }
}
