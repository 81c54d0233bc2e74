import FoundationEssentials
import RunModel
import Testing

@Suite struct `coding` {
    static let full = SampleResult(
        sample: "xdp/xdp1",
        variant: .surrogate,
        machine: "vm:6.1.192",
        verdict: .fail,
        reason: .oracle,
        need: .attach("kprobe"),
        needs: [.attach("kprobe"), .kernel(KernelVersion(5, 10))],
        message: "m",
        details: ["d"],
        expected: .fail,
        checks: [Check(claim: "c", expected: "e", observed: "o", held: false)],
        notReached: ["n"],
        observation: .object(["count": .integer(-1), "ids": .array([.null, .bool(true), .string("s")])]),
        control: .accepted,
        leaks: [SampleResult.Leak(kind: "map", subject: "17")],
        attempts: [SampleResult.Attempt(verdict: .fail, reason: .oracle, message: "m", duration: 1.25)],
        duration: 1.503
    )

    static let events: [RunEvent] = [
        .runStarted(
            RunInfo(id: "r", started: "s", ended: "e", tool: "t", command: ["c"]),
            machines: [
                Machine(
                    id: "host",
                    kernel: Machine.Kernel(release: "6.1", version: "v", arch: "a"),
                    config: Machine.Config(source: "none", identity: .suspect),
                    clang: "clang 14",
                    libbpf: "1.1",
                    options: ["CONFIG_VETH": "m"]
                )
            ],
            plan: [
                PlannedSample(sample: "xdp/xdp1", machine: "host", expected: .fail, needs: [.option("CONFIG_VETH")])
            ]
        ),
        .checked(
            CheckResult(feature: "f", level: .effect, verdict: .metModule, evidence: ["e"], remedy: "r").of(
                machine: "m"
            )
        ),
        .built(
            BuildResult(
                sample: "s",
                object: "o",
                verdict: .error,
                command: "c",
                diagnostics: ["d"],
                duration: 0.5,
                cached: true
            )
        ),
        .guestStarted(GuestStart(machine: "vm:6.1", seconds: 2.5, splats: ["WARNING"], troubles: ["no veth"])),
        .sampleStarted(PlannedSample(sample: "s", machine: "m")),
        .sampleEnded(full),
        .runEnded(at: "t", interrupted: true),
    ]

    static func again<Value: Codable>(_ value: Value) throws -> Value {
        try JSONDecoder().decode(Value.self, from: try JSONEncoder().encode(value))
    }

    @Test(arguments: events)
    func `gives every event back as it was`(event: RunEvent) throws {
        #expect(try Self.again(event) == event)
    }

    @Test func `covers every kind of event`() {
        #expect(Self.events.count == RunEvent.Kind.allCases.count)
    }

    @Test(arguments: [
        #"{"version":2,"kind":"run-ended","payload":{"at":"t","interrupted":true}}"#,
        #"{"version":1,"kind":"run-began","payload":{}}"#,
        #"{"version":1,"kind":"run-ended","payload":{"at":"t"}}"#,
        #"{"version":1,"kind":"sample-started"}"#, "[]", "7",
    ])
    func `refuses what is no event of this version`(json: String) {
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(RunEvent.self, from: Data(json.utf8))
        }
    }

    @Test(arguments: [
        JSONValue.null, .bool(false), .integer(.min), .unsigned(.max), .number(0.5), .string("\u{0}é"), .array([]),
        .object([:]),
    ])
    func `gives any JSON back as it was`(value: JSONValue) throws {
        #expect(try Self.again(value) == value)
    }

    @Test(arguments: [1e19, 3.0, -0.0, 1e300, 0.1])
    func `writes a number the second time as it did the first`(number: Double) throws {
        let first = try JSONEncoder().encode(JSONValue.number(number))
        let second = try JSONEncoder().encode(try JSONDecoder().decode(JSONValue.self, from: first))
        #expect(first == second)
    }

    @Test func `a result's name is its sample without the family`() {
        #expect(Self.full.name == "xdp1")
        #expect(SampleResult(sample: "bare", machine: "host", verdict: .pass).name == "bare")
    }
}
