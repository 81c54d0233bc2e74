import Foundation
import Testing

@testable import GuestRun

/// Where kernels, their configs and their modules lie.
struct KernelPlaceTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test(arguments: ["usr/lib/modules", "lib/modules"])
    func `a kernel that lies among its modules is found by its folder and by itself`(modules: String) throws {
        let own = "\(modules)/7.2.13-amd64"
        try folder.write("\(own)/vmlinuz", [1])
        try folder.write("\(own)/config", [1])
        try folder.write("boot/initrd.img", [1])
        for name in [folder.path, "\(folder.path)/", "\(folder.path)/\(own)", "\(folder.path)/\(own)/vmlinuz"] {
            let place = try KernelPlace(name, cache: nil)
            #expect(place.image == "\(folder.path)/\(own)/vmlinuz", "\(name)")
            #expect(place.configs("7.2.13-amd64").contains("\(folder.path)/\(own)/config"), "\(name)")
            #expect(place.modules("7.2.13-amd64").first == "\(folder.path)/\(own)", "\(name)")
        }
    }

    @Test func `of several kernels among their modules one must be named`() throws {
        try folder.write("usr/lib/modules/1/vmlinuz", [1])
        try folder.write("usr/lib/modules/2/vmlinuz", [1])
        try folder.write("usr/lib/modules/3/kernel/veth.ko", [1])
        let images = ["1", "2"].map { "\(folder.path)/usr/lib/modules/\($0)/vmlinuz" }
        #expect(throws: GuestKernelError.Cause.ambiguous(images)) { try KernelPlace(folder.path, cache: nil) }
    }

    @Test func `an image in boot has its modules in either place`() throws {
        try folder.write("boot/vmlinuz-6.1", [1])
        let place = try KernelPlace(folder.path, cache: nil)
        #expect(place.modules("6.1") == ["\(folder.path)/lib/modules/6.1", "\(folder.path)/usr/lib/modules/6.1"])
    }

    /// A package with these files, as `dpkg-deb` makes it.
    private func pack(_ name: String, _ files: [String]) throws {
        let root = "root-\(name)"
        let control = "Package: x\nVersion: 1\nArchitecture: all\nMaintainer: x\nDescription: x\n"
        try folder.write("\(root)/DEBIAN/control", Array(control.utf8))
        for file in files { try folder.write("\(root)/\(file)", Array(file.utf8)) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/dpkg-deb")
        process.arguments = ["-Zgzip", "--build", "\(folder.path)/\(root)", "\(folder.path)/\(name).deb"]
        process.standardOutput = nil
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }

    @Test func `a kernel of several packages is put together from those that lie beside the first`() throws {
        try pack("linux-image-7_1_all", ["usr/share/doc/x"])
        try pack("linux-binary-7_1_all", ["usr/lib/modules/7/vmlinuz"])
        let cache = CacheFolder(path: "\(folder.path)/cache")
        // Alone it has no modules.
        let alone = try KernelPlace("\(folder.path)/linux-binary-7_1_all.deb", cache: cache)
        try pack("linux-modules-7_1_all", ["usr/lib/modules/7/kernel/veth.ko"])
        try pack("linux-base-7_1_all", ["usr/lib/modules/7/config"])
        try pack("linux-modules-8_1_all", ["usr/lib/modules/8/kernel/veth.ko"])
        for name in ["linux-image-7_1_all", "linux-binary-7_1_all"] {
            let place = try KernelPlace("\(folder.path)/\(name).deb", cache: cache)
            let files = FileTree.entries(of: "\(place.modules("7")[0])").sorted()
            #expect(files == ["config", "kernel", "vmlinuz"] && place.image != alone.image, "\(name)")
        }
    }

    @Test func `a package without a kernel says where kernels are now`() throws {
        try pack("linux-image-9_1_all", ["usr/share/doc/x"])
        let cache = CacheFolder(path: "\(folder.path)/cache")
        let error = #expect(throws: GuestKernelError.self) {
            try GuestKernel("\(folder.path)/linux-image-9_1_all.deb", cache: cache)
        }
        #expect(error?.cause == .emptyPackage && error?.description.contains("linux-binary-RELEASE") == true)
    }
}
