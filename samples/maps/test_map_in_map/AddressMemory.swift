import Glibc
import LinuxHost
import SampleKit
import SampleLab
import SystemPackage

/// Memory for the address that connect(2) is called with.
struct AddressMemory: ~Copyable {
    private let pages: TwoPages

    init() throws(SystemCallError) {
        pages = try TwoPages()
    }

    /// Calls connect(2) with an invalid descriptor and an address as a trial wants it.
    ///
    /// - Returns: The symbol of the errno, which is `EBADF` whatever the address is; `ok` if there was none.
    func connect(_ trial: TestMapInMap.Trial) -> String {
        // struct sockaddr_in6 of netinet/in.h: family, port, flow, 16 bytes of address, scope.
        var fields = [UInt16](repeating: 0, count: 14)
        fields[0] = UInt16(AF_INET6)
        fields[1] = trial.port
        (fields[4], fields[5], fields[11]) = (trial.words.0, trial.words.1, trial.test)
        // With the port at the end of the first page, and the address at the beginning of the second.
        let place = pages.middle - 8
        fields.withUnsafeBytes { UnsafeMutableRawBufferPointer(start: place, count: 28).copyMemory(from: $0) }
        let used = (trial.place == .nowhere ? TwoPages.nowhere : nil) ?? place
        return pages.restricted(to: trial.place == .halfway ? .none : .write) {
            let result = Glibc.connect(-1, used.assumingMemoryBound(to: sockaddr.self), trial.length)
            return result == 0 ? "ok" : Errno(rawValue: errno).symbol ?? "errno \(errno)"
        }
    }
}
