import RunModel

/// Whether a security module such as `bpf` is active: a fact of the boot, which no config settles.
///
/// `CONFIG_LSM` is only the default. `lsm=` on the kernel's command line replaces it, and the kernel's own list in
/// `/sys/kernel/security/lsm` says what came of both (`security/security.c`, `ordered_lsm_parse`).
public struct ActiveSecurityModules: Sendable, Equatable {
    /// Whether the module is active; `nil` where nothing says.
    public let isActive: Bool?
    /// What that rests on, in a line.
    public let evidence: String
    /// What to change where it is not active: what the command line must say.
    public let remedy: String?

    /// Finds out about one module, without I/O.
    ///
    /// - Parameters:
    ///   - name: The module, such as `bpf`.
    ///   - activeList: The text of `/sys/kernel/security/lsm`, `nil` where it cannot be read: then the kernel does not say.
    ///   - commandLine: The text of `/proc/cmdline`, `nil` where it cannot be read.
    ///   - configured: The value of `CONFIG_LSM` in a config that is trusted, `nil` where none says.
    public init(of name: String, activeList: String?, commandLine: String?, configured: String?) {
        let asked = commandLine.flatMap(Self.order)
        let listed = activeList.map { $0.split { $0 == "," || $0.isWhitespace }.map { String($0) } } ?? []
        let builtIn = configured.map(Self.names)
        let wanted = (asked ?? builtIn ?? listed).filter { $0 != name } + [name]
        let advice = "boot with lsm=" + wanted.map { printable($0) }.joined(separator: ",")
        if !listed.isEmpty {
            isActive = listed.contains(name)
            let list = printable(listed.joined(separator: ","), limit: 200)
            var words = "/sys/kernel/security/lsm is \(list)"
            if isActive == false {
                if let asked, !asked.contains(name) {
                    words += ": lsm= on the command line leaves \(name) out"
                    if builtIn?.contains(name) == true { words += ", though CONFIG_LSM lists it" }
                } else if let builtIn, asked == nil, !builtIn.contains(name) {
                    words += ": CONFIG_LSM leaves \(name) out and the command line has no lsm="
                } else {
                    words += ", without \(name)"
                }
            }
            evidence = words
        } else if let asked {
            isActive = asked.contains(name)
            evidence =
                "lsm= on the command line \(asked.contains(name) ? "lists" : "leaves out") \(name), "
                + "and overrides CONFIG_LSM; /sys/kernel/security/lsm cannot be read"
        } else if let builtIn, commandLine != nil {
            isActive = builtIn.contains(name)
            evidence =
                "CONFIG_LSM \(builtIn.contains(name) ? "lists" : "leaves out") \(name) and the command line has no lsm=; "
                + "/sys/kernel/security/lsm cannot be read"
        } else {
            isActive = nil
            evidence = "neither /sys/kernel/security/lsm nor the command line and a trusted config can be read"
        }
        remedy = isActive == false ? advice : nil
    }

    /// The order that the last `lsm=` of a command line asks for; `nil` where it has none.
    ///
    /// Words behind `--` are init's; quotation marks may stand around a value or the whole word.
    private static func order(in commandLine: String) -> [String]? {
        var last: [String]?
        for word in commandLine.split(whereSeparator: \.isWhitespace) {
            if word == "--" { break }
            let plain = word.filter { $0 != "\"" }
            if plain.hasPrefix("lsm=") { last = names(String(plain.dropFirst(4))) }
        }
        return last
    }

    private static func names(_ list: String) -> [String] { list.split(separator: ",").map { String($0) } }
}
