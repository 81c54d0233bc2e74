/// Where a report is written to: it gathers text and hands it on in pieces, so that no report is in memory as a whole.
public final class ReportSink {
    private var pending: [UInt8] = []
    private let write: (([UInt8]) throws -> Void)?
    private var failure: (any Error)?

    /// How much is gathered before it is handed on.
    private static let pieceSize = 1 << 16

    /// Creates a sink.
    ///
    /// - Parameter write: Takes each piece. What it throws comes out of ``finish()``; it gets no more pieces then.
    public init(_ write: @escaping ([UInt8]) throws -> Void) {
        self.write = write
    }

    private init() { write = nil }

    /// Takes text as it is.
    public func put(_ text: String) {
        pending.append(contentsOf: text.utf8)
        if pending.count >= Self.pieceSize { passOn() }
    }

    /// Takes a line, whose end is added.
    public func line(_ text: String) {
        pending.append(contentsOf: text.utf8)
        pending.append(UInt8(ascii: "\n"))
        if pending.count >= Self.pieceSize { passOn() }
    }

    /// Takes lines.
    func lines(_ texts: some Sequence<String>) {
        for text in texts { line(text) }
    }

    /// Takes bytes of UTF-8.
    func put(bytes: [UInt8]) {
        pending.append(contentsOf: bytes)
        if pending.count >= Self.pieceSize { passOn() }
    }

    /// Hands on what is left.
    ///
    /// - Throws: The first thing that the taker of the pieces threw.
    public func finish() throws {
        passOn()
        if let failure { throw failure }
    }

    private func passOn() {
        guard let write else { return }
        if failure == nil, !pending.isEmpty {
            do {
                try write(pending)
            } catch {
                failure = error
            }
        }
        pending.removeAll(keepingCapacity: true)
    }

    /// What a body writes, as one text.
    static func text<Failure: Error>(_ body: (ReportSink) throws(Failure) -> Void) throws(Failure) -> String {
        let sink = ReportSink()
        try body(sink)
        return String(decoding: sink.pending, as: UTF8.self)
    }
}
