public import LinuxHost
import SystemPackage

/// The counters that the kernel keeps of the Internet protocols in a network namespace.
public enum ProtocolCounters {
    /// Reads the counters of the calling thread's namespace (`/proc/net/snmp`, `/proc/net/snmp6`).
    ///
    /// - Returns: Those of IPv4 and its companions as `Ip.ForwDatagrams`, those of IPv6 as `Ip6OutForwDatagrams`; none of IPv6 on
    ///   a kernel without.
    /// - Throws: `SystemCallError` where `/proc` is not mounted.
    public static func read() throws(SystemCallError) -> [String: Int] {
        // Not of the process: the thread is in a namespace of its own.
        var found = parse(snmp: try SmallFile.text("/proc/thread-self/net/snmp"))
        do {
            found.merge(parse(snmp6: try SmallFile.text("/proc/thread-self/net/snmp6"))) { first, _ in first }
        } catch let error where error.errno == .noSuchFileOrDirectory {}
        return found
    }

    /// How often a retransmission timer of TCP has struck in the calling thread's namespace (`TCPTimeouts` of `/proc/net/netstat`).
    ///
    /// - Throws: `SystemCallError` where `/proc` is not mounted.
    public static func timeouts() throws(SystemCallError) -> Int {
        parse(snmp: try SmallFile.text("/proc/thread-self/net/netstat"))["TcpExt.TCPTimeouts"] ?? 0
    }

    /// Reads pairs of lines, one with names and one with numbers, each behind `Ip: `.
    static func parse(snmp text: String) -> [String: Int] {
        var found: [String: Int] = [:]
        var names: [Substring] = []
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard let kind = words.first?.dropLast() else { continue }
            let numbers = words.dropFirst().map { Int($0) }
            if names.first == words.first, names.count == words.count, numbers.allSatisfy({ $0 != nil }) {
                for (name, number) in zip(names.dropFirst(), numbers) { found["\(kind).\(name)"] = number }
                names = []
            } else {
                names = words
            }
        }
        return found
    }

    /// Reads lines of a name and a number.
    static func parse(snmp6 text: String) -> [String: Int] {
        var found: [String: Int] = [:]
        for line in text.split(separator: "\n") {
            let words = line.split { $0 == " " || $0 == "\t" }
            if words.count == 2, let number = Int(words[1]) { found[String(words[0])] = number }
        }
        return found
    }
}
