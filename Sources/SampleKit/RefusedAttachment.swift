public import LibBPF
public import RunModel

/// An attachment that the kernel refused, and that needs an option beyond those that the sample needs.
///
/// The objects of some trees are attached in ways that those of others are not (`kprobe.multi` in place of `kprobe`). Where the
/// option is known to be off, that is why, and the sample is a SKIP that names it; where it is on, the refusal is a FAIL.
public struct RefusedAttachment: Error, Sendable, CustomStringConvertible {
    /// The refusal.
    public let refusal: AttachError
    /// What this way of attaching needs.
    public let need: Need

    /// Creates a refusal.
    public init(_ refusal: AttachError, need: Need) {
        self.refusal = refusal
        self.need = need
    }

    /// The refusal and the need.
    public var description: String { "\(refusal); it needs \(need)" }

    /// The options of such attachments, which are looked up for every kernel.
    public static let options = ["CONFIG_FPROBE"]

    /// Attaches, and says of a refusal which option the attachment needs.
    static func wrapping(
        _ option: String,
        _ attach: () throws(AttachError) -> BPFLink
    ) throws(RefusedAttachment) -> BPFLink {
        do { return try attach() } catch { throw RefusedAttachment(error, need: .option(option)) }
    }
}

extension Sequence<CatalogEntry> {
    /// Every option whose state decides whether these samples can run: those that they need, and ``RefusedAttachment/options``.
    public var options: Set<String> {
        var found = Set(RefusedAttachment.options)
        for case .option(let name) in flatMap(\.manifest.needs) { found.insert(name) }
        return found
    }
}
