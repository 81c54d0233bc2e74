import CLibbpf
import Foundation
import Glibc
import LibBPF
import ObjectNeeds
import Synchronization

/// What libbpf itself makes of an object's CO-RE relocations, by what it says about each instruction that it changes.
enum RelocationTruth {
    private struct Listener: @unchecked Sendable {
        var thread: pthread_t?
        var lines: [String] = []
        var previous: libbpf_print_fn_t?
    }

    private static let listener = Mutex(Listener())

    /// Takes the messages of the thread that listens, all levels, and hands those of other threads on.
    private static let capture: Void = {
        // libbpf has one callback for the process: LibBPF takes it first, so that it does not take this one's place later.
        _ = try? OpenedObject([], name: "empty")
        let previous = libbpf_set_print { level, format, arguments in
            guard let format, let arguments else { return 0 }
            let (isMine, previous) = listener.withLock { ($0.thread == pthread_self(), $0.previous) }
            guard isMine else { return previous?(level, format, arguments) ?? 0 }
            var text = [CChar](repeating: 0, count: 4096)
            let count = vsnprintf(&text, text.count, format, arguments)
            let line = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            listener.withLock { $0.lines.append(line) }
            return count
        }
        listener.withLock { $0.previous = previous }
    }()

    private static let gate = Mutex(())

    /// Lets libbpf relocate an object against the types in a file, up to where it gives up.
    ///
    /// Needs root: libbpf creates the maps before it relocates. Whether the kernel takes the programs does not matter.
    ///
    /// - Returns: What it says, a line an instruction, without its prefix.
    static func lines(of object: [UInt8], types path: String) -> [String] {
        capture
        return gate.withLock { _ in
            listener.withLock {
                $0.thread = pthread_self()
                $0.lines = []
            }
            load(object, path)
            let lines = listener.withLock { listener in
                listener.thread = nil
                return listener.lines
            }
            return lines.compactMap { line in
                guard let start = line.range(of: "prog '"), line.contains(": relo #") else { return nil }
                let text = line[start.lowerBound...].filter { $0 != "\n" }
                let words = ["patched insn", "substituting insn", "failed to relocate", "failed to patch"]
                return words.contains(where: { text.contains($0) }) ? String(text) : nil
            }
        }
    }

    private static func load(_ bytes: [UInt8], _ path: String) {
        path.withCString { path in
            var options = bpf_object_open_opts()
            options.sz = MemoryLayout<bpf_object_open_opts>.size
            options.btf_custom_path = path
            guard let object = bytes.withUnsafeBytes({ bpf_object__open_mem($0.baseAddress, $0.count, &options) })
            else {
                return
            }
            defer { bpf_object__close(object) }
            var program = bpf_object__next_program(object, nil)
            while let next = program {
                bpf_program__set_autoload(next, true)
                if bpf_program__type(next) == BPF_PROG_TYPE_UNSPEC {
                    bpf_program__set_type(next, BPF_PROG_TYPE_SOCKET_FILTER)
                }
                program = bpf_object__next_program(object, next)
            }
            var map = bpf_object__next_map(object, nil)
            while let next = map {
                // Pinning would leave a file behind.
                bpf_map__set_pin_path(next, nil)
                if bpf_map__max_entries(next) == 0 { bpf_map__set_max_entries(next, 1) }
                map = bpf_object__next_map(object, next)
            }
            bpf_object__load(object)
        }
    }

    /// What libbpf would have to say for these resolutions.
    static func expected(_ resolutions: [CoreResolution]) -> [String] {
        var lines: [String] = []
        for resolution in resolutions {
            let head = "prog '\(resolution.function)': relo #\(resolution.relocation.number): "
            let place = resolution.instruction
            switch resolution.outcome {
            case .resolved(let patch):
                let part =
                    switch patch.part {
                    case .immediate: "(ALU/ALU64) imm"
                    case .offset: "(LDX/ST/STX) off"
                    case .wide: "(LDIMM64) imm64"
                    }
                lines.append("\(head)patched insn #\(place) \(part) \(patch.original) -> \(patch.value)")
                if let width = patch.width {
                    lines.append(
                        "\(head)patched insn #\(place) (LDX/ST/STX) mem_sz \(width.original) -> \(width.value)"
                    )
                }
            case .missing(_, let isWide):
                if isWide { lines.append("\(head)substituting insn #\(place + 1) w/ invalid insn") }
                lines.append("\(head)substituting insn #\(place) w/ invalid insn")
            case .refused:
                // The object ends here.
                lines.append("\(head)failed")
                return lines
            }
        }
        return lines
    }

    /// The differences between what libbpf said and what was predicted, both as lines.
    static func differences(_ said: [String], _ predicted: [String]) -> [String] {
        let said = said.map { line in
            line.range(of: ": failed to").map { String(line[..<$0.lowerBound]) + ": failed" } ?? line
        }
        return (0..<max(said.count, predicted.count)).compactMap { index in
            let (left, right) = (
                said.indices.contains(index) ? said[index] : "nothing",
                predicted.indices.contains(index) ? predicted[index] : "nothing"
            )
            return left == right ? nil : "libbpf: \(left); predicted: \(right)"
        }
    }
}
