import FileBytes
import KernelImages

/// What a file is that was named as a kernel for x86-64, as far as its first bytes tell.
enum KernelFile {
    /// An ELF file: a `vmlinux`.
    case vmlinux
    /// A bzImage; where the compressed kernel lies in it, and the release that its header names.
    case bzImage(payload: Range<Int>, release: String?)

    /// Looks at a file.
    ///
    /// - Throws: ``GuestKernelError/Cause``, which says what the file is instead.
    init(_ bytes: [UInt8]) throws(GuestKernelError.Cause) {
        if let elf = ELFImage(bytes) {
            guard elf.type != 1 else { throw .otherKind("a relocatable ELF file, such as a module or a BPF object") }
            guard elf.machine == 62 else { throw .otherArchitecture(Self.architecture(elf.machine)) }
            guard !elf.hasInterpreter, elf.type != 3 else { throw .otherKind("an ELF program or library") }
            self = .vmlinux
            return
        }
        guard Self.has("HdrS", at: 0x202, in: bytes), bytes.count > 0x250 else { throw Self.cause(of: bytes) }
        func number(_ at: Int, _ width: Int) -> Int {
            (0..<width).reduce(0) { $0 | Int(bytes[at + $1]) << (8 * $1) }
        }
        // A count of 0 stands for 4; the boot sector itself is not counted. The payload is named since protocol 2.08.
        let setup = (number(0x1f1, 1) == 0 ? 4 : number(0x1f1, 1)) * 512 + 512
        let start = setup + number(0x248, 4)
        let end = start + number(0x24c, 4)
        let name = number(0x20e, 2) + 0x200
        let text =
            name > 0x200 && name < bytes.count
            ? bytes[name...].prefix(128).prefix { $0 >= 0x20 && $0 < 0x7f } : []
        let words = String(decoding: text, as: UTF8.self)
        // What borrows Linux's way to be started has nothing packed: Memtest86+, iPXE.
        guard number(0x206, 2) < 0x208 || number(0x24c, 4) > 0 else {
            throw .otherKind("'\(words)', which boots as Linux does")
        }
        guard number(0x206, 2) >= 0x208, end > start else { throw .tooOld(words) }
        // XLF_KERNEL_64 of the load flags, which are there since protocol 2.12, of Linux 3.8.
        guard number(0x206, 2) < 0x20c || number(0x236, 2) & 1 == 1 else { throw .otherArchitecture("i386") }
        guard end <= bytes.count else { throw .truncated(has: bytes.count, needs: end) }
        let release = words.split(separator: " ").first.map(String.init)
        self = .bzImage(payload: start..<end, release: release)
    }

    /// What a file is that is neither an ELF file of 64 bits nor a bzImage.
    private static func cause(of bytes: [UInt8]) -> GuestKernelError.Cause {
        // An arm64 or RISC-V Image: Documentation/arch/arm64/booting.rst.
        if has("ARM\u{64}", at: 0x38, in: bytes) { return .otherArchitecture("arm64") }
        if has("RSC\u{05}", at: 0x38, in: bytes) { return .otherArchitecture("riscv") }
        if let program = EFIProgram(bytes) {
            let name = [0x8664: "x86_64", 0xaa64: "arm64", 0x5064: "riscv", 0x6264: "loongarch", 0x14c: "i386"]
            let architecture = name[Int(program.machine)] ?? "machine \(program.machine)"
            if program.zbootPayload != nil, architecture != "x86_64" { return .otherArchitecture(architecture) }
            return .otherKind("an EFI program for \(architecture) without a section .linux")
        }
        if bytes.count > 20, bytes.starts(with: [0x7f, 0x45, 0x4c, 0x46, 1]) {
            let machine = UInt16(bytes[18]) | UInt16(bytes[19]) << 8
            let isKernel = ByteSearch.position(of: Array("Linux version ".utf8), in: bytes, from: 0) != nil
            let name = architecture(machine)
            return isKernel ? .otherArchitecture(name) : .otherKind("an ELF program for \(name)")
        }
        if bytes.starts(with: [0xed, 0xab, 0xee, 0xdb]) {
            return .otherKind("an RPM package; unpack it and name the folder")
        }
        if bytes.starts(with: Array("0707".utf8)) { return .otherKind("a cpio archive, such as an initramfs") }
        if let compression = Compression.beginning(bytes) {
            return .otherKind("\(compression.rawValue) data; unpack it first")
        }
        return .notAKernel
    }

