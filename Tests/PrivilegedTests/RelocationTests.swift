import Foundation
import KernBuild
import KernelImages
import LibBPF
import ObjectNeeds
import Subprocess
import SystemPackage
import TestSupport
import Testing

extension HostTests {
    /// CO-RE relocations as predicted and as libbpf carries them out.
    struct RelocationTests {
        /// Asks every question that there is, of types that the kernel has otherwise, has several times, or lacks.
        static let source = """
            #define SEC(name) __attribute__((section(name), used))
            #define relocated __attribute__((preserve_access_index))
            #define field(access, kind) __builtin_preserve_field_info(access, kind)
            typedef unsigned int u32;
            typedef unsigned long long u64;
            enum named { ONE = 1, TWO___old = 2, GONE = 3 };
            enum gone { NOTHING = 1 };
            struct inner { int a; int b; } relocated;
            struct other { int a; struct { int deep; union { int x; char *text; }; }; } relocated;
            struct flags { u32 one : 1; u32 three : 3; int sign : 5; u64 wide : 33; } relocated;
            struct subject___mine {
                int first; struct inner array[4]; char *pointer; u32 narrow; u64 large; int lost; u32 tail[0];
            } relocated;
            struct missing { int x; } relocated;
            struct twice { int a; } relocated;
            typedef int number;
            typedef int (*callback)(int, struct inner *);
            volatile u64 sink;
            SEC("socket") int fields(struct subject___mine *s) {
                struct flags *f = (void *)s;
                struct other *o = (void *)s;
                u64 n = 0;
                n += field(s->first, 0) + field(s->array, 0) + field(s->array[2].b, 0) + field(s->array[1], 1);
                n += field(s->first, 1) + field(s->pointer, 1) + field(s->narrow, 2) + field(s->lost, 2) + field(s->first, 3);
                n += field(f->one, 0) + field(f->three, 1) + field(f->sign, 3) + field(f->three, 4) + field(f->three, 5);
                n += field(f->wide, 0) + field(f->wide, 1) + field(f->wide, 4) + field(f->wide, 5) + field(f->sign, 4);
                n += field(o->deep, 0) + field(o->x, 0) + field(o->text, 2) + field(o->text, 0);
                n += field(s->tail[3], 0) + field(s->array[3].b, 2) + field(s->array[3], 0);
                if (field(((struct missing *)s)->x, 2)) n += field(((struct missing *)s)->x, 0);
                return sink = n;
            }
            SEC("socket") int types(void *c) {
                u64 n = __builtin_btf_type_id(*(struct inner *)c, 0) + __builtin_btf_type_id(*(struct inner *)c, 1);
                n += __builtin_btf_type_id(*(struct missing *)c, 1) + __builtin_preserve_type_info(*(struct inner *)c, 0);
                n += __builtin_preserve_type_info(*(struct missing *)c, 0) + __builtin_preserve_type_info(*(struct missing *)c, 1);
                n += __builtin_preserve_type_info(*(struct subject___mine *)c, 1) + __builtin_preserve_type_info(*(number *)c, 0);
                n += __builtin_preserve_type_info(*(callback *)c, 0) + __builtin_preserve_type_info(*(enum named *)c, 1);
                return sink = n;
            }
            SEC("socket") int values(void *c) {
                u64 n = __builtin_preserve_enum_value(*(enum named *)ONE, 0) + __builtin_preserve_enum_value(*(enum named *)ONE, 1);
                n += __builtin_preserve_enum_value(*(enum named *)TWO___old, 1);
                n += __builtin_preserve_enum_value(*(enum named *)GONE, 0) + __builtin_preserve_enum_value(*(enum gone *)NOTHING, 0);
                if (__builtin_preserve_enum_value(*(enum named *)GONE, 0)) n += __builtin_preserve_enum_value(*(enum named *)GONE, 1);
                return sink = n;
            }
            SEC("socket") int loads(struct subject___mine *s) {
                struct other *o = (void *)s;
                s->narrow = 7;
                return s->first + s->large + (u64)s->pointer + s->array[1].b + s->narrow + o->x;
            }
            char _license[] SEC("license") = "GPL";
            """

