import LibBPF
import RunModel
import SystemPackage
import Testing

@testable import BPFProbe

/// What refusals mean, apart from any kernel.
struct AttachJudgementTests {
    private static let root = Privileges(effective: 1 << 21, lockdown: "integrity")
    private static let nobody = Privileges(effective: 0, lockdown: nil)

    @Test func `attach points have names of their own and belong to program types that are asked for`() {
        #expect(Set(AttachPoint.all.map(\.name)).count == AttachPoint.all.count)
        for point in AttachPoint.all {
            #expect(ProgramKind.all.contains { $0.number == point.programType }, "\(point.name)")
            #expect(point.name.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "_" }, "\(point.name)")
        }
    }

    @Test func `every link type is made by an attach point, but the one that would change the host`() {
        let made = Set(AttachPoint.all.compactMap(\.linkType))
        #expect(Set(LinkType.allCases).subtracting(made) == [.operations])
        #expect(LinkType.allCases.map(\.rawValue) == Array(1...14))
        #expect(Set(LinkType.allCases.map(\.name)).count == 14)
    }

    @Test func `a refusal is absence only where its way says so`() {
        #expect(AttachOutcome(nil, absentIf: AttachOutcome.bpf) == .attached)
        #expect(AttachOutcome(.invalidArgument, absentIf: AttachOutcome.bpf) == .absent)
        #expect(AttachOutcome(Errno(rawValue: 95), absentIf: AttachOutcome.bpf) == .absent)
        #expect(AttachOutcome(Errno(rawValue: 524), absentIf: AttachOutcome.bpf) == .absent)
        // A message of rtnetlink that was wrong says EINVAL too.
        #expect(AttachOutcome(.invalidArgument, absentIf: AttachOutcome.netlink) == .refused(.invalidArgument))
        #expect(AttachOutcome(.noSuchFileOrDirectory, absentIf: AttachOutcome.netlink) == .absent)
        #expect(AttachOutcome(.noSuchFileOrDirectory, absentIf: AttachOutcome.bpf) == .refused(.noSuchFileOrDirectory))
        #expect(AttachOutcome(.noFunction, absentIf: AttachOutcome.perf) == .absent)
    }

    @Test func `outcomes become answers with reasons`() {
        func answer(_ outcome: AttachOutcome, _ privileges: Privileges = Self.root) -> ProbeAnswer {
            outcome.answer(privileges, needing: [.bpf, .netAdmin])
        }
        #expect(answer(.attached) == .supported)
        #expect(answer(.absent) == .absent)
        #expect(answer(.refused(.notPermitted), Self.nobody) == .denied("needs CAP_BPF and CAP_NET_ADMIN"))
        #expect(answer(.refused(.permissionDenied)).reason?.contains("locked down for integrity") == true)
        #expect(answer(.refused(.noMemory)).word == .inconclusive)
        #expect(answer(.outOfReach("needs CAP_SYS_ADMIN")) == .denied("needs CAP_SYS_ADMIN"))
        #expect(answer(.untried("no cgroup")) == .inconclusive("no cgroup"))
    }

    @Test func `of two ways the one that works counts, and an absent link says nothing about the other`() {
        #expect(AttachOutcome.either(.absent, .attached) == .attached)
        #expect(AttachOutcome.either(.refused(.notPermitted), .attached) == .attached)
        #expect(AttachOutcome.either(.attached, .absent) == .attached)
        #expect(AttachOutcome.either(.absent, .absent) == .absent)
        #expect(AttachOutcome.either(.absent, .refused(.notPermitted)) == .refused(.notPermitted))
        #expect(AttachOutcome.either(.refused(.resourceBusy), .absent) == .refused(.resourceBusy))
        #expect(AttachOutcome.either(.absent, nil) == .absent)
    }

    @Test func `a link type is absent only where every try says so`() {
        #expect(LinkType.answer(from: [.absent, .inconclusive("x"), .supported]) == .supported)
        #expect(LinkType.answer(from: [.absent, .absent]) == .absent)
        #expect(LinkType.answer(from: [.absent, .inconclusive("x")]) == .inconclusive("x"))
        #expect(LinkType.answer(from: [.inconclusive("x"), .denied("y"), .absent]) == .denied("y"))
        #expect(LinkType.answer(from: []).word == .inconclusive)
    }
}

/// The effect of an LSM program, judged from what was seen.
struct EffectTests {
    @Test func `a refusal that comes and goes with the program is its effect`() {
        #expect(LSMEffect(before: nil, during: .notPermitted, after: nil).answer == .supported)
    }

    @Test func `a program that was attached and not obeyed has no effect`() {
        // Debian 6.1 with lsm=lockdown,capability, and Debian 5.10 as it ships.
        #expect(LSMEffect(before: nil, during: nil, after: nil).answer == .absent)
    }

    @Test func `a refusal that is not the program's decides nothing`() {
        let others: [LSMEffect] = [
            LSMEffect(before: .notPermitted, during: .notPermitted, after: nil),
            LSMEffect(before: nil, during: .notPermitted, after: .notPermitted),
            LSMEffect(before: nil, during: .permissionDenied, after: nil),
            LSMEffect(before: nil, during: nil, after: .notPermitted),
            LSMEffect(before: .noMemory, during: nil, after: nil),
        ]
        for seen in others { #expect(seen.answer.word == .inconclusive, "\(seen)") }
    }

    @Test func `a packet that was counted and did not arrive is the effect of XDP`() {
        #expect(XDPEffect(counted: 1, arrived: .after).answer == .supported)
        #expect(XDPEffect(counted: 0, arrived: .under).answer == .absent)
        for seen in [
            XDPEffect(counted: 1, arrived: .under), XDPEffect(counted: 0, arrived: .after),
            XDPEffect(counted: 1, arrived: nil), XDPEffect(counted: 0, arrived: nil),
        ] {
            #expect(seen.answer.word == .inconclusive, "\(seen)")
        }
    }
}
