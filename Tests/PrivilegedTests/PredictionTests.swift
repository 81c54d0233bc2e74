import Foundation
import LibBPF
import ObjectNeeds
import Testing

extension HostTests {
    /// Whether predictions come true on the running kernel: many small objects, map types with all sizes and flags, and kinds of
    /// programs.
    struct PredictionTests {
        /// A map's numbers, in the order in which the template has them.
        private struct Map {
            var type: UInt32
            var key: UInt32 = 4
            var value: UInt32 = 4
            var entries: UInt32 = 1
            var flags: UInt32 = 0
            var extra: UInt32 = 0

            var numbers: [UInt32] { [type, key, value, entries, flags, extra] }

            /// The map with one number in place of another at a time.
            var variants: [Map] {
                let keys: [UInt32] = [0, 4, 5, 8, 16, 260, 261, 513]
                let values: [UInt32] = [0, 4, 8, 12, 1016, 32768, 32769, 65536]
                let bits: [UInt32] = [0, 1, 2, 3, 5, 6, 7, 9, 10, 11, 12, 17].map { 1 << $0 } + [0x18, 0x180]
                var all = keys.map { changed(\.key, $0) }
                all += values.map { changed(\.value, $0) }
                all += [0, 3, 5000].map { changed(\.entries, $0) }
                all += bits.map { changed(\.flags, flags ^ $0) }
                all.append(changed(\.extra, 16))
                return all
            }

            func changed(_ part: WritableKeyPath<Map, UInt32>, _ number: UInt32) -> Map {
                var map = self
                map[keyPath: part] = number
                return map
            }

            /// Whether it hangs on who loads it (for the number of entries libbpf has a call), or on the machine: how many
            /// processors its kernel was built for, how deep it follows stacks.
            var isOpen: Bool {
                switch type {
                case 7: value > 1016 || entries == 0
                case 16: entries > 64 || entries == 0
                case 4, 19, 21, 24, 28, 29, 32: false
                default: entries == 0
                }
            }
        }

        private static let definition = """
            struct { __uint(type, 0x5a5a0001); __uint(key_size, 0x5a5a0102); __uint(value_size, 0x5a5a0203);
                __uint(max_entries, 0x5a5a0304); __uint(map_flags, 0x5a5a0405); __uint(map_extra, 0x5a5a0506); } m SEC(".maps");
            """

        /// Of each type a map that every kernel which has the type makes (Documentation/bpf/map_*.rst and the map's own file).
        private static let sound: [Map] = [
            Map(type: 1), Map(type: 2), Map(type: 3), Map(type: 4), Map(type: 5), Map(type: 6), Map(type: 7, value: 8),
            Map(type: 8), Map(type: 9), Map(type: 10), Map(type: 11, key: 8, flags: 1), Map(type: 14), Map(type: 15),
            Map(type: 16), Map(type: 17), Map(type: 18), Map(type: 19, key: 16, value: 8, entries: 0), Map(type: 20),
            Map(type: 21, key: 16, value: 8, entries: 0), Map(type: 22, key: 0), Map(type: 23, key: 0), Map(type: 25),
            Map(type: 27, key: 0, value: 0, entries: 4096), Map(type: 30, key: 0),
            Map(type: 31, key: 0, value: 0, entries: 4096), Map(type: 33, key: 0, value: 0, flags: 1 << 10),
        ]

        @Test func `maps of every type are predicted, by size and flag`() async throws {
            let bench = try PredictionBench()
            let template = ObjectTemplate(try await PredictionBench.compile(Self.definition), marks: 6)
            var wrong: [String] = []
            var count = 0
            for map in Self.sound {
                for variant in [map] + map.variants {
                    count += 1
                    let object = template.object(variant.numbers)
                    guard let error = bench.error(object, "\(variant)") else { continue }
                    let isOpen = variant.isOpen && bench.prediction(object).answer == .unknown
                    if !isOpen { wrong.append(error) }
                }
            }
            #expect(wrong.joined(separator: "\n") == "")
            #expect(count > 800)
        }

        @Test func `maps with types of keys and values are predicted`() async throws {
            let bench = try PredictionBench()
            var wrong: [String] = []
            for (key, value) in [("u32", "u64"), ("u64", "u32"), ("struct { u32 a; u16 b; }", "u64")] {
                let source = """
                    struct { __uint(type, 0x5a5a0001); __type(key, \(key)); __type(value, \(value));
                        __uint(max_entries, 0x5a5a0102); __uint(map_flags, 0x5a5a0203); } m SEC(".maps");
                    """
                let template = ObjectTemplate(try await PredictionBench.compile(source), marks: 3)
                for type in (UInt32(1)...33) where type != 12 && type != 13 && type != 26 {
                    for (entries, flags) in [(1, 0), (0, 1)] as [(UInt32, UInt32)] {
                        let object = template.object([type, entries, flags])
                        let name = "type \(type), \(key), \(value), \(entries), \(flags)"
                        guard let error = bench.error(object, name) else { continue }
                        if entries == 0, bench.prediction(object).answer == .unknown { continue }
                        wrong.append(error)
                    }
                }
            }
            #expect(wrong.joined(separator: "\n") == "")
        }

