import FeatureRules
extension Inference {
    /// Adds what a function uses for a program that runs it.
    mutating func add(_ uses: FunctionUses, of function: String, in program: ObjectProgram, isGuarded: Bool) {
        func origin(_ instruction: Int) -> Origin {
            Origin(
                place: program.place(function, at: instruction),
                isOptional: program.isOptional,
                isGuarded: isGuarded
            )
        }
        for helper in uses.helpers {
            if let row = collector.table.row(.helper, id: helper.id) {
                let isThere = target?.enumeration("bpf_func_id", has: UInt64(helper.id))
                add(row, for: "helper \(row.name)", origin(helper.at), isThere: isThere)
                // bpf_probe_write_user (kernel/trace/bpf_trace.c asks security_locked_down).
                if target != nil, helper.id == 36 {
                    let reason = "a kernel that is locked down for integrity refuses it (/sys/kernel/security/lockdown)"
                    collector.add(.unknown(reason), for: "helper \(row.name)", origin(helper.at))
                }
            } else {
                collector.add(
                    .unknown("no helper of this number is known"),
                    for: "helper \(helper.id)",
                    origin(helper.at)
                )
            }
        }
        for feature in uses.features { collector.add(feature: feature.name, origin(feature.at)) }
        for used in uses.externs where !settings.contains(used.name) {
            // The address of a weak symbol that the kernel lacks is 0.
            if !used.isCall, weak.contains(used.name), lacking[used.name] != nil { continue }
            var origin = origin(used.at)
            // The program can ask whether a weak symbol is there.
            origin.isGuarded = origin.isGuarded || (target == nil && weak.contains(used.name))
            if kernelVariables[used.name] != nil {
                addVariable(used.name, origin)
            } else {
                addFunction(used.name, origin)
            }
        }
    }

    private mutating func addFunction(_ name: String, _ origin: Origin) {
        collector.add(feature: "kernel-function", origin)
        let feature = "kernel function \(name)"
        if addFound(name, for: feature, origin) { return }
        if let row = collector.table.kernelFunction(name) {
            collector.add(row, for: feature, origin)
        } else {
            collector.add(.unknown("it is not known since which kernel, and under which options"), for: feature, origin)
        }
    }

    /// A variable that is declared as void is found by its address alone, in /proc/kallsyms.
    private mutating func addVariable(_ name: String, _ origin: Origin) {
        let isTyped = kernelVariables[name].flatMap { types?.resolved($0) } != nil
        collector.add(feature: isTyped ? "typed-ksym" : "untyped-ksym", origin)
        if isTyped, addFound(name, for: "kernel variable \(name)", origin) { return }
        collector.add(
            .unknown("it is not known which kernels have it"),
            for: "kernel variable \(name)",
            origin
        )
    }

    /// Adds what the object needs as a whole: CO-RE, struct_ops, settings that must be there.
    mutating func addDeclarations() {
        for body in bodies where relocations?.relocates(body) == true {
            collector.add(feature: "core-relocations", Origin(place: "function '\(body.name)'"))
        }
        addUnreachedExterns()
        for section in [".struct_ops", ".struct_ops.link"] {
            for variable in types?.contents(ofSection: section) ?? [] {
                let name = types?.resolved(variable.type)?.name ?? ""
                let origin = Origin(place: "variable '\(variable.name)' (SEC \"\(section)\")")
                if addOperations(name, variable.type, section, origin) {
                    // The kernel's types told.
                } else if collector.table.row(.feature, "struct_ops/\(name)") != nil {
                    collector.add(feature: "struct_ops/\(name)", origin)
                } else {
                    collector.add(
                        .unknown("it is not known which kernels let programs provide it"),
                        for: "struct_ops/\(name)",
                        origin
                    )
                }
                if let row = collector.table.row(.map, "STRUCT_OPS") {
                    collector.add(row, for: "map type \(row.name)", origin)
                }
            }
        }
        addStrayExterns()
        addUnknownSettings()
        for setting in types?.contents(ofSection: ".kconfig") ?? [] where setting.name.hasPrefix("CONFIG_") {
            let origin = Origin(place: "variable '\(setting.name)' (SEC \".kconfig\")")
            let form = types.map { KernelSetting.Form(of: setting.type, in: $0) } ?? .other("")
            let isWeak = weak.contains(setting.name)
            collector.add(
                .setting(KernelSetting(option: setting.name, form: form, isWeak: isWeak)),
                for: "setting",
                origin
            )
        }
    }

    /// Adds settings that libbpf has no value for: those beside `CONFIG_…` come from libbpf itself.
    private mutating func addUnknownSettings() {
        let known: Set = ["LINUX_KERNEL_VERSION", "LINUX_HAS_BPF_COOKIE", "LINUX_HAS_SYSCALL_WRAPPER"]
        for name in settings where !name.hasPrefix("CONFIG_") && !known.contains(name) {
            let origin = Origin(place: "variable '\(name)' (SEC \".kconfig\")")
            if !name.hasPrefix("LINUX_") {
                collector.add(.impossible("a name that begins with CONFIG_ or LINUX_"), for: "setting \(name)", origin)
            } else if !weak.contains(name), target != nil {
                collector.add(
                    .unknown("it is not known which libbpf has a value for it"),
                    for: "setting \(name)",
                    origin
                )
            }
        }
    }
}