        /// The kernel that the object meets.
        static let target = """
            typedef unsigned int u32;
            typedef unsigned long long u64;
            enum named { ZERO, ONE = 17, TWO___new = 99 };
            struct inner { long before; short a; short more; int b; };
            struct other { long pad; union { struct { long far; int deep; }; struct { char *text; int x; }; }; int a; };
            struct flags { u32 pad : 7; u32 three : 3; u32 one : 1; signed char gap; int sign : 6; u64 wide : 40; };
            struct subject {
                struct { long pad[3]; int first; }; const struct inner array[3]; u64 *pointer; u64 narrow; u32 large; u32 tail[0];
            };
            typedef long number;
            typedef long (*callback)(long, struct inner *);
            struct inner a; struct other b; struct flags c; struct subject d; number e; callback f; enum named g;
            """

        private static let compiler = Task { try await Compiler.find() }

        private static func compile(_ source: String, compiler: String, arguments: [String] = []) async throws
            -> [UInt8]
        {
            let folder = try ScratchFolder()
            let file = try folder.write("a.c", source)
            let object = folder.path.appending("a.o").string
            let built = try await Subprocess.run(
                .path(FilePath(compiler)),
                arguments: Arguments(["-target", "bpf", "-O2", "-g"] + arguments + ["-c", file.string, "-o", object]),
                input: .none,
                output: .discarded,
                error: .string(limit: 1 << 16)
            )
            try #require(built.terminationStatus == .exited(0), "\(built.standardError)")
            return Array(try Data(contentsOf: URL(fileURLWithPath: object)))
        }

        /// Compares, and returns how many relocations were compared.
        @discardableResult
        static func compare(_ object: [UInt8], types file: FilePath, _ comment: String) throws -> Int {
            try compare(object, types: file, read: try table(file), comment)
        }

