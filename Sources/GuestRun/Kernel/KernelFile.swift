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
        if let elf = ELFSections(bytes) {
            guard elf.machine == 62 else { throw .otherArchitecture(Self.architecture(elf.machine)) }
            self = .vmlinux
            return
        }
        // An arm64 or RISC-V Image: Documentation/arch/arm64/booting.rst.
        if Self.has("ARM\u{64}", at: 0x38, in: bytes) { throw .otherArchitecture("arm64") }
        if Self.has("RSC\u{05}", at: 0x38, in: bytes) { throw .otherArchitecture("riscv") }
        if bytes.starts(with: Array("!<arch>\n".utf8)) || Self.has("ustar", at: 257, in: bytes) { throw .notAKernel }
        guard Self.has("HdrS", at: 0x202, in: bytes), bytes.count > 0x250 else { throw .notAKernel }
        func number(_ at: Int, _ width: Int) -> Int {
            (0..<width).reduce(0) { $0 | Int(bytes[at + $1]) << (8 * $1) }
        }
        // A count of 0 stands for 4; the boot sector itself is not counted. The payload is named since protocol 2.08.
        let setup = (number(0x1f1, 1) == 0 ? 4 : number(0x1f1, 1)) * 512 + 512
        let start = setup + number(0x248, 4)
        let end = start + number(0x24c, 4)
        guard number(0x206, 2) >= 0x208, end > start else { throw .tooOld }
        guard end <= bytes.count else { throw .truncated(has: bytes.count, needs: end) }
        let name = number(0x20e, 2) + 0x200
        var release: String?
        if name > 0x200, name < bytes.count {
            let word = bytes[name...].prefix(128).prefix { $0 > 0x20 && $0 < 0x7f }
            if !word.isEmpty { release = String(decoding: word, as: UTF8.self) }
        }
        self = .bzImage(payload: start..<end, release: release)
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
        /// The kernel is for another architecture.
        case otherArchitecture(String)
        /// The file ends too early.
        case truncated(has: Int, needs: Int)
        /// A vmlinux that cannot be entered directly.
        case notBootable
        /// A bzImage of before Linux 2.6.26.
        case tooOld
        /// The compressed kernel in the image cannot be read.
        case damaged(String)
        /// A package that cannot be read.
        case damagedPackage(String)
    }

    /// The attempt, the file, the cause and the remedy.
    public var description: String {
        let subject = "reading the kernel '\(path)'"
        return switch cause {
        case .missing:
            "\(subject): there is no such file, folder or installed release; name a bzImage, a vmlinux, a kernel's .deb, "
                + "a release of /boot, or a built tree"
        case .refused(let words): "\(subject): \(words)"
        case .emptyFolder:
            "\(subject): the folder holds no kernel: neither boot/vmlinuz-*, vmlinuz-*, arch/x86/boot/bzImage nor vmlinux"
        case .ambiguous(let names): "\(subject): it holds several kernels, name one of \(names.joined(separator: ", "))"
        case .notAKernel: "\(subject): it is neither a bzImage nor a vmlinux"
        case .otherArchitecture(let name): "\(subject): it is for \(name), and guests are x86_64"
        case .truncated(let has, let needs):
            "\(subject): it is cut short: its header calls for \(needs) bytes, and it has \(has)"
        case .notBootable:
            "\(subject): it has no entry for QEMU, which CONFIG_PVH gives; name the bzImage (arch/x86/boot/bzImage) instead"
        case .tooOld: "\(subject): its boot protocol is older than 2.08, of Linux 2.6.26"
        case .damaged(let words): "\(subject): its compressed kernel cannot be read: \(words)"
        case .damagedPackage(let words): "\(subject): the package cannot be read: \(words)"
        }
    }
}
