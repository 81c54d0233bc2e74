/// Where an object wants libbpf to fit it to the running kernel's types (`struct bpf_core_relo` in `.BTF.ext`).
struct CoreRelocations {
    /// Byte offsets within a section, by the section's name.
    private(set) var places: [String: Set<UInt64>] = [:]
    /// Those that ask whether something exists, so that code can be cut off.
    private(set) var existenceTests: [String: Set<UInt64>] = [:]

    /// `BPF_CORE_FIELD_EXISTS`, `BPF_CORE_TYPE_EXISTS`, `BPF_CORE_ENUMVAL_EXISTS`, `BPF_CORE_TYPE_MATCHES`.
    private static let tests: Set<UInt32> = [2, 8, 10, 12]

    /// - Throws: ``ObjectReadError/damaged(_:)``.
    init(_ data: ByteView, _ types: TypeTable) throws(ObjectReadError) {
        guard data.number(at: 0, as: UInt16.self) == 0xEB9F, let header = data.number(at: 4, as: UInt32.self) else {
            throw .damaged("the header of .BTF.ext")
        }
        // Before Linux 5.4 the header ended with the line information.
        guard header >= 32, let offset = data.number(at: 24, as: UInt32.self),
            let size = data.number(at: 28, as: UInt32.self), size > 0
        else { return }
        guard let table = data.part(at: UInt64(header) + UInt64(offset), size: UInt64(size)),
            let step = table.number(at: 0, as: UInt32.self), step >= 16, step <= 1024
        else { throw .damaged("the CO-RE relocations of .BTF.ext") }
        var position = 4
        while position < table.count {
            guard let name = table.number(at: position, as: UInt32.self).flatMap({ types.string(at: $0) }),
                let count = table.number(at: position + 4, as: UInt32.self),
                UInt64(count) * UInt64(step) <= UInt64(table.count - position - 8)
            else { throw .damaged("the CO-RE relocations of .BTF.ext") }
            position += 8
            for _ in 0..<count {
                let place = UInt64(table.number(at: position, as: UInt32.self) ?? 0)
                places[name, default: []].insert(place)
                if Self.tests.contains(table.number(at: position + 12) ?? 0) {
                    existenceTests[name, default: []].insert(place)
                }
                position += Int(step)
            }
        }
    }

    /// Whether a function holds a test for existence.
    func test(in body: FunctionBody) -> Bool { Self.any(of: existenceTests, in: body) }

    /// Whether a function holds any relocation.
    func relocates(_ body: FunctionBody) -> Bool { Self.any(of: places, in: body) }

    private static func any(of places: [String: Set<UInt64>], in body: FunctionBody) -> Bool {
        let range = body.offset..<body.offset + UInt64(body.instructions.count) * 8
        return places[body.sectionName]?.contains { range.contains($0) } ?? false
    }
}
