import RunModel
import Testing

@testable import GuestRun

struct ConsoleWatchTests {
    private func watch(_ text: String) -> ConsoleWatch {
        var watch = ConsoleWatch()
        watch.take(Array(text.utf8))
        watch.finish()
        return watch
    }

    @Test func `a panic is found behind printk's prefixes, with what led to it`() {
        let console = watch(
            "[    1.0] fine\r\n[    2.0] sysrq: Trigger a crash\r\n[    2.1][   T77] Kernel panic - not syncing: sysrq triggered crash\r\n"
                + "[    2.2] Call Trace:\r\n"
        )
        #expect(console.panicLine == "Kernel panic - not syncing: sysrq triggered crash")
        #expect(console.panic?.first == "[    2.0] sysrq: Trigger a crash" && console.panic?.count == 3)
    }

    @Test(arguments: [
        "[    1.0] bpf-assay: prints Kernel panic - not syncing: no", "say Kernel panic - not syncing",
        "[x] Kernel panic - not syncing",
        "[    1.0] Kernel panic", "",
    ])
    func `words within a line are no panic`(line: String) {
        #expect(watch(line + "\n").panic == nil)
    }

    @Test func `a panic is found however its bytes are cut`() {
        let text = Array("[    1.0] Kernel panic - not syncing: x\n".utf8)
        for cut in text.indices {
            var watch = ConsoleWatch()
            watch.take(Array(text[..<cut]))
            watch.take(Array(text[cut...]))
            #expect(watch.panicLine != nil)
        }
    }

    @Test func `a flood does not grow without bounds`() {
        var watch = ConsoleWatch()
        for _ in 0..<20 { watch.take([UInt8](repeating: 0x41, count: 1 << 16)) }
        for number in 0..<10_000 { watch.take(Array("line \(number)\n".utf8)) }
        #expect(watch.lines.count <= 800 && watch.lines.last == "line 9999")
        #expect(watch.lines.allSatisfy { $0.utf8.count <= 4096 })
    }

    @Test func `bytes that are no text do no harm`() {
        var watch = ConsoleWatch()
        watch.take((0...255).map { UInt8($0) } + [0x5b, 0x5d, 0x0a, 0x5b, 0x0a])
        #expect(!watch.lines.isEmpty)
    }

    @Test func `QEMU's reason of the end is the first that it gives`() {
        var control = ControlPort()
        control.take(
            Array("{\"QMP\": {\"version\": {}}}\r\n{\"return\": {}}\r\n{\"timestamp\": {}, \"event\": \"SHUTD".utf8)
        )
        #expect(control.shutdownReason == nil)
        control.take(Array("OWN\", \"data\": {\"guest\": true, \"reason\": \"guest-reset\"}}\r\nnonsense\r\n".utf8))
        control.take(Array("{\"event\": \"SHUTDOWN\", \"data\": {\"reason\": \"host-qmp-quit\"}}\n".utf8))
        #expect(control.shutdownReason == "guest-reset")
    }
}
