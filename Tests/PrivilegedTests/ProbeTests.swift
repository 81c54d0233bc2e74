import BPFProbe
import Foundation
import LibBPF
import LinuxHost
import RunModel
import Testing

extension HostTests {
    /// What the probe says of this kernel, against what the kernel does.
    struct ProbeTests {
        /// The loads to ask about, with names as the probe gives them.
        private static func loads() throws -> [(kind: ProgramKind, form: ProgramKind.Form, key: String, load: String)] {
            let types = try KernelTypes()
            return ProgramKind.all.flatMap { kind in
                kind.forms.map { form in
                    var attach = form.attachType?.number ?? 0
                    var id: UInt32 = 0
                    switch form.target {
                    case nil: break
                    case .program: id = 1
                    case .function(let name): id = types.id(of: name, .function) ?? 1
                    case .tracepoint(let name): id = types.id(of: "btf_trace_\(name)", .alias) ?? 1
                    case .member(let member, let record):
                        id = types.id(of: record, .record) ?? 1
                        attach = types.index(of: member, in: record) ?? 0
                    }
                    let key = "\(kind.number)/\(attach)"
                    return (kind, form, key, "\(key) \(form.flags) \(id)")
                }
            }
        }

        @Test func `no answer about a program type or a helper contradicts a real load`() async throws {
            let loads = try Self.loads()
            let truth = try await ProbeTruth.ask(loads.map(\.load))
            let report = KernelProbe.run()
            let ids = try KernelTypes().enumerators(of: "bpf_func_id").reduce(into: [String: Int]()) { ids, entry in
                ids["bpf_" + entry.key.dropFirst("BPF_FUNC_".count)] = Int(entry.value)
            }
            #expect(report.programTypes.count == loads.count && report.helpers.count == loads.count)
            var compared = 0
            var undecided: [String] = []
            for (index, load) in loads.enumerated() where index < report.helpers.count {
                let type = report.programTypes[index]
                switch truth.programs[load.key] {
                case 0: #expect(type.answer == .supported, "\(type.title): \(type.answer)")
                case 22: #expect(type.answer == .absent, "\(type.title): \(type.answer)")
                case 1: #expect(type.answer.word == .denied, "\(type.title): \(type.answer)")
                default: #expect(type.answer != .absent, "\(type.title): \(type.answer)")
                }
                guard let helpers = truth.helpers[load.key] else { continue }
                let column = report.helpers[index]
                #expect(column.notAskedBecause == nil, "\(type.title): \(String(describing: column.notAskedBecause))")
                let answers: [(Character, [String])] = [
                    ("y", column.supported), ("s", column.sleepableOnly), ("n", column.absent),
                ]
                for (answer, names) in answers {
                    for name in names {
                        let id = try #require(ids[name], "\(name)")
                        #expect(helpers[id] == answer, "\(type.title) \(name)")
                        compared += 1
                    }
                }
                undecided += column.inconclusive.map { "\(type.title) \($0.helper): \($0.reason)" }
                #expect(column.notAsked.count <= 3)
                #expect(
                    column.supported.count + column.sleepableOnly.count + column.absent.count + column.notAsked.count
                        + column.inconclusive.count == ids.count - 2,
                    "\(type.title)"
                )
            }
            print("compared \(compared) pairs, undecided: \(undecided)")
            #expect(compared > 1000 && undecided.count * 100 < compared, "\(undecided)")
        }

        @Test func `no map type's answer contradicts a map that was really made`() throws {
            let report = KernelProbe.run()
            #expect(report.mapTypes.count == MapKind.all.count)
            for (kind, type) in zip(MapKind.all, report.mapTypes) {
                #expect(kind.name == type.name)
                #expect(type.answer.word == .supported || type.answer == .absent, "\(type.name): \(type.answer)")
                // libbpf asks in its own way, and knows fewer types.
                guard let known = LibbpfFeatures.supports(mapType: kind.map.type) else { continue }
                #expect((type.answer == .supported) == known, "\(type.name): \(type.answer)")
            }
        }