    private static func has(_ text: String, at offset: Int, in bytes: [UInt8]) -> Bool {
        bytes.count >= offset + text.utf8.count && bytes[offset...].starts(with: Array(text.utf8))
    }

    /// The kernel's own name of an `e_machine`.
    private static func architecture(_ machine: UInt16) -> String {
        switch machine {
        case 3: "i386"
        case 21: "powerpc"
        case 22: "s390"
        case 40: "arm"
        case 183: "arm64"
        case 243: "riscv"
        case 258: "loongarch"
        default: "machine \(machine)"
        }
    }
}

/// A kernel that cannot be booted in a guest.
public struct GuestKernelError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What was named.
    public let path: String
    /// What is wrong with it.
    public let cause: Cause

    /// What can be wrong with what was named as a kernel.
    public enum Cause: Error, Sendable, Hashable {
        /// There is nothing of this name: neither a file or folder, nor an installed release.
        case missing
        /// The system refuses it.
        case refused(String)
        /// A folder without a kernel in it.
        case emptyFolder
        /// A folder or package with several kernels.
        case ambiguous([String])
        /// The file is no kernel.
        case notAKernel
        /// The file is something else, in these words.
        case otherKind(String)
        /// The kernel is for another architecture.
        case otherArchitecture(String)
        /// The file ends too early.
        case truncated(has: Int, needs: Int)
        /// A vmlinux that cannot be entered directly.
        case notBootable
        /// A bzImage of before Linux 2.6.26, which calls itself so.
        case tooOld(String)
        /// The compressed kernel in the image cannot be read.
        case damaged(String)
        /// A package without a kernel in it.
        case emptyPackage
        /// A package that cannot be read.
        case damagedPackage(String)
    }

    /// The attempt, the file, the cause and the remedy.
    public var description: String {
        let subject = "reading the kernel '\(path)'"
        return switch cause {
        case .missing:
            "\(subject): there is no such file, folder or installed release; name a bzImage, a vmlinux, a unified kernel image, "
                + "a kernel's .deb, a release of /boot or /lib/modules, or a built tree"
        case .refused(let words): "\(subject): \(words)"
        case .emptyFolder:
            "\(subject): the folder holds no kernel: neither boot/vmlinuz-*, vmlinuz*, usr/lib/modules/*/vmlinuz, "
                + "arch/x86/boot/bzImage nor vmlinux"
        case .ambiguous(let names): "\(subject): it holds several kernels, name one of \(names.joined(separator: ", "))"
        case .notAKernel: "\(subject): it is neither a bzImage, a vmlinux nor a unified kernel image"
        case .otherKind(let words): "\(subject): it is no Linux kernel but \(words)"
        case .otherArchitecture(let name): "\(subject): it is for \(name), and guests are x86_64"
        case .truncated(let has, let needs):
            "\(subject): it is cut short: its header calls for \(needs) bytes, and it has \(has)"
        case .notBootable:
            "\(subject): it has no entry for QEMU, which CONFIG_PVH gives; name the bzImage (arch/x86/boot/bzImage) instead"
        case .tooOld(let name):
            "\(subject): its boot protocol is older than 2.08, of Linux 2.6.26"
                + (name.isEmpty ? "" : "; it calls itself '\(name)'")
        case .damaged(let words): "\(subject): its compressed kernel cannot be read: \(words)"
        case .emptyPackage:
            "\(subject): the package holds no kernel; since Debian 14 that is in linux-binary-RELEASE, with its modules in "
                + "linux-modules-RELEASE and its config in linux-base-RELEASE: put all three into one folder and name the first"
        case .damagedPackage(let words): "\(subject): the package cannot be read: \(words)"
        }
    }
}
