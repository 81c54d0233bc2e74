import Foundation
import Testing

@testable import GuestRun

struct AcceleratorChoiceTests {
    private let folder: TemporaryFolder
    private var cache: CacheFolder { CacheFolder(path: "\(folder.path)/cache") }

    init() throws {
        folder = try TemporaryFolder()
    }

    private func choose(
        _ wish: AcceleratorWish = .auto,
        subject: String = "this processor",
        device: String = "/dev/null",
        _ trial: () -> String?
    ) -> AcceleratorChoice {
        AcceleratorChoice(wish, subject: subject, device: device, cache: cache, trial: trial)
    }

    @Test func `a trial that fails costs its time once`() {
        var trials = 0
        for _ in 0..<3 {
            let choice = choose {
                trials += 1
                return "silence"
            }
            #expect(choice.accelerator == .tcg && choice.reason.contains("silence"))
        }
        #expect(trials == 1)
    }

    @Test func `KVM is used after a guest has booted on it`() {
        #expect(choose { nil }.accelerator == .kvm)
        #expect(choose { "not asked again" }.accelerator == .kvm)
    }

    @Test func `the answer of another processor, kernel or QEMU does not count`() {
        _ = choose { "silence" }
        #expect(choose(subject: "another") { nil }.accelerator == .kvm)
    }

    @Test func `without the device nothing is tried, and nothing is remembered`() {
        #expect(
            choose(device: "\(folder.path)/kvm") {
                Issue.record("tried")
                return nil
            }.accelerator == .tcg
        )
        #expect(choose { nil }.accelerator == .kvm)
    }

    @Test func `a wish is granted without a trial`() {
        #expect(
            choose(.tcg) {
                Issue.record("tried")
                return nil
            }.accelerator == .tcg
        )
        #expect(
            choose(.kvm) {
                Issue.record("tried")
                return nil
            }.accelerator == .kvm
        )
    }

    @Test(arguments: ["", "{}", "nonsense", "[1]"]) func `a damaged memory is asked anew`(text: String) throws {
        try folder.write("cache/kvm.json", Array(text.utf8))
        #expect(choose { nil }.accelerator == .kvm)
    }
}

struct CacheFolderTests {
    @Test func `a file of another size than it must have is not found`() throws {
        let folder = try TemporaryFolder()
        let cache = CacheFolder(path: "\(folder.path)/a/b")
        let path = try #require(cache.keep("vmlinux/x", [1, 2, 3]))
        #expect(cache.find("vmlinux/x", size: 3) == path && cache.find("vmlinux/x", size: 4) == nil)
        #expect(cache.find("vmlinux/y") == nil)
    }

    @Test func `a cache that cannot be written keeps nothing and does not fail`() {
        #expect(CacheFolder(path: "/proc/none").keep("vmlinux/x", [1]) == nil)
    }

    @Test func `only so many kernels are kept, and no temporary file of the dead`() throws {
        let folder = try TemporaryFolder()
        let cache = CacheFolder(path: folder.path)
        // No process can have this number: see pid_max in proc(5).
        try folder.write("vmlinux/.bpf-assay.99999999.0.tmp", [1])
        for number in 0..<20 { _ = cache.keep("vmlinux/\(number)", [UInt8(number)]) }
        let names = try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/vmlinux")
        #expect(names.count == CacheFolder.keptKernels && !names.contains { $0.hasSuffix(".tmp") })
    }
}