        @Test func `maps within maps are predicted`() async throws {
            let bench = try PredictionBench()
            let source = """
                struct inner { __uint(type, 0x5a5a0001); __uint(key_size, 0x5a5a0102); __uint(value_size, 0x5a5a0203);
                    __uint(max_entries, 0x5a5a0304); __uint(map_flags, 0x5a5a0405); };
                struct { __uint(type, 0x5a5a0506); __uint(key_size, 0x5a5a0607); __uint(max_entries, 2);
                    __array(values, struct inner); } m SEC(".maps");
                """
            let template = ObjectTemplate(try await PredictionBench.compile(source), marks: 7)
            var wrong: [String] = []
            for inner in Self.sound {
                for (outer, key) in [(12, 4), (12, 8), (13, 4), (13, 8), (1, 4), (3, 4)] as [(UInt32, UInt32)] {
                    let object = template.object(Array(inner.numbers.dropLast()) + [outer, key])
                    if let error = bench.error(object, "\(inner) in \(outer), \(key)") { wrong.append(error) }
                }
            }
            #expect(wrong.joined(separator: "\n") == "")
        }

        /// Definitions that need a source of their own; those that hang on who loads them begin with `open`.
        private static let definitions: [(name: String, source: String)] = [
            (
                "static map",
                "static struct { __uint(type, 1); __uint(max_entries, 1); __type(key, u32); __type(value, u32); } m SEC(\".maps\");"
            ),
            (
                "unknown field",
                "struct { __uint(type, 1); __uint(max_entries, 1); __type(key, u32); __type(value, u32); __uint(colour, 1); } m SEC(\".maps\");"
            ),
            (
                "declared value",
                "struct later; struct { __uint(type, 1); __uint(max_entries, 1); __type(key, u32); struct later *value; } m SEC(\".maps\");"
            ),
            (
                "void value",
                "struct { __uint(type, 1); __uint(max_entries, 1); __type(key, u32); void *value; } m SEC(\".maps\");"
            ),
            (
                "function as value",
                "struct { __uint(type, 1); __uint(max_entries, 1); __type(key, u32); int (*value)(void); } m SEC(\".maps\");"
            ),
            (
                "empty value",
                "struct none {}; struct { __uint(type, 1); __uint(max_entries, 1); __type(key, u32); struct none *value; } m SEC(\".maps\");"
            ),
            (
                "two sizes",
                "struct { __uint(type, 1); __uint(max_entries, 1); __type(key, u32); __uint(key_size, 8); __type(value, u32); } m SEC(\".maps\");"
            ),
            (
                "one size twice",
                "struct { __uint(type, 1); __uint(max_entries, 1); __type(key, u32); __uint(key_size, 4); __type(value, u32); } m SEC(\".maps\");"
            ),
            ("no type", "struct { __uint(max_entries, 1); __type(key, u32); __type(value, u32); } m SEC(\".maps\");"),
            ("union", "union { __uint(type, 1); __uint(max_entries, 1); } m SEC(\".maps\");"),
            (
                "odd pinning",
                "struct { __uint(type, 1); __uint(max_entries, 1); __type(key, u32); __type(value, u32); __uint(pinning, 2); } m SEC(\".maps\");"
            ),
            (
                "three levels",
                "struct a { __uint(type, 1); __uint(max_entries, 1); __type(key, u32); __type(value, u32); }; struct b { __uint(type, 12); __uint(max_entries, 1); __type(key, u32); __array(values, struct a); }; struct { __uint(type, 12); __uint(max_entries, 1); __type(key, u32); __array(values, struct b); } m SEC(\".maps\");"
            ),
            (
                "pinned inside",
                "struct a { __uint(type, 1); __uint(max_entries, 1); __type(key, u32); __type(value, u32); __uint(pinning, 1); }; struct { __uint(type, 12); __uint(max_entries, 1); __type(key, u32); __array(values, struct a); } m SEC(\".maps\");"
            ),
            (
                "array as value",
                "struct { __uint(type, 2); __uint(max_entries, 1); __type(key, u32); __type(value, char[12]); } m SEC(\".maps\");"
            ),
            (
                "volatile key",
                "struct { __uint(type, 2); __uint(max_entries, 1); __type(key, volatile const u32); __type(value, u32); } m SEC(\".maps\");"
            ),
            (
                "storage",
                "struct { __uint(type, 24); __uint(map_flags, 1); __type(key, int); __type(value, u32); } m SEC(\".maps\");"
            ),
            (
                "storage of unsigned keys",
                "struct { __uint(type, 24); __uint(map_flags, 1); __type(key, u32); __type(value, u32); } m SEC(\".maps\");"
            ),
            (
                "storage with an enumeration as key",
                "enum e { one }; struct { __uint(type, 24); __uint(map_flags, 1); __type(key, enum e); __type(value, u32); } m SEC(\".maps\");"
            ),
            (
                "a setting that no kernel has",
                "extern int CONFIG_NO_SUCH_THING SEC(\".kconfig\"); SEC(\"socket\") int p(void *c) { return CONFIG_NO_SUCH_THING; }"
            ),
            (
                "a weak setting that no kernel has",
                "extern int CONFIG_NO_SUCH_THING __attribute__((weak)) SEC(\".kconfig\"); SEC(\"socket\") int p(void *c) { return CONFIG_NO_SUCH_THING; }"
            ),
            (
                "the kernel's version",
                "extern int LINUX_KERNEL_VERSION SEC(\".kconfig\"); SEC(\"socket\") int p(void *c) { return LINUX_KERNEL_VERSION; }"
            ),
            (
                "open: no setting",
                "extern int LINUX_NO_SUCH_THING SEC(\".kconfig\"); SEC(\"socket\") int p(void *c) { return LINUX_NO_SUCH_THING; }"
            ),
            ("neither", "extern int SOMETHING SEC(\".kconfig\"); SEC(\"socket\") int p(void *c) { return SOMETHING; }"),
            ("data alone", "int counter = 5; const volatile int setting = 1; int zero;"),
            (
                "a function beside a map",
                "struct { __uint(type, 1); __uint(max_entries, 1); __type(key, u32); __type(value, u32); } m SEC(\".maps\"); int f(int x) { return x; }"
            ),
        ]

