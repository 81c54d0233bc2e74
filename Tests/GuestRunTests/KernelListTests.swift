import Foundation
import Testing

@testable import GuestRun

/// Lists of kernels, and the packages that they mean.
struct KernelListTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func list(_ kernels: String, images: String = "images") throws -> KernelList {
        let path = "\(folder.path)/list.json"
        let text = """
            {"schema": "bpf-assay/kernels/1", "images": "\(images)", "fetch": "get them", "kernels": [\(kernels)]}
            """
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return try KernelList(contentsOf: path)
    }

    private func unpack(_ packages: [String]) throws {
        for package in packages {
            try FileManager.default.createDirectory(
                atPath: "\(folder.path)/images/\(package)",
                withIntermediateDirectories: true
            )
        }
    }

    @Test func `a pattern means the newest package, other than those that are named exactly`() throws {
        try unpack([
            "linux-image-6.1.0-9-amd64", "linux-image-6.1.0-56-amd64", "linux-image-6.1.0-57-amd64",
            "linux-image-6.1.0-58-rt-amd64", "linux-image-6.1.0-59-amd64-unsigned", "tmp-x",
        ])
        let list = try list(
            """
            {"name": "new", "package": "linux-image-6.1.0-*-amd64"},
            {"name": "pinned", "package": "linux-image-6.1.0-57-amd64", "deny": ["a # x", "b # y"]}
            """
        )
        #expect(
            try list.found() == [
                KernelList.Found(kernel: "\(folder.path)/images/linux-image-6.1.0-56-amd64", deny: ""),
                KernelList.Found(kernel: "\(folder.path)/images/linux-image-6.1.0-57-amd64", deny: "a # x\nb # y"),
            ]
        )
    }

    @Test func `all kernels that are not there are named, with the command that fetches them`() throws {
        try unpack(["linux-image-6.1.0-56-amd64"])
        let list = try list(
            """
            {"name": "one", "package": "linux-image-6.1.0-*-amd64"}, {"name": "two", "package": "linux-image-6.2"},
            {"name": "three", "package": "linux-image-6.1.0-*-rt-amd64"}
            """
        )
        let error = #expect(throws: KernelListError.self) { _ = try list.found() }
        let words = error?.description ?? ""
        #expect(words.contains("two, three") && words.contains("\(folder.path)/images") && words.contains("'get them'"))
    }

    @Test func `a kernel is what the command line takes, and a path begins beside the list`() throws {
        let list = try list(
            """
            {"name": "a", "kernel": "linux/bzImage"}, {"name": "b", "kernel": "/boot/vmlinuz"},
            {"name": "c", "kernel": "host"}, {"name": "d", "kernel": "6.1.0-56-amd64"}
            """
        )
        #expect(
            try list.found().map(\.kernel)
                == ["\(folder.path)/linux/bzImage", "/boot/vmlinuz", "host", "6.1.0-56-amd64"]
        )
    }

    @Test func `the way up from the list's folder is gone, but not from a link`() throws {
        try FileManager.default.createDirectory(atPath: "\(folder.path)/ci", withIntermediateDirectories: true)
        try unpack(["linux-image-1"])
        let text = """
            {"schema": "bpf-assay/kernels/1", "images": "../images", "kernels": [{"name": "a", "package": "linux-image-1"}]}
            """
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder.path)/ci/kernels.json"))
        let list = try KernelList(contentsOf: "\(folder.path)/ci/kernels.json")
        #expect(try list.found().map(\.kernel) == ["\(folder.path)/images/linux-image-1"])
        try FileManager.default.createSymbolicLink(
            atPath: "\(folder.path)/link",
            withDestinationPath: "\(folder.path)/ci"
        )
        let other = try KernelList(contentsOf: "\(folder.path)/link/kernels.json")
        #expect(try other.found().map(\.kernel) == ["\(folder.path)/link/../images/linux-image-1"])
    }

    @Test(arguments: [
        ("", "no list"), ("[]", "no list"), (#"{"schema": "x", "kernels": []}"#, "its schema is 'x'"),
        (#"{"schema": "bpf-assay/kernels/1", "kernels": []}"#, "no kernels"),
        (#"{"schema": "bpf-assay/kernels/1", "kernels": [{"name": "a"}]}"#, "'a' has to name"),
        (
            #"{"schema": "bpf-assay/kernels/1", "kernels": [{"name": "a", "package": "b", "kernel": "c"}]}"#,
            "'a' has to name"
        ),
    ])
    func `what is no list is refused in one line`(text: String, words: String) throws {
        let path = "\(folder.path)/list.json"
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        let error = #expect(throws: KernelListError.self) { _ = try KernelList(contentsOf: path) }
        let message = error?.description ?? ""
        #expect(message.contains(words) && message.contains(path) && !message.contains("\n"), "\(message)")
    }

    @Test(arguments: [
        ("linux-image-6.12.*-amd64", "linux-image-6.12.117+deb12-amd64", true),
        ("linux-image-6.12.*-amd64", "linux-image-6.12.117+deb12-cloud-amd64", false),
        ("linux-image-6.12.*-amd64", "linux-image-6.12-amd64", false), ("a*b", "ab", false), ("a*b", "a1b", true),
        ("a*b", "a1b-dbg", false), ("linux-image-6.1.0-56-amd64", "linux-image-6.1.0-56-amd64", true),
        ("linux-image-6.1.0-5-amd64", "linux-image-6.1.0-56-amd64", false),
    ])
    func `a star stands for a version`(pattern: String, name: String, fits: Bool) {
        #expect(PackagePattern(pattern).fits(name) == fits)
    }

    @Test func `the list of this project means kernels that its script fetches`() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path
        let list = try KernelList(contentsOf: "\(root)/ci/kernels.json")
        #expect(list.entries.count >= 8 && Set(list.entries.map(\.name)).count == list.entries.count)
    }
}
