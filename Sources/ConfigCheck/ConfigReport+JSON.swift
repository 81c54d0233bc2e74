import FoundationEssentials
public import RunModel

extension ConfigReport {
    /// The name of the JSON form.
    ///
    /// Readers may rely on its keys; later versions only add some.
    public static let schema = "bpf-assay/check/1"

    /// The report for programs: one JSON object with sorted keys and a newline at its end.
    ///
    /// - Parameters:
    ///   - others: Findings that do not come from the options, put behind those that do.
    ///   - probe: What they rest on, written as `probe`.
    /// - Returns: The text. Its `kernel` is left out where no version is known.
    /// - Throws: `EncodingError`, which strings and arrays of them do not provoke.
    public func json(adding others: [CheckResult] = [], probe: (any Encodable)? = nil) throws -> String {
        struct Encoded: Encodable {
            let value: any Encodable

            func encode(to encoder: any Encoder) throws { try value.encode(to: encoder) }
        }
        struct Document: Encodable {
            let schema: String
            let source: String
            let identity: ConfigIdentity
            let kernel: String?
            let profile: String
            let checks: [CheckResult]
            let probe: Encoded?
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let document = Document(
            schema: Self.schema,
            source: source,
            identity: identity,
            kernel: kernel?.description,
            profile: profile,
            checks: checks + others,
            probe: probe.map { Encoded(value: $0) }
        )
        return String(decoding: try encoder.encode(document), as: UTF8.self) + "\n"
    }
}
