import LinuxHost
import Testing

struct KernelFunctionsTests {
    private func functions(_ lines: String...) -> KernelFunctions {
        KernelFunctions(text: Array((lines.joined(separator: "\n") + "\n").utf8))
    }

    private let kernel = KernelFunctions(
        text: Array(
            """
            0000000000000000 A fixed_percpu_data
            ffffffff81000010 T kmem_cache_alloc_node_noprof
            ffffffff81000020 T kmem_cache_free
            ffffffff81000030 t kmem_cache_free_bulk.part.0
            ffffffff81000040 T kmem_cache_free_bulk
            ffffffff81000050 t __netif_receive_skb_core.constprop.0
            ffffffff81000060 t __netif_receive_skb_core.cold
            ffffffff81000070 d connect_table
            ffffffff81000080 T __x64_sys_write
            ffffffff81000090 T __ia32_sys_write
            ffffffff81000091 T __arm64_sys_write
            ffffffff810000a0 t twice
            ffffffff810000b0 t twice
            ffffffff810000c0 t cut.isra.0.constprop.12
            ffffffff810000d0 t split.part.0
            ffffffff810000e0 t split.isra.0
            ffffffffc0000000 t twice\t[ext4]
            ffffffffc0000010 t open_ctree\t[btrfs]
            ffffffffc0000020 t kmem_cache_free\t[other]
            ffffffffc0000030 t bpf_prog_0123456789abcdef_cut\t[bpf]
            ffffffffc0000040 t program\t[bpf]

            """.utf8
        )
    )

    @Test(arguments: [
        ("kmem_cache_free", "kmem_cache_free"), ("kmem_cache_free_bulk", "kmem_cache_free_bulk"),
        ("__netif_receive_skb_core", "__netif_receive_skb_core.constprop.0"), ("cut", "cut.isra.0.constprop.12"),
        ("open_ctree", "open_ctree"),
    ])
    func `a function is found by its name, or by what the compiler made of it`(name: String, found: String) throws {
        #expect(try kernel.resolve(name) == found)
    }

    @Test(arguments: ["twice", "split"])
    func `what several functions are called is none of them`(name: String) {
        #expect {
            _ = try kernel.resolve(name)
        } throws: { error in
            let error = error as? KernelFunctionError
            return error?.problem == .ambiguous && error?.candidates.count == 2
        }
    }

    @Test(arguments: [
        "kmem_cache_alloc", "kmem_cache_alloc_node", "connect_table", "kmem_cache", "program", "fixed_percpu_data",
    ])
    func `what is no function's name is missing`(name: String) {
        #expect {
            _ = try kernel.resolve(name)
        } throws: { error in
            (error as? KernelFunctionError)?.problem == .missing
        }
    }

    @Test func `what is missing is said with what there is`() {
        #expect {
            _ = try kernel.resolve("kmem_cache_alloc_node")
        } throws: { error in
            "\(error)"
                == "find the kernel's function 'kmem_cache_alloc_node': this kernel has none of that name; it has "
                + "kmem_cache_alloc_node_noprof"
        }
    }

    @Test func `a system call's function bears the architecture's name, and on old kernels none`() throws {
        #if arch(x86_64)
            #expect(try kernel.resolve(systemCall: "write") == "__x64_sys_write")
        #elseif arch(arm64)
            #expect(try kernel.resolve(systemCall: "write") == "__arm64_sys_write")
        #endif
        let old = functions("ffffffff81000010 T sys_write", "ffffffff81000020 T sys_writev")
        #expect(try old.resolve(systemCall: "write") == "sys_write")
        #expect(throws: KernelFunctionError.self) { try old.resolve(systemCall: "writ") }
    }

    @Test(arguments: [
        ("__netif_receive_skb_core*", ["__netif_receive_skb_core.constprop.0"]),
        (
            "kmem_cache_*",
            [
                "kmem_cache_alloc_node_noprof", "kmem_cache_free", "kmem_cache_free_bulk",
                "kmem_cache_free_bulk.part.0",
            ]
        ),
        ("*_free", ["kmem_cache_free"]), ("tw?ce", ["twice"]), ("twic", []), ("connect*", []), ("open_*", []),
    ])
    func `a pattern stands for the kernel's own functions that match it as a whole`(pattern: String, names: [String]) {
        #expect(kernel.matching(pattern) == names)
    }

    @Test(arguments: ["", "\n", "x", " t", "ffffffff81000010 T", "ffffffff81000010 T \n\n"])
    func `a text that is cut or empty holds nothing`(text: String) {
        #expect(throws: KernelFunctionError.self) { try KernelFunctions(text: Array(text.utf8)).resolve("a") }
    }

    @Test func `this host's kernel has a function for every system call`() throws {
        let here = try KernelFunctions()
        #expect(try here.resolve(systemCall: "write").hasSuffix("sys_write"))
        #expect(throws: KernelFunctionError.self) { try here.resolve("no_such_function_of_the_kernel") }
    }
}
