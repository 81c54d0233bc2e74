import LibBPF
import LinuxHost
import SampleKit
import SampleLab

/// Programs of a route that look at packets, change, redirect or drop them, each at the places where the kernel lets it run.
struct TestLwtBpf: SteppedSample {
    static let manifest = Manifest(
        summary:
            "programs of a route look at packets, rewrite their target, redirect or drop them as they come in and go out",
        oracle:
            "of packets of both versions, short and long, that a router forwards or sends itself on each of up to four processors, each program "
            + "prints what it must of the packet and its context, at each of the three places where it may run, once for each; the packet arrives "
            + "once with exactly the bytes that the program changed, at the next host or at the device that it was redirected to, or nowhere",
        kernSources: ["samples/bpf/test_lwt_bpf.c"],
        programTypes: ["LWT_IN", "LWT_OUT", "LWT_XMIT"],
        needs: .routePrograms + .xdp + [
            "CONFIG_INET", "CONFIG_IPV6", "CONFIG_NET_NS", "CONFIG_BPF_EVENTS", "kernel>=5.18",
            "helper:bpf_probe_read_kernel_str",
        ],
        timeout: .seconds(20)
    )

    /// What a program does.
    enum Effect: String, Sendable, CaseIterable {
        case nothing = "do_nop"
        case context = "do_test_ctx"
        case control = "do_test_cb"
        case data = "do_test_data"
        case drop = "do_drop_all"
        case rewrite = "do_test_rewrite"
        case push = "do_push_ll_and_redirect"
        case pushSilently = "do_push_ll_and_redirect_silent"
        case garbage = "do_fill_garbage"
        case garbageAndRedirect = "do_fill_garbage_and_redirect"

        /// Whether it runs before a packet is handed to the device, and nowhere else.
        var changes: Bool {
            switch self {
            case .nothing, .context, .control, .data, .drop: false
            default: true
            }
        }
    }

    /// A program and its place; the last step has none any more.
    struct Step: CustomStringConvertible, Sendable {
        var program: (effect: Effect, hook: RouteSocket.RouteHook)?

        var description: String { program.map { "\($0.effect.rawValue), \($0.hook)" } ?? "without a program" }
    }

    static let steps: [Step] =
        Effect.allCases.flatMap { effect in
            let hooks: [RouteSocket.RouteHook] = effect.changes ? [.transmit] : [.input, .output, .transmit]
            return hooks.map { Step(program: (effect, $0)) }
        } + [Step()]

    /// The indices of the router's interfaces: what programs print is text, so that they need not be large.
    static let near: CInt = 70001
    static let far: CInt = 70017

    static let exampleFacts: [Tallies] = [[SenderProcessors.fact: 1], [SenderProcessors.fact: 2]]

    static func expected(_ step: Step, _ facts: Tallies) -> Tallies {
        Packet.sent(step).reduce(into: [:]) { all, packet in all = all + packet.outcome(step).tallies(packet.title) }
            * facts[SenderProcessors.fact]
    }

    static func notReached(_ facts: Tallies) -> [String] { SenderProcessors.notReached(facts) }

    func prepare(in arena: borrowing Arena) throws -> Bench { try Bench(arena) }

    func facts(on bench: Bench, in arena: borrowing Arena) throws -> Tallies { try SenderProcessors.count() }

    func perform(_ step: Step, on bench: Bench, in arena: borrowing Arena) throws -> Tallies {
        try bench.expose(to: step, in: arena)
    }
}
