import CLibbpf
import Glibc
import LibBPF
import LinuxHost
import Testing

extension HostTests {
    /// Objects in the kernel, looked at from outside.
    struct KernelObjectTests {
        private struct NotMade: Error {}

        /// Makes a program array, gives it up and asks for it until it is gone.
        ///
        /// - Returns: The array, if it stays.
        private static func outliving() throws -> KernelObject? {
            let descriptor = bpf_map_create(BPF_MAP_TYPE_PROG_ARRAY, "dying", 4, 4, 8, nil)
            guard descriptor >= 0 else { throw NotMade() }
            var info = bpf_map_info()
            var size = UInt32(MemoryLayout<bpf_map_info>.size)
            let isKnown = bpf_obj_get_info_by_fd(descriptor, &info, &size) == 0
            let object = KernelObject(kind: .map, id: info.id)
            let existed = object.exists
            close(descriptor)
            guard isKnown, existed else { throw NotMade() }
            let deadline = Deadline(after: .seconds(10))
            while object.exists {
                if deadline.hasPassed { return object }
            }
            return nil
        }

        /// To open it by its id and to close it again would keep some of them until the host is started anew.
        @Test func `asking for a dying program array does not keep it`() throws {
            #expect(try (0..<300).compactMap { _ in try Self.outliving() }.isEmpty)
        }

        @Test func `what never was is not there`() {
            for kind in KernelObjectKind.allCases {
                for id in [0, UInt32(Int32.max), .max] { #expect(!KernelObject(kind: kind, id: id).exists) }
            }
        }
    }
}
