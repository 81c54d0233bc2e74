import ConfigCheck
import KernelChecks
import SystemPackage
import TestSupport
import Testing

/// Which config a command line names.
struct ConfigRequestTests {
    private func request(_ change: (inout ConfigRequest) -> Void) -> ConfigRequest {
        var request = ConfigRequest()
        change(&request)
        return request
    }

    @Test func `two sources of one config contradict each other, except those that belong together`() {
        // Bit by bit: --running, --config, --image, --tree.
        let allowed: Set = [0b0000, 0b0001, 0b0010, 0b0100, 0b1000, 0b0110, 0b1010]
        for bits in 0..<16 {
            let request = request { request in
                request.isRunning = bits & 1 != 0
                if bits & 2 != 0 { request.config = "/nowhere/config" }
                if bits & 4 != 0 { request.image = "/nowhere/image" }
                if bits & 8 != 0 { request.tree = "/nowhere/tree" }
            }
            var isRefused = false
            do { _ = try request.choice() } catch { isRefused = error is CheckRefusal }
            #expect(isRefused == !allowed.contains(bits), "\(bits)")
        }
    }

    @Test func `a config that is named is judged for itself`() throws {
        let scratch = try ScratchFolder()
        let file = try scratch.write("config", generated("6.1.0", "CONFIG_BPF=y"))
        let choice = try request { $0.config = file.string }.choice()
        #expect(choice.found?.source == file.string && choice.found?.subject == .itself)
        #expect(choice.passedOver.isEmpty && choice.contradicted.isEmpty)
    }

    @Test func `what is named and not there is an error, whichever it is`() {
        for request in [
            request { $0.config = "/nowhere" }, request { $0.image = "/nowhere" }, request { $0.tree = "/nowhere" },
        ] {
            #expect(throws: ConfigSourceError.self) { try request.choice() }
        }
    }

    @Test func `a dash is standard input, and only nothing is empty`() {
        #expect(ConfigRequest.path("-") == "/dev/stdin" && ConfigRequest.path("x-") == "x-")
        #expect(ConfigRequest().isEmpty && ConfigRequest().source == nil)
        #expect(!request { $0.isRunning = true }.isEmpty && request { $0.isRunning = true }.source == nil)
    }
}
