import Reporting
import RunModel
import Testing

@Suite struct `the JUnit report` {
    @Test func `is one suite a machine and one case a sample`() {
        let results = [
            Records.passed, Records.failed, Records.broke, Records.missing, Records.skipped, Records.expectedFailure,
        ]
        #expect(
            JUnitReport().render(Records.record(results)) == """
                <?xml version="1.0" encoding="UTF-8"?>
                <testsuites>
                  <testsuite name="linux-6.1.192" package="bpf-assay" id="0" tests="6" failures="1" errors="2" skipped="2" \
                time="3.503" timestamp="2026-11-22T12:00:00" hostname="host">
                    <properties>
                      <property name="run" value="r1"/>
                      <property name="tool" value="bpf-assay 0.1"/>
                      <property name="kernel" value="6.1.192"/>
                      <property name="kernel.version" value="#1 SMP"/>
                      <property name="arch" value="x86_64"/>
                      <property name="config" value="/boot/config-6.1.192"/>
                      <property name="config.identity" value="verified"/>
                      <property name="clang" value="Debian clang version 14.0.6"/>
                      <property name="libbpf" value="1.1"/>
                    </properties>
                    <testcase classname="bpf-assay.linux-6_1_192" name="networking/sockex1" time="1.503"/>
                    <testcase classname="bpf-assay.linux-6_1_192" name="xdp/xdp1" time="2.000"><failure type="oracle" \
                message="packets counted: expected 980, found 882">packets counted: expected 980, found 882&#10;verifier: \
                processed 17 insns&#10;leak: map 17</failure></testcase>
                    <testcase classname="bpf-assay.linux-6_1_192" name="cgroup/sock" time="0.000"><error type="harness" \
                message="unshare on a new process: EPERM">unshare on a new process: EPERM</error></testcase>
                    <testcase classname="bpf-assay.linux-6_1_192" name="tracing/tracex2" time="0.000"><error type="missing" \
                message="it began, and nothing reported its end">it began, and nothing reported its end</error></testcase>
                    <testcase classname="bpf-assay.linux-6_1_192" name="tracing/tracex1" time="0.000"><skipped \
                message="CONFIG_KPROBES is off">CONFIG_KPROBES is off</skipped></testcase>
                    <testcase classname="bpf-assay.linux-6_1_192" name="networking/known" time="0.000"><skipped \
                message="XFAIL: packets counted: expected 980, found 882">XFAIL: packets counted: expected 980, found 882\
                </skipped></testcase>
                    <system-out/>
                    <system-err/>
                  </testsuite>
                </testsuites>

                """
        )
    }

    @Test func `gives no two cases one name`() {
        var record = Records.record([Records.passed])
        record.results += [Records.passed, Records.passed]
        let text = JUnitReport().render(record)
        #expect(text.contains(#"name="networking/sockex1" "#))
        #expect(text.contains(#"name="networking/sockex1 (2)" "#))
        #expect(text.contains(#"name="networking/sockex1 (3)" "#))
    }

    @Test func `keeps a result of a machine that the record does not describe`() {
        var stray = Records.passed
        stray.machine = "vm:6.12"
        let text = JUnitReport().render(Records.record([stray]))
        #expect(text.contains(#"hostname="vm:6.12""#))
        #expect(text.contains(#"classname="bpf-assay.vm:6_12""#))
    }

    @Test(arguments: [
        ("2026-02-29T12:00:00Z", "1970-01-01T00:00:00"), ("2028-02-29T23:59:59.123Z", "2028-02-29T23:59:59"),
        ("2026-11-22T12:00:00+00:00", "2026-11-22T12:00:00"), ("2026-11-22T12:00:00+02:00", "1970-01-01T00:00:00"),
        ("2026-13-22T12:00:00Z", "1970-01-01T00:00:00"), ("yesterday", "1970-01-01T00:00:00"),
        ("", "1970-01-01T00:00:00"),
    ])
    func `writes a time that Ant's schema takes`(started: String, timestamp: String) {
        var record = Records.good
        record.run.started = started
        #expect(JUnitReport().render(record).contains(#"timestamp="\#(timestamp)""#))
    }
}
