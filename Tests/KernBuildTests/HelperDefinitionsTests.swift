import Foundation
import RunModel
import Testing

@testable import KernBuild

struct HelperDefinitionsTests {
    static let old = """
         * Start of BPF helper function descriptions:
         *
         * void *bpf_map_lookup_elem(struct bpf_map *map, const void *key)
         * \tDescription
         * \t\tPerform a lookup in *map* for an entry (see bpf_nothing(int a)).
         * u64 bpf_ktime_get_ns(void)
         * struct bpf_sock *bpf_sk_fullsock(struct bpf_sock *sk)
         * long bpf_trace_printk(const char *fmt, u32 fmt_size, ...)
         * u64 bpf_get_socket_cookie(struct sk_buff *skb)
         * u64 bpf_get_socket_cookie(struct sock *sk)
         */
        #define __BPF_FUNC_MAPPER(FN)\t\t\\
        \tFN(unspec),\t\t\t\\
        \tFN(map_lookup_elem),\t\t\\
        \tFN(ktime_get_ns),\t\t\\
        \tFN(trace_printk),\t\t\\
        \tFN(sk_fullsock),\t\t\\
        \tFN(get_socket_cookie),

        enum bpf_func_id {
        """

    @Test func `comments and the list make prototypes`() {
        let found = HelperDefinitions(uapi: Self.old).helpers.map {
            "\($0.result)\($0.name)(\($0.arguments)) \($0.number)"
        }
        #expect(
            found == [
                "void *map_lookup_elem(void *map, const void *key) 1", "__u64 ktime_get_ns(void) 2",
                "struct bpf_sock *sk_fullsock(struct bpf_sock *sk) 4",
                "long trace_printk(const char *fmt, __u32 fmt_size, ...) 3", "__u64 get_socket_cookie(void *ctx) 5",
            ]
        )
    }

    @Test func `numbers in the list count before places`() {
        let text = Self.old.replacingOccurrences(of: "__BPF_FUNC_MAPPER(FN)", with: "___BPF_FUNC_MAPPER(FN, ctx...)")
            .replacingOccurrences(of: "FN(ktime_get_ns)", with: "FN(ktime_get_ns, 42, ##ctx)")
        #expect(HelperDefinitions(uapi: text).helpers.first { $0.name == "ktime_get_ns" }?.number == 42)
    }

    @Test(.enabled(if: RealTree.isExpected, "no kernel tree found"), arguments: ["6.1", "6.12"])
    func `they agree with those that libbpf was released with`(version: String) throws {
        let tree = try RealTree.find(version)
        let ours = HelperDefinitions(
            uapi: try String(contentsOfFile: "\(tree.path)/include/uapi/linux/bpf.h", encoding: .utf8)
        )
        let theirs = try String(contentsOfFile: "/usr/include/bpf/bpf_helper_defs.h", encoding: .utf8)
        func squeezed(_ text: String) -> String {
            text.filter { !$0.isWhitespace }.replacingOccurrences(of: "*const", with: "*")
        }
        let known = Dictionary(
            uniqueKeysWithValues: ours.helpers.map {
                ($0.name, squeezed("static \($0.result)(*bpf_\($0.name))(\($0.arguments)) = (void *) \($0.number);"))
            }
        )
        let lines = theirs.split(separator: "\n").filter { $0.hasPrefix("static ") }
        #expect(lines.count > 200)
        var differing: [String] = []
        for line in lines {
            guard let name = line.split(separator: "(")[1].split(separator: "_", maxSplits: 1).last?.dropLast() else {
                continue
            }
            if known[String(name)] != squeezed(String(line)) { differing.append(String(name)) }
        }
        // Prototypes that the kernel has refined since that libbpf: const, pointers and widths, never a number.
        #expect(differing.count < 12, "\(differing)")
    }
}
