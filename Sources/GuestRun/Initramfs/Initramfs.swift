import GuestWire

/// What a guest has for a root: an uncompressed archive in two segments.
///
/// The first holds the worker, which is also the first process; it is the same for all guests. The second holds what belongs
/// to one guest: its key, kern objects, modules. Unpacking happens in the guest, and compression only makes that slower.
public struct Initramfs: Sendable {
    /// The segment that all guests share.
    public let base: [UInt8]

    /// Builds the shared segment.
    ///
    /// - Parameter worker: The bytes of a statically linked `assay-worker`.
    public init(worker: [UInt8]) {
        var archive = CpioArchive()
        for folder in ["dev", "proc", "sys", "run", "tmp", "mnt", "assay/objects", "assay/modules"] {
            archive.addFolder(folder)
        }
        // Without it the first process has no descriptors 0 to 2: devtmpfs is not mounted for it.
        archive.addCharacterDevice("dev/console", major: 5, minor: 1)
        archive.addFile("init", worker, executable: true)
        base = archive.finished
    }

    /// What belongs to one guest.
    public struct Contents: Sendable {
        /// The kern objects by their paths on this host, as tries name them.
        public var objects: [String: [UInt8]] = [:]
        /// The modules to load, in this order: the name of each file and its bytes, decompressed.
        public var modules: [(name: String, bytes: [UInt8])] = []
        /// A program that samples run in, in place of the first process's own; tests of bad manners need one.
        public var worker: [UInt8]?
        /// A shell for a person who looks round: a statically linked busybox.
        public var shell: [UInt8]?

        /// The text of the kernel's config, which libbpf reads for `extern … __kconfig`: few kernels carry their own.
        public var config: String?

        /// Creates empty contents.
        public init() {}

        /// The number by which a guest knows an object; `nil` for one that is not in it.
        func number(of object: String) -> Int? { objects.keys.sorted().firstIndex(of: object) }
    }

    /// The segment of one guest.
    ///
    /// - Parameters:
    ///   - contents: What is in it.
    ///   - key: The key of the frames.
    ///   - release: What the guest's uname(2) says, by which libbpf looks for the config.
    /// - Returns: The archive, which follows the other segment directly.
    public static func run(_ contents: Contents, key: [UInt8], release: String) -> [UInt8] {
        var archive = CpioArchive()
        archive.addFile(GuestLayout.key, key)
        for (number, object) in contents.objects.sorted(by: { $0.key < $1.key }).enumerated() {
            archive.addFile(GuestLayout.object(number), object.value)
        }
        for (name, bytes) in contents.modules { archive.addFile("\(GuestLayout.modules)/\(name)", bytes) }
        let order = contents.modules.map { "\($0.name)\n" }.joined()
        archive.addFile(GuestLayout.moduleList, Array(order.utf8))
        if let config = contents.config, !release.isEmpty, !release.contains("/") {
            archive.addFile("boot/config-\(release)", Array(config.utf8))
        }
        if let worker = contents.worker { archive.addFile(GuestLayout.worker, worker, executable: true) }
        if let shell = contents.shell { archive.addFile(GuestLayout.shell, shell, executable: true) }
        return archive.finished
    }
}