        @Test func `the verifier's features are there on every kernel that the samples run on`() throws {
            let verifier = try #require(KernelProbe.run().verifier)
            #expect(
                verifier.map(\.name) == ["LARGE_INSN_LIMIT", "BOUNDED_LOOPS", "V2_ISA_EXTENSION", "V3_ISA_EXTENSION"]
            )
            #expect(verifier.allSatisfy { $0.answer == .supported }, "\(verifier)")
        }

        @Test func `no answer about an attach point contradicts a program that was really attached`() async throws {
            let types = try KernelTypes()
            var ids: [UInt32: UInt32] = [:]
            for form in ProgramKind.all.flatMap(\.forms) {
                guard let attach = form.attachType?.number else { continue }
                switch form.target {
                case .function(let name): ids[attach] = types.id(of: name, .function)
                case .tracepoint(let name): ids[attach] = types.id(of: "btf_trace_\(name)", .alias)
                default: break
                }
            }
            let truth = try await ProbeAttachTruth.ask(ids)
            let report = KernelProbe.run(parts: [.attachPoints])
            #expect(report.programTypes.isEmpty && report.helpers.isEmpty && report.mapTypes.isEmpty)
            #expect(report.attachPoints.map(\.name) == AttachPoint.all.map { "attach:\($0.name)" })
            for (point, asked) in zip(AttachPoint.all, report.attachPoints) {
                let error = try #require(truth.errors[point.name], "\(point.name)")
                let isNetkit = point.linkType == .netkit
                switch error {
                case 0: #expect(asked.answer == .supported, "\(point.name): \(asked.answer)")
                case 6 where isNetkit: #expect(asked.answer == .supported, "\(point.name): \(asked.answer)")
                case 1, 13, 1001, 1013: #expect(asked.answer.word == .denied, "\(point.name): \(asked.answer)")
                case 2, 22, 95, 524, 1022: #expect(asked.answer == .absent, "\(point.name): \(asked.answer)")
                default: #expect(asked.answer.word == .inconclusive, "\(point.name): \(error), \(asked.answer)")
                }
            }
            // A kernel without any of these could not run the samples either.
            for name in ["raw_tracepoint", "tracepoint", "xdp", "tc_filter", "cgroup_sock_ops", "socket_filter"] {
                #expect(truth.errors[name] == 0, "\(name)")
            }
        }

        @Test func `a link type is there exactly where a link of it was made`() throws {
            let report = KernelProbe.run(parts: [.attachPoints])
            #expect(report.linkTypes.map(\.name) == LinkType.allCases.map(\.name))
            // The kernel's own enumeration of what it was built from: the reverse does not hold.
            let known = try KernelTypes().enumerators(of: "bpf_link_type")
            for type in report.linkTypes where type.answer == .supported {
                #expect(known[type.name] != nil, "\(type.name)")
            }
            for name in ["RAW_TRACEPOINT", "CGROUP", "NETNS", "XDP"] {
                #expect(report.linkTypes.first { $0.name == "BPF_LINK_TYPE_\(name)" }?.answer == .supported)
            }
        }

        @Test func `packets are really dropped on this host, and an effect that cannot be tried is not called absent`()
        {
            let report = KernelProbe.run(parts: [.attachPoints])
            #expect(report.effects.map(\.name) == ["effect:lsm", "effect:xdp"])
            #expect(report.effects.last?.answer == .supported)
            let lsm = report.attachPoints.first { $0.name == "attach:lsm" }
            // Where an LSM program cannot be attached, nothing is said of its effect.
            if lsm?.answer != .supported { #expect(report.effects.first?.answer.word == lsm?.answer.word) }
        }

        @Test func `the answers are those that were recorded for this kernel`() throws {
            guard let folder = ProcessInfo.processInfo.environment["BPF_ASSAY_PROBE_TRUTH"] else { return }
            let release = try SmallFile.text("/proc/sys/kernel/osrelease").split(separator: "\n").joined()
            let text = try SmallFile.text("\(folder)/\(release.prefix { $0.isNumber || $0 == "." }).tsv")
            let report = KernelProbe.run()
            var wrong: [String] = []
            var compared = 0
            for line in text.split(separator: "\n").dropFirst() {
                let words = line.split(separator: "\t").map(String.init)
                guard words.count == 7, let id = UInt32(words[2]), words[3] != "-" else { continue }
                let verdict = words[4]
                switch words[0] {
                case "map":
                    guard let index = MapKind.all.firstIndex(where: { $0.map.type == id }) else { continue }
                    compared += 1
                    let expected: ProbeAnswer = verdict == "yes" || verdict == "present" ? .supported : .absent
                    if report.mapTypes[index].answer != expected { wrong.append("\(words[3]): \(verdict)") }
                case "prog":
                    guard let kind = ProgramKind.all.first(where: { $0.number == id }) else { continue }
                    compared += 1
                    let answers = Set(report.programTypes.filter { $0.name == kind.name }.map(\.answer.word))
                    let expected: ProbeAnswer.Word =
                        verdict == "absent" ? .absent : verdict == "denied" ? .denied : .supported
                    if !answers.contains(expected) { wrong.append("\(words[3]): \(verdict), not \(answers)") }
                default:
                    guard let kind = ProgramKind.all.first(where: { $0.number == UInt32(words[1]) }),
                        let column = report.helpers.first(where: {
                            $0.programType == kind.name && ($0.attachType ?? "BPF_TRACE_ITER") == "BPF_TRACE_ITER"
                        }), column.notAskedBecause == nil, !column.notAsked.contains(words[3])
                    else { continue }
                    compared += 1
                    let (yes, sleepable, no) = (
                        column.supported.contains(words[3]), column.sleepableOnly.contains(words[3]),
                        column.absent.contains(words[3])
                    )
                    let isRight: Bool =
                        switch verdict {
                        case "yes": yes
                        case "no", "unknown", "unsupported": no
                        case "sleepable": sleepable || no
                        default: !yes
                        }
                    if !isRight { wrong.append("\(kind.name) \(words[3]): \(verdict), \(yes) \(sleepable) \(no)") }
                }
            }
            let points = [
                "kprobe": "kprobe.perf", "uprobe": "uprobe.perf", "tracepoint": "tracepoint",
                "perf_event": "perf_event.sw", "raw_tracepoint": "raw_tp", "tp_btf": "tp_btf", "iter_task": "iter.task",
                "kprobe_multi": "kprobe.multi", "uprobe_multi": "uprobe.multi", "xdp": "xdp.lo",
                "tcx_ingress": "tcx.lo", "netkit_primary": "netkit.on_lo", "netfilter": "netfilter",
                "flow_dissector": "flow_dissector", "sk_lookup": "sk_lookup", "tc_filter": "tc.cls_bpf",
                "tc_action": "tc.act_bpf", "lwt_in": "lwt.bpf_in", "socket_filter": "so_attach_bpf",
                "reuseport": "so_attach_reuseport_ebpf", "sockmap_stream_parser": "sockmap.stream_parser",
                "sockmap_stream_verdict": "sockmap.stream_verdict", "sockmap_verdict": "sockmap.skb_verdict",
                "sockmap_msg_verdict": "sockmap.msg_verdict",
                "cgroup_inet_ingress": "cgroup.skb_ingress", "cgroup_inet_sock_create": "cgroup.sock_create",
                "cgroup_sock_ops": "cgroup.sock_ops", "cgroup_device": "cgroup.device",
                "cgroup_inet4_connect": "cgroup.connect4", "cgroup_sysctl": "cgroup.sysctl",
                "cgroup_getsockopt": "cgroup.getsockopt", "cgroup_unix_connect": "cgroup.unix_connect",
            ]
            let attached = try SmallFile.text("\(folder)/attach.tsv").split(separator: "\n")
                .map { $0.split(separator: "\t").map(String.init) }.filter { release.hasPrefix($0[0]) }
            for (point, answer) in zip(AttachPoint.all, report.attachPoints) {
                guard let row = attached.first(where: { $0[1] == points[point.name] }) else { continue }
                compared += 1
                let expected: ProbeAnswer = row[3] == "absent" ? .absent : .supported
                if answer.answer != expected { wrong.append("\(answer.name): \(row[3]), \(answer.answer)") }
            }
            print("compared \(compared) answers with those recorded")
            #expect(wrong == [] && compared > 1000)
        }

        @Test func `probing leaves nothing behind, and the kernel's log as it was`() throws {
            let before = try HostCensus()
            let log = try KernelLog()
            _ = KernelProbe.run()
            // The kernel frees programs after a grace period.
            let deadline = Deadline(after: .seconds(5))
            _ = deadline.poll(everyMilliseconds: 50) { (try? HostCensus().surplus(over: before))?.isEmpty ?? false }
            #expect(try HostCensus().surplus(over: before) == [])
            #expect(log.newLines().filter { $0.contains("bpf") || KernelLog.isSplat($0) } == [])
        }
    }
}
