import LibBPF
import SampleKit
import Testing

struct KernHalfTests {
    private static let instructions = KernInstructions(
        maps: [.init("counts", MapShape(.perCPUArray, value: 8, capacity: 256))],
        programs: [
            .init("count", .socketFilter, [.move(.r1, map: 0), .upperHalf(of: 0), .move(.r0, -1), .exit])
        ]
    )

    private static func manifest(_ files: [KernFile], _ instructions: KernInstructions? = nil) -> Manifest {
        Manifest(
            summary: "",
            oracle: "",
            kernSources: files,
            instructions: instructions,
            programTypes: [],
            needs: .bpf
        )
    }

    @Test func `instructions are read back from their file as they were`() throws {
        let bytes = try KernHalf.file(of: Self.instructions)
        #expect(throws: Never.self) { try KernHalf(of: Self.manifest([], KernInstructions()), [bytes]) }
        #expect(throws: KernHalf.Misfit.self) { try KernHalf(of: Self.manifest([], KernInstructions()), [[0x7b]]) }
    }

    @Test(arguments: [(0, 0, true), (0, 1, false), (1, 1, true), (1, 0, false), (3, 3, true), (3, 2, false)])
    func `a run is given as many objects as the manifest names`(named: Int, given: Int, fits: Bool) {
        let files = (0..<named).map { KernFile("samples/bpf/f\($0)_kern.c") }
        let half = try? KernHalf(of: Self.manifest(files), Array(repeating: [0x7f], count: given))
        #expect((half != nil) == fits)
    }

    @Test(arguments: [([], true), ([0x7f, 0x45, 0x4c, 0x46], true), ([0x7f, 0x45], false)] as [([UInt8], Bool)])
    func `instructions stand in for an object, which is told by its first bytes`(file: [UInt8], fits: Bool) throws {
        let manifest = Self.manifest(["samples/bpf/f_kern.c"], Self.instructions)
        #expect(((try? KernHalf(of: manifest, file.isEmpty ? [] : [file])) != nil) == fits)
        #expect(throws: Never.self) { try KernHalf(of: manifest, [try KernHalf.file(of: Self.instructions)]) }
        #expect(throws: KernHalf.Misfit.self) { try KernHalf(of: manifest, [file, file]) }
    }

    @Test(arguments: [
        ("samples/bpf/hbm_out_kern.c", "hbm_out", "hbm_out_kern.o"),
        ("samples/bpf/xdp_redirect.bpf.c", "xdp_redirect", "xdp_redirect.bpf.o"),
        ("tools/testing/selftests/bpf/progs/test_l4lb.c", "test_l4lb", "test_l4lb.o"),
    ])
    func `an object is known by what its source is called in every tree`(path: String, name: String, object: String) {
        let file = KernFile(path)
        #expect(file.name == name && file.object == object)
    }
}
