import Reporting
import RunModel
import Testing

/// The JSON of a check.
struct CheckJSONTests {
    private let record = CheckRecord(
        source: ".config",
        identity: .unknown,
        kernel: "6.1.192",
        profile: "mine",
        checks: [
            CheckResult(
                feature: "CONFIG_A",
                level: .config,
                verdict: .unmet,
                evidence: [".config:5: CONFIG_A=m"],
                remedy: "CONFIG_A=y"
            )
        ]
    )

    @Test func `the form is pinned`() throws {
        #expect(
            try CheckJSON().render(record) == """
                {
                  "checks" : [
                    {
                      "blocks" : [

                      ],
                      "evidence" : [
                        ".config:5: CONFIG_A=m"
                      ],
                      "feature" : "CONFIG_A",
                      "level" : "config",
                      "remedy" : "CONFIG_A=y",
                      "verdict" : "unmet",
                      "weight" : "required"
                    }
                  ],
                  "host" : {

                  },
                  "identity" : "unknown",
                  "kernel" : "6.1.192",
                  "notes" : [

                  ],
                  "profile" : "mine",
                  "schema" : "bpf-assay/check/1",
                  "source" : ".config"
                }

                """
        )
    }

    @Test func `what is written is read again`() throws {
        #expect(try CheckJSON.read(Array(CheckJSON().render(record).utf8)) == record)
    }

    @Test(arguments: ["", "{", "[]", "{\"schema\":\"bpf-assay/record/1\"}", "{\"schema\":\"bpf-assay/check/2\"}"])
    func `what is no check is refused`(text: String) {
        #expect(throws: RecordError.self) { try CheckJSON.read(Array(text.utf8)) }
    }
}
