import Reporting
import RunModel
import Testing

/// The form of each format of a check, pinned whole on a small record.
@Suite struct `the form of a check` {
    static let record = CheckRecords.record([
        CheckRecords.check("CONFIG_BPF", .met), CheckRecords.check("CONFIG_A", .unmet),
        CheckRecords.check("CONFIG_M", .metModule), CheckRecords.check("CONFIG_O", .unmet, .optional),
        CheckRecords.check("attach:xdp", .conflict, level: .attach),
        CheckRecords.check("effect:lsm", .notApplicable, level: .effect),
    ])

    @Test func `in KTAP`() {
        #expect(
            CheckKTAP().render(Self.record) == """
                KTAP version 1
                1..3
                # config: /proc/config.gz (verified)
                # kernel: 6.1.192
                # profile: core
                  KTAP version 1
                  # Subtest: options and subsystems
                  1..4
                  ok 1 CONFIG_BPF
                  # CONFIG_A: unmet: .config:5: CONFIG_A
                  # CONFIG_A: blocks: tc filters
                  # CONFIG_A: remedy: CONFIG_A=y
                  not ok 2 CONFIG_A
                  ok 3 CONFIG_M # as a module
                  ok 4 CONFIG_O # SKIP optional, unmet: .config:5: CONFIG_O
                not ok 1 options and subsystems
                  KTAP version 1
                  # Subtest: attach points and links
                  1..1
                  # attach:xdp: conflict: .config:5: attach:xdp
                  # attach:xdp: blocks: tc filters
                  # attach:xdp: remedy: attach:xdp=y
                  not ok 1 attach:xdp # ERROR conflict: .config:5: attach:xdp
                not ok 2 attach points and links
                  KTAP version 1
                  # Subtest: effects
                  1..1
                  ok 1 effect:lsm # SKIP not-applicable: .config:5: effect:lsm
                ok 3 effects # SKIP each of them is skipped

                """
        )
    }

    @Test func `in JUnit`() {
        var record = Self.record
        record.checks.removeLast(2)
        #expect(
            CheckJUnit().render(record) == """
                <?xml version="1.0" encoding="UTF-8"?>
                <testsuites>
                  <testsuite name="check options and subsystems" package="bpf-assay.check" id="0" tests="4" failures="1" errors="0" \
                skipped="1" time="0.000" timestamp="1970-01-01T00:00:00" hostname="linux-6.1.192">
                    <properties>
                      <property name="source" value="/proc/config.gz"/>
                      <property name="identity" value="verified"/>
                      <property name="kernel" value="6.1.192"/>
                      <property name="profile" value="core"/>
                      <property name="conclusion" value="unmet"/>
                    </properties>
                    <testcase classname="bpf-assay.check.options" name="CONFIG_BPF" time="0.000"/>
                    <testcase classname="bpf-assay.check.options" name="CONFIG_A" time="0.000"><failure type="unmet" \
                message="unmet: .config:5: CONFIG_A">unmet: .config:5: CONFIG_A&#10;blocks: tc filters&#10;remedy: \
                CONFIG_A=y</failure></testcase>
                    <testcase classname="bpf-assay.check.options" name="CONFIG_M" time="0.000"/>
                    <testcase classname="bpf-assay.check.options" name="CONFIG_O" time="0.000"><skipped \
                message="optional, unmet: .config:5: CONFIG_O">optional, unmet: .config:5: CONFIG_O&#10;blocks: tc \
                filters&#10;remedy: CONFIG_O=y</skipped></testcase>
                    <system-out>CONFIG_M: as a module</system-out>
                    <system-err/>
                  </testsuite>
                </testsuites>

                """
        )
    }

    @Test func `in Markdown`() {
        #expect(
            CheckMarkdown().render(Self.record) == """
                # eBPF check: conflict

                `not known: whether this host (Linux 6.1.192) supports eBPF; its options and the kernel itself disagree about \
                attach:xdp; name the config that belongs to it with --config, or report a wrong rule of bpf-assay`

                | config | kernel | profile |
                | --- | --- | --- |
                | `/proc/config.gz` (verified) | `6.1.192` | `core` |

                **2 there, 1 missing or refused, 1 not known or in conflict, 2 not required.**

                ## Missing or refused

                | feature | level | weight | verdict | evidence | blocks | remedy |
                | --- | --- | --- | --- | --- | --- | --- |
                | `CONFIG_A` | config | required | unmet | `.config:5: CONFIG_A` | `tc filters` | `CONFIG_A=y` |

                ## Not known, or in conflict

                | feature | level | weight | verdict | evidence | blocks | remedy |
                | --- | --- | --- | --- | --- | --- | --- |
                | `attach:xdp` | attach | required | conflict | `.config:5: attach:xdp` | `tc filters` | `attach:xdp=y` |

                ## Not there, and not required

                | feature | level | weight | verdict | evidence | blocks | remedy |
                | --- | --- | --- | --- | --- | --- | --- |
                | `CONFIG_O` | config | optional | unmet | `.config:5: CONFIG_O` | `tc filters` | `CONFIG_O=y` |

                <details><summary>Not asked of this kernel: 1</summary>

                | feature | level | weight | verdict | evidence | blocks | remedy |
                | --- | --- | --- | --- | --- | --- | --- |
                | `effect:lsm` | effect | required | not-applicable | `.config:5: effect:lsm` | `tc filters` | `effect:lsm=y` |

                </details>

                <details><summary>There: 2</summary>

                | feature | level | weight | verdict | evidence | blocks | remedy |
                | --- | --- | --- | --- | --- | --- | --- |
                | `CONFIG_BPF` | config | required | met | `.config:5: CONFIG_BPF` | `tc filters` | `CONFIG_BPF=y` |
                | `CONFIG_M` | config | required | met-module | `.config:5: CONFIG_M` | `tc filters` | `CONFIG_M=y` |

                </details>

                """
        )
    }

    @Test func `in macros`() {
        #expect(
            CheckMacros().render(CheckRecords.record(CheckRecords.good.checks, probe: CheckRecords.probe)) == """
                /* eBPF of Linux 6.1.192, config /proc/config.gz (verified) */

                /*** Misc kernel config items ***/
                #define CONFIG_HZ 250

                /*** System call availability ***/
                #define HAVE_BPF_SYSCALL

                /*** eBPF program types ***/
                #define HAVE_XDP_PROG_TYPE
                /* BPF_PROG_TYPE_TRACING/BPF_TRACE_FENTRY: denied: a policy */
                #define HAVE_TRACING_PROG_TYPE
                #define NO_HAVE_LIRC_MODE2_PROG_TYPE
                /* BPF_PROG_TYPE_EXT: inconclusive: errno 7 */
                /* HAVE_EXT_PROG_TYPE is not known */

                /*** eBPF map types ***/
                #define HAVE_HASH_MAP_TYPE
                #define NO_HAVE_ARENA_MAP_TYPE
                /* BPF_MAP_TYPE_RHASH: denied: no CAP_BPF */
                #define NO_HAVE_RHASH_MAP_TYPE

                /*** eBPF helper functions ***/
                /* '#if HAVE_PROG_TYPE_HELPER(xdp, bpf_redirect)' holds where an XDP program may call bpf_redirect(). */
                #define HAVE_PROG_TYPE_HELPER(prog_type, helper) BPF__PROG_TYPE_ ## prog_type ## __HELPER_ ## helper
                /* not asked, since loading one changes or warns: bpf_trace_printk */
                /* BPF_PROG_TYPE_XDP: only in programs that may sleep: bpf_copy_from_user */
                /* BPF_PROG_TYPE_XDP: not known: bpf_get_func_ip */
                #define BPF__PROG_TYPE_xdp__HELPER_bpf_copy_from_user 0
                #define BPF__PROG_TYPE_xdp__HELPER_bpf_map_lookup_elem 1
                #define BPF__PROG_TYPE_xdp__HELPER_bpf_redirect 1
                #define BPF__PROG_TYPE_xdp__HELPER_bpf_skb_load_bytes 0
                #define BPF__PROG_TYPE_tracing__HELPER_bpf_get_func_ip 0
                #define BPF__PROG_TYPE_tracing__HELPER_bpf_map_lookup_elem 1
                #define BPF__PROG_TYPE_tracing__HELPER_bpf_redirect 0
                #define BPF__PROG_TYPE_lirc_mode2__HELPER_bpf_copy_from_user 0
                #define BPF__PROG_TYPE_lirc_mode2__HELPER_bpf_get_func_ip 0
                #define BPF__PROG_TYPE_lirc_mode2__HELPER_bpf_map_lookup_elem 0
                #define BPF__PROG_TYPE_lirc_mode2__HELPER_bpf_redirect 0
                #define BPF__PROG_TYPE_lirc_mode2__HELPER_bpf_skb_load_bytes 0
                /* BPF_PROG_TYPE_EXT: not known: the type could not be asked */

                /*** eBPF misc features ***/
                #define HAVE_LARGE_INSN_LIMIT
                #define NO_HAVE_BOUNDED_LOOPS

                """
        )
    }

    @Test func `in macros without a probe, from what the options say`() {
        var record = CheckRecords.good
        record.options = nil
        let text = CheckMacros().render(record)
        #expect(text.contains("/* CONFIG_HZ is not known */"))
        #expect(text.contains("/* BPF_SYSCALL is not known */"))
        #expect(text.contains("#define HAVE_XDP_PROG_TYPE\n"))
        #expect(!text.contains("#define BPF__PROG_TYPE_") && !text.contains("LARGE_INSN_LIMIT"))
    }

    @Test(arguments: [
        (CheckVerdict.met, "#define HAVE_BPF_SYSCALL"), (.unmet, "#define NO_HAVE_BPF_SYSCALL"),
        (.unknown, "/* BPF_SYSCALL is not known */"), (.conflict, "/* BPF_SYSCALL is not known */"),
    ])
    func `in macros, of the system call itself`(verdict: CheckVerdict, line: String) {
        let text = CheckMacros().render(CheckRecords.record([CheckRecords.check("CONFIG_BPF_SYSCALL", verdict)]))
        #expect(text.contains(line + "\n"))
    }
}