        /// Maps with initial values.
        private static let slots: [(name: String, source: String)] = {
            let inner =
                "struct in { __uint(type, TYPE); __uint(max_entries, 4); __type(key, u32); __type(value, u32); } a SEC(\".maps\");"
            let other =
                "struct { __uint(type, TYPE); __uint(max_entries, 5); __type(key, u32); __type(value, u32); } b SEC(\".maps\");"
            let wide =
                "struct { __uint(type, TYPE); __uint(max_entries, 4); __type(key, u32); __type(value, u64); } b SEC(\".maps\");"
            func outer(_ type: Int, _ entries: Int, _ key: String, _ values: String) -> String {
                "struct { __uint(type, \(type)); __uint(max_entries, \(entries)); __type(key, \(key)); __array(values, struct in); } m SEC(\".maps\") = { .values = { \(values) } };"
            }
            var all: [(String, String)] = []
            for type in ["1", "2"] {
                let (inner, other, wide) = (
                    inner.replacing("TYPE", with: type), other.replacing("TYPE", with: type),
                    wide.replacing("TYPE", with: type)
                )
                for (name, source) in [
                    ("array", inner + outer(12, 2, "u32", "[1] = &a")),
                    ("past the end", inner + outer(12, 2, "u32", "[2] = &a")),
                    ("hash", inner + outer(13, 2, "u32", "[7] = &a")),
                    ("hash of wide keys", inner + outer(13, 2, "u64", "[0] = &a")),
                    ("full hash", inner + outer(13, 1, "u32", "[0] = &a, [1] = &a")),
                    ("another capacity", inner + other + outer(12, 2, "u32", "[0] = &b")),
                    ("another value", inner + wide + outer(12, 2, "u32", "[0] = &b")),
                ] { all.append(("\(name) of type \(type)", source)) }
            }
            return all
        }()

        @Test func `definitions that are odd, and maps with initial values, are predicted`() async throws {
            let bench = try PredictionBench()
            let wrong = try await Self.errors(Self.definitions + Self.slots, bench)
            #expect(wrong.joined(separator: "\n") == "")
        }

        @Test func `operations without a program load, unless libbpf is too old for them`() async throws {
            let source = """
                struct tcp_congestion_ops { char name[16]; };
                SEC(".struct_ops") struct tcp_congestion_ops mine = { .name = "mine" };
                """
            let object = try await PredictionBench.compile(source)
            let bench = try PredictionBench()
            #expect(bench.prediction(object).answer == .loads)
            let opened = try OpenedObject(object, name: "a.o")
            if opened.loaderFault == nil {
                _ = try opened.load()
            } else {
                // A refusal in words, where libbpf itself would crash.
                #expect(throws: ObjectError.self) { _ = try OpenedObject(object, name: "a.o").load() }
            }
            let other = try await PredictionBench.compile(source.replacing("tcp_congestion_ops", with: "no_such_ops"))
            #expect(bench.prediction(other).answer == .refused)
        }

