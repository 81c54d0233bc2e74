import Glibc
import SystemPackage

/// What a process is going to ask of the system at the least: looked at before anything begins.
///
/// Too few descriptors or threads come to light deep inside of libraries, some of which then wait or trap. To ask first
/// gives one clear message.
public struct ResourceDemand: Sendable, Hashable {
    /// Descriptors that can be opened besides those that are open.
    public var descriptors: Int
    /// Threads that can run at once besides this one.
    public var threads: Int
    /// Bytes of address space.
    public var addressSpace: UInt64

    /// What lowers the demand, behind the remedies: `lower --jobs`; `nil` where nothing does.
    public var advice: String?

    /// Creates a demand.
    public init(descriptors: Int, threads: Int, addressSpace: UInt64, advice: String? = nil) {
        self.descriptors = descriptors
        self.threads = threads
        self.addressSpace = addressSpace
        self.advice = advice
    }

    /// What is too little.
    public struct Shortage: Error, Sendable, Hashable, CustomStringConvertible {
        /// What is lacking, why, and what to do.
        public let description: String
    }

    /// Lets a file that grows larger than it may (`ulimit -f`) be an error of write(2), `EFBIG`, in place of a signal.
    public static func catchFileSizeLimit() {
        signal(SIGXFSZ, SIG_IGN)
    }

    /// Tries whether there is enough of everything, by taking it for a moment.
    ///
    /// The soft limit of open files is raised first, as far as this process may and the demand asks for.
    ///
    /// - Throws: ``Shortage`` for the first thing of which there is too little.
    public func check() throws(Shortage) {
        try checkAddressSpace()
        raiseDescriptorLimit()
        try checkDescriptors()
        try checkThreads()
    }

    private var alternative: String { advice.map { ", or \($0)" } ?? "" }

    private func checkAddressSpace() throws(Shortage) {
        var limit = rlimit()
        guard getrlimit(CInt(RLIMIT_AS.rawValue), &limit) == 0, limit.rlim_cur < addressSpace else { return }
        throw Shortage(
            description: "reserving memory: the limit of address space is \(limit.rlim_cur >> 20) MiB, and "
                + "\(addressSpace >> 20) MiB are needed; raise it with 'ulimit -v'"
        )
    }

    private func raiseDescriptorLimit() {
        var limit = rlimit()
        // Some are open already.
        let wanted = rlim_t(descriptors + 64)
        guard getrlimit(CInt(RLIMIT_NOFILE.rawValue), &limit) == 0, limit.rlim_cur < wanted else { return }
        limit.rlim_cur = max(limit.rlim_cur, min(limit.rlim_max, wanted))
        _ = setrlimit(CInt(RLIMIT_NOFILE.rawValue), &limit)
    }

    private func checkDescriptors() throws(Shortage) {
        var taken: [CInt] = []
        defer { for number in taken { close(number) } }
        var code: CInt = 0
        while taken.count < descriptors {
            var number = open("/dev/null", O_RDONLY | O_CLOEXEC)
            if number < 0, errno == ENOENT || errno == EACCES { number = open("/", O_RDONLY | O_CLOEXEC) }
            code = errno
            guard number >= 0 else { break }
            taken.append(number)
        }
        guard taken.count < descriptors else { return }
        throw Shortage(
            description:
                "opening files: \(Errno(rawValue: code).named): \(taken.count) more can be open, and \(descriptors) "
                + "are needed; raise the limit with 'ulimit -n'\(alternative)"
        )
    }

    private func checkThreads() throws(Shortage) {
        var gate = sem_t()
        sem_init(&gate, 0, 0)
        defer { sem_destroy(&gate) }
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setstacksize(&attributes, 64 << 10)
        defer { pthread_attr_destroy(&attributes) }
        var made: [pthread_t] = []
        var code: CInt = 0
        withUnsafeMutablePointer(to: &gate) { gate in
            while made.count < threads {
                var thread = pthread_t()
                code = pthread_create(
                    &thread,
                    &attributes,
                    { gate in
                        // A signal must not let it go early.
                        while let gate, sem_wait(gate.assumingMemoryBound(to: sem_t.self)) != 0 {}
                        return nil
                    },
                    gate
                )
                guard code == 0 else { break }
                made.append(thread)
            }
            for _ in made { sem_post(gate) }
            for thread in made { pthread_join(thread, nil) }
        }
        guard made.count < threads else { return }
        throw Shortage(
            description:
                "starting threads: \(Errno(rawValue: code).named): \(made.count) more can run, and \(threads) are "
                + "needed; raise the limit of processes ('ulimit -u', or pids.max of the cgroup)\(alternative)"
        )
    }
}