        static func table(_ file: FilePath) throws -> TypeTable {
            try TypeTable(try #require(try KernelImage.contents(of: file, wanted: [.types]).types))
        }

        @discardableResult
        static func compare(
            _ object: [UInt8],
            types file: FilePath,
            read table: TypeTable,
            _ comment: String
        ) throws -> Int {
            let resolutions = try CoreResolution.all(of: object, against: table, kernel: "it")
            let said = RelocationTruth.lines(of: object, types: file.string)
            let differences = RelocationTruth.differences(said, RelocationTruth.expected(resolutions))
            #expect(differences.isEmpty, "\(comment): \(differences.joined(separator: "\n"))")
            return said.count
        }

        @Test(arguments: [String?.none, "v1", "v3"])
        func `every kind of relocation comes to what libbpf comes to`(processor: String?) async throws {
            let compiler = try await Self.compiler.value.path
            let arguments = processor.map { ["-mcpu=\($0)"] } ?? []
            let object = try await Self.compile(Self.source, compiler: compiler, arguments: arguments)
            let folder = try ScratchFolder()
            let target = try folder.write("target.o", try await Self.compile(Self.target, compiler: compiler))
            let count = try Self.compare(object, types: target, "made types")
            #expect(count > 50)
            // Against its own types everything fits, against the kernel's little does.
            try Self.compare(object, types: try folder.write("self.o", object), "its own types")
            try Self.compare(object, types: "/sys/kernel/btf/vmlinux", "the running kernel's types")
        }

        /// Objects that libbpf refuses for a single relocation, and the kernel's types that make it.
        static let refusals = [
            (
                "struct s { int a[4]; } relocated; SEC(\"socket\") int f(struct s *s) { return field(s->a[9], 2); }",
                "struct s { int a[4]; } x;"
            ),
            (
                "struct s { int a; } relocated; SEC(\"socket\") int f(struct s *s) { return field(s->a, 0); }",
                "struct s___one { int a; } x; struct s___two { int pad; int a; } y;"
            ),
            (
                "enum e { A = 1 }; SEC(\"socket\") int f(void *s) { return __builtin_preserve_enum_value(*(enum e *)A, 1); }",
                "enum e___one { A___one = 1 } x; enum e___two { A___two = 2 } y;"
            ),
            (
                "struct s { int a; } relocated; SEC(\"socket\") int f(struct s *s) { return s->a; }",
                "struct s { char pad[40000]; int a; } x;"
            ),
            (
                "struct s { int a[2]; } relocated; SEC(\"socket\") int f(struct s *s) { return field(s->a[1], 2); }",
                "struct s { int a[2]; } x;"
            ),
            (
                "struct s { int pad; int a; } relocated; SEC(\"socket\") int f(struct s *s) { return s->a; }",
                "struct s { short pad; char a; } x;"
            ),
            (
                "struct s { unsigned pad; unsigned a; } relocated; SEC(\"socket\") int f(struct s *s) { return s->a; }",
                "struct s { short pad; struct { char c[3]; } a; } x;"
            ),
        ]

        @Test(arguments: refusals)
        func `what libbpf refuses is refused, and what it makes invalid is missing`(local: String, target: String)
            async throws
        {
            let compiler = try await Self.compiler.value.path
            let head = Self.source.split(separator: "\n").prefix(3).joined(separator: "\n") + "\n"
            let licence = "\nchar _license[] SEC(\"license\") = \"GPL\";"
            let object = try await Self.compile(head + local + licence, compiler: compiler)
            let folder = try ScratchFolder()
            let types = try folder.write("target.o", try await Self.compile(target, compiler: compiler))
            #expect(try Self.compare(object, types: types, local) == 1)
        }

        /// Reads fields that have moved, been renamed or gone between versions of the kernel.
        static let reader = """
            #define SEC(name) __attribute__((section(name), used))
            struct task_struct { int pid; int state; unsigned __state; char comm[16]; struct task_struct *group_leader; };
            struct sk_buff { unsigned len; unsigned long long tstamp; struct net_device *dev; unsigned char pkt_type : 3; };
            struct net_device { int ifindex; int gone_for_good; };
            struct bpf_map { unsigned map_type; unsigned max_entries; unsigned long long memory; };
            enum bpf_func_id { BPF_FUNC_map_lookup_elem = 900, BPF_FUNC_no_such_helper = 901 };
            volatile unsigned long long sink;
            SEC("raw_tp/sys_enter") int reader(struct task_struct *t) {
                struct sk_buff *s = (void *)t;
                struct bpf_map *m = (void *)t;
                sink += t->pid + t->state + t->__state + t->comm[3] + (long)t->group_leader;
                sink += s->len + s->tstamp + s->pkt_type + s->dev->ifindex + s->dev->gone_for_good;
                sink += m->map_type + m->max_entries + m->memory;
                sink += __builtin_preserve_enum_value(*(enum bpf_func_id *)BPF_FUNC_map_lookup_elem, 1);
                sink += __builtin_preserve_enum_value(*(enum bpf_func_id *)BPF_FUNC_no_such_helper, 0);
                return sink;
            }
            char _license[] SEC("license") = "GPL";
            """

        @Test(arguments: ["host", "6.1", "6.12"])
        func `objects fit real kernels as libbpf fits them`(kernel: String) async throws {
            let folder = try ScratchFolder()
            var types = FilePath("/sys/kernel/btf/vmlinux")
            if kernel != "host" {
                let image = try await DebianKernel.image(kernel)
                let found = try KernelImage.contents(of: image, wanted: [.types])
                #expect(found.banner?.hasPrefix("Linux version \(kernel).") == true)
                types = try folder.write("vmlinux.btf", try #require(found.types))
            }
            let tagged = "#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)\n"
            let object = try await Self.compile(
                tagged + Self.reader + "\n#pragma clang attribute pop\n",
                compiler: try await Self.compiler.value.path
            )
            let table = try Self.table(types)
            #expect(try Self.compare(object, types: types, read: table, kernel) > 10)
            for (sample, paths) in try await TestBench.shared.objects() {
                for path in paths {
                    let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
                    // As the loader does: libbpf refuses maps of the old form, whatever is relocated.
                    let object = try LegacyObject.converted(bytes)
                    try Self.compare(object, types: types, read: table, "\(sample) on \(kernel)")
                }
            }
        }
    }
}
