import Glibc
import LinuxHost
import SystemPackage

/// Two pages of memory for an address, of which the first can be closed.
struct AddressMemory: ~Copyable {
    private let memory: UnsafeMutableRawPointer
    private let pageSize = Int(sysconf(CInt(_SC_PAGESIZE)))

    init() throws(SystemCallError) {
        let size = pageSize * 2
        let made = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let made, made != MAP_FAILED else {
            throw SystemCallError("mmap(2)", on: "\(size) bytes", errno: Errno(rawValue: errno))
        }
        memory = made
    }

    deinit { munmap(memory, pageSize * 2) }

    /// Calls connect(2) with a descriptor that is none and an address as a trial wants it.
    ///
    /// - Returns: The symbol of the errno, which is `EBADF` whatever the address is; `ok` if there was none.
    func connect(_ trial: TestMapInMap.Trial) -> String {
        // struct sockaddr_in6 of netinet/in.h: family, port, flow, 16 bytes of address, scope.
        var fields = [UInt16](repeating: 0, count: 14)
        fields[0] = UInt16(AF_INET6)
        fields[1] = trial.port
        (fields[4], fields[5], fields[11]) = (trial.words.0, trial.words.1, trial.test)
        // With the port at the end of the first page, and the address at the beginning of the second.
        let place = memory + pageSize - 8
        fields.withUnsafeBytes {
            place.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(place), byteCount: $0.count)
        }
        if trial.place == .halfway { mprotect(memory, pageSize, PROT_NONE) }
        // Nothing can be mapped in the first page of all (vm.mmap_min_addr).
        let nowhere = UnsafeMutableRawPointer(bitPattern: 8) ?? place
        let address = (trial.place == .nowhere ? nowhere : place).assumingMemoryBound(to: sockaddr.self)
        let result = Glibc.connect(-1, address, trial.length)
        let answer = result == 0 ? "ok" : Errno(rawValue: errno).symbol ?? "errno \(errno)"
        if trial.place == .halfway { mprotect(memory, pageSize, PROT_READ | PROT_WRITE) }
        return answer
    }
}
