import Foundation
import LibBPF
import LinuxHost
import Testing

@testable import BPFProbe

struct KindTests {
    @Test func `types are listed once, in the order of their numbers, without a gap`() {
        #expect(ProgramKind.all.map(\.number) == Array(1...32))
        #expect(Set(ProgramKind.all.map(\.name)).count == 32)
        #expect(MapKind.all.map(\.map.type) == Array(1...35))
        #expect(Set(MapKind.all.map(\.name)).count == 35)
    }

    @Test func `an attach type is named exactly where there are several`() {
        for kind in ProgramKind.all {
            #expect(kind.forms.allSatisfy { $0.isOneOfSeveral == (kind.forms.count > 1) }, "\(kind.name)")
            #expect(kind.forms.allSatisfy { !$0.isOneOfSeveral || $0.attachType != nil }, "\(kind.name)")
        }
    }

    @Test func `a refusal names the capabilities that are missing, or the lockdown`() {
        let nobody = Privileges(effective: 0, lockdown: nil)
        #expect(nobody.reasonForRefusal(needing: [.bpf, .netAdmin]) == "needs CAP_BPF and CAP_NET_ADMIN")
        let loader = Privileges(effective: 1 << 39, lockdown: nil)
        #expect(loader.reasonForRefusal(needing: [.bpf, .perfmon]) == "needs CAP_PERFMON")
        let root = Privileges(effective: 1 << 21, lockdown: "integrity")
        #expect(root.reasonForRefusal(needing: [.bpf, .netAdmin]) == "the kernel is locked down for integrity")
    }

    @Test func `capabilities and the lockdown mode are read as the kernel writes them`() throws {
        let status = try String(contentsOfFile: "/proc/thread-self/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("CapEff:") })
        #expect(Privileges.current().effective == UInt64(line.dropFirst(7).filter(\.isHexDigit), radix: 16))
        #expect(KernelLockdown(text: "none [integrity] confidentiality\n")?.mode == "integrity")
        #expect(KernelLockdown(text: "]none[") == nil)
    }

    @Test(arguments: [
        ("#1 SMP Debian 4.19.316-1 (2024-06-25)", 0x0413ff), ("Ubuntu 4.15.0-20.21-generic 4.15.17", 0x040f11),
        ("#1 SMP PREEMPT_DYNAMIC Mon Sep 15", nil), ("6.18.44", 0x06122c), ("999999999999.1.2", nil), ("", nil),
    ])
    func `the version that old kprobes compare is the last one in the text`(text: String, code: UInt32?) {
        #expect(AttachTargets.version(in: text) == code)
    }
}
