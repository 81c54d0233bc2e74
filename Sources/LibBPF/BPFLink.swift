import CLibbpf
import LinuxHost

/// An attachment.
///
/// The program is detached when this value ends, or its process does.
public struct BPFLink: ~Copyable {
    /// libbpf's link, or `nil` for one that is only a descriptor.
    private let link: OpaquePointer?
    private let descriptor: CInt

    init(libbpf link: OpaquePointer) {
        self.link = link
        descriptor = bpf_link__fd(link)
        // On kernels before 5.15 the descriptor is the perf event's, and has no link id to announce.
        if descriptor >= 0 { KernelObject.announce(.link, descriptor: descriptor) }
    }

    init(descriptor: consuming OwnedDescriptor) {
        link = nil
        self.descriptor = descriptor.release()
        KernelObject.announce(.link, descriptor: self.descriptor)
    }

    deinit {
        if let link {
            bpf_link__destroy(link)
        } else {
            _ = OwnedDescriptor(owning: descriptor)
        }
    }

    /// Detaches the program now.
    ///
    /// Programs that run at this moment on other processors still finish.
    ///
    /// Detach here: the attachment must last until this point. A value that is no longer used may end earlier.
    public consuming func detach() {}
}
