public import LibBPF
import LinuxHost
public import RunModel
import SampleKit

/// `struct bpf_tunnel_key` (linux/bpf.h), which grows: a kernel takes the sizes that it had before, and none that it got later.
///
/// A program passes the size that it had in the tree that the program was built from, so that a newer object fails on an older
/// kernel, and only when it runs: the helper answers `EINVAL`, which the verifier cannot foresee.
public enum TunnelKey {
    /// The need of a sample whose programs describe tunnels.
    public static let need = Need.helper("bpf_skb_set_tunnel_key")

    /// `BPF_FUNC_skb_get_tunnel_key` and `BPF_FUNC_skb_set_tunnel_key`.
    private static let helpers: [Int32] = [20, 21]

    /// The largest size that a program passes to the helpers; `nil` where it calls none, or no constant.
    static func size(in instructions: [Instruction]) -> Int32? {
        helpers.flatMap { Instruction.constants(ofArgument: 3, ofHelper: $0, in: instructions) }.compactMap { $0 }.max()
    }

    /// Checks that the kernel's helpers take the size that an object's programs pass.
    ///
    /// - Throws: `UnmetNeed` where they do not, and the kernel's own struct is smaller: else the refusal is its fault, and is left
    ///   to the sample to find.
    public static func check(_ object: borrowing LoadedObject) throws {
        guard
            let (program, size) = object.instructions.compactMap({ name, body in size(in: body).map { (name, $0) } })
                .max(by: { ($0.1, $1.0) < ($1.1, $0.0) }), isTaken(size) == false
        else { return }
        let own = (try? KernelTypes())?.size(of: "bpf_tunnel_key").map { Int32(clamping: $0) }
        // Without types the sizes that it takes tell, of those that the struct ever had.
        guard let largest = own ?? [44, 28, 20].first(where: { $0 < size && isTaken($0) == true }), largest < size
        else { return }
        let has = own == nil ? "takes \(largest)" : "has one of \(largest) bytes"
        throw UnmetNeed(
            need,
            "the object passes a struct bpf_tunnel_key of \(size) bytes to the kernel, which \(has)",
            evidence: [
                "'\(program)' passes \(size) bytes, and bpf_skb_set_tunnel_key() answers EINVAL to so many",
                "objects of a tree whose struct is not larger than the kernel's run here",
            ]
        )
    }

    /// Whether the kernel's helper takes a size, asked by a program that does nothing else; `nil` where that program cannot be run.
    static func isTaken(_ size: Int32) -> Bool? {
        // A program's stack has 512 bytes.
        guard size > 0, size <= 504 else { return nil }
        let room = (size + 7) / 8 * 8
        var code: [Instruction] = [.move(.r6, .r1)]
        for place in stride(from: -room, to: 0, by: 8) { code.append(.store(0, at: .r10, Int16(place))) }
        code += [
            .move(.r1, .r6),  // the packet
            .move(.r2, .r10),  // r2 = r10 - room, the struct
            .add(.r2, -room),
            .move(.r3, size),
            .move(.r4, 0),
            .call(.setTunnelKey), .exit,
        ]
        guard let program = RawProgram(type: .trafficClassifier).load(code, log: VerifierLog()).descriptor() else {
            return nil
        }
        return RawProgram.testRun(program.number, packetOf: 64).map { $0 == 0 }
    }
}