        private static func errors(
            _ cases: [(name: String, source: String)],
            _ bench: PredictionBench,
            arguments: [String] = ["-g"]
        ) async throws -> [String] {
            var wrong: [String] = []
            for (name, source) in cases {
                let object = try await PredictionBench.compile(source, arguments: arguments)
                if let error = bench.error(object, name, isOpen: name.hasPrefix("open: ")) { wrong.append(error) }
            }
            return wrong
        }

        /// Sections of programs; those that leave something to who loads them are `open`.
        private static let sections = (
            known: [
                "socket", "kprobe", "kprobe/do_nanosleep", "kretprobe/x", "uprobe//bin/sh:main", "uretprobe",
                "ksyscall/openat",
                "usdt//bin/sh:a:b", "kprobe.multi/x*", "tp/sched/sched_switch", "tracepoint/syscalls/sys_enter_openat",
                "raw_tp/sched_switch", "raw_tracepoint/no_such", "raw_tp.w/x", "xdp", "xdp.frags", "xdp/devmap",
                "xdp/cpumap",
                "xdp.frags/devmap", "tc", "classifier", "action", "cgroup_skb/ingress", "cgroup_skb/egress",
                "cgroup/skb",
                "cgroup/sock_create", "cgroup/sock_release", "cgroup/sock", "cgroup/post_bind4", "cgroup/bind4",
                "cgroup/connect6",
                "cgroup/sendmsg4", "cgroup/recvmsg6", "cgroup/getpeername4", "cgroup/sysctl", "cgroup/getsockopt",
                "cgroup/setsockopt", "cgroup/dev", "sockops", "sk_msg", "sk_skb", "sk_skb/stream_parser",
                "sk_skb/stream_verdict",
                "sk_lookup", "sk_reuseport", "sk_reuseport/migrate", "lwt_in", "lwt_out", "lwt_xmit", "lwt_seg6local",
                "flow_dissector", "perf_event", "syscall", "lirc_mode2", "iter/task", "iter/no_such", "iter.s/task",
                "tp_btf/sched_switch", "tp_btf/no_such", "fentry/do_nanosleep", "fexit/no_such",
                "fmod_ret/bpf_modify_return_test",
                "lsm/file_open", "lsm/no_such", "lsm.s/file_open", "lsm_cgroup/socket_bind",
            ],
            open: [
                "fentry", "fexit", "fmod_ret", "tp_btf", "lsm", "iter", "freplace", "freplace/main", "nothing",
                "from-netdev",
            ]
        )

        @Test func `programs of every kind are predicted by their sections`() async throws {
            let bench = try PredictionBench()
            let source = "SEC(\"\(ObjectTemplate.section)\") int prog(u64 *c) { return 0; }"
            let template = try await PredictionBench.compile(source)
            let one = try await PredictionBench.compile(source.replacing("return 0", with: "return 1"))
            let hidden = try await PredictionBench.compile(source.replacing(" int prog", with: " static int prog"))
            var wrong: [String] = []
            for section in Self.sections.known + Self.sections.open {
                let isOpen = Self.sections.open.contains(section)
                // These may not refuse anything.
                let isGranting = section.contains("recvmsg") || section.contains("getpeername")
                let object = ObjectTemplate.renamed(isGranting ? one : template, to: section)
                if let error = bench.error(object, section, isOpen: isOpen) { wrong.append(error) }
            }
            for section in ["xdp", "lsm/no_such", "nothing"] {
                // Nobody asks for such a program.
                let optional = ObjectTemplate.renamed(template, to: "?\(section)")
                if let error = bench.error(optional, "?\(section)") { wrong.append(error) }
                for prefix in ["", "?"] {
                    let object = ObjectTemplate.renamed(hidden, to: prefix + section)
                    if let error = bench.error(object, "static \(prefix)\(section)") { wrong.append(error) }
                }
            }
            #expect(wrong.joined(separator: "\n") == "")
        }

        @Test func `objects without types, symbols or a machine are predicted`() async throws {
            let bench = try PredictionBench()
            let map =
                "struct { __uint(type, 1); __uint(max_entries, 1); __type(key, u32); __type(value, u32); } m SEC(\".maps\");"
            let program = "SEC(\"socket\") int p(void *c) { return 0; }"
            var wrong = try await Self.errors(
                [("map without BTF", map + program), ("program without BTF", program)],
                bench,
                arguments: []
            )
            let sound = try await PredictionBench.compile(map + program)
            for (name, place, value) in [
                ("no machine", 18, 0), ("a program that is linked", 16, 2), ("a shared object", 16, 3),
                ("a core", 16, 4),
            ] as [(String, Int, UInt8)] {
                var changed = sound
                changed[place] = value
                if let error = bench.error(changed, name) { wrong.append(error) }
            }
            #expect(wrong.joined(separator: "\n") == "")
        }
    }
}
