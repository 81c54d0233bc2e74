import LinuxHost
import Testing

struct TraceLineTests {
    @Test(arguments: [
        (
            "   assay-worker-171     [000] b..1.    12.345678: bpf_trace_printk: skb 00000000aabbccdd len 84",
            "assay-worker", 171
        ),
        (
            "     ksoftirqd/0-13      [001] ..s2.  1234.000001: bpf_trace_printk: skb 00000000aabbccdd len 84",
            "ksoftirqd/0", 13
        ),
        // Before 5.11 the flags had four letters.
        (
            "            a b-1 [x-99      [000] ....     1.000000: bpf_trace_printk: skb 00000000aabbccdd len 84",
            "a b-1 [x", 99
        ),
        ("         <idle>-0       [000] d.h.     1.000000: bpf_trace_printk: skb 00000000aabbccdd len 84", "<idle>", 0),
    ])
    func `a line is taken apart, whatever the task is called`(text: String, task: String, thread: CInt) throws {
        let line = try #require(TraceInstance.line(text))
        #expect(line.task == task && line.thread == thread && line.event == "bpf_trace_printk")
        #expect(line.text == "skb 00000000aabbccdd len 84")
    }

    @Test func `colons belong to the text, and an empty text is one`() {
        let line = TraceInstance.line("  w-1  [000] ....  1.0: bpf_trace_printk: a: b: c")
        #expect(line?.text == "a: b: c")
        #expect(TraceInstance.line("  w-1  [000] ....  1.0: bpf_trace_printk: ")?.text == "")
    }

    @Test(arguments: [
        "", ":", ": : ", "CPU:0 [LOST 17 EVENTS]", "# tracer: nop", "w-1 [000] .... 1.0: only",
        "w [000] .... 1.0: e: t",
        "w-x [000] .... 1.0: e: t", "-1 000 1.0: e: t", "[000]: e: t",
    ])
    func `what is no line is none`(text: String) {
        #expect(TraceInstance.line(text) == nil)
    }
}
