import ConfigCheck
import FeatureRules
import KernelImages
public import RunModel
import SystemPackage

/// A config as `compare` takes it: what its options promise of every feature, nothing asked for.
public struct ConfigRecord: Sendable {
    /// The promises, and the values of all options that BPF has to do with.
    public let record: CheckRecord

    /// Takes a file that is a config; `nil` for what does not look like one.
    ///
    /// - Parameters:
    ///   - path: The file's path, or `-` for standard input.
    ///   - bytes: What was read of it.
    /// - Throws: `ConfigSourceError` or `ConfigSyntaxError` for a config that is damaged.
    public init?(_ path: String, _ bytes: [UInt8]) throws {
        let text = (try? Compression.unpacked(bytes[...], limit: 8 << 20)) ?? bytes
        guard KernelConfig.isLike(text) else { return nil }
        let source = path == "-" ? "standard input" : path
        let config = IdentifiedConfig(judgedForItself: KernelConfig(parsing: text), source: source)
        let check = KernelCheck(
            subject: config,
            passedOver: [],
            profile: ConfigProfile(joining: []),
            version: nil,
            probe: nil,
            host: nil
        )
        var record = check.record(notes: [])
        record.profile = CheckComparison.noProfile
        let asked = try ConfigProfile.builtInNames.flatMap { try ConfigProfile.load($0).requirements.map(\.option) }
        let names = Set(asked + FeatureReport.allOptions)
        record.options = Dictionary(
            uniqueKeysWithValues: names.compactMap { name in
                switch config.answer(name) {
                case .set(let value): (name, value.text)
                case .absent: (name, "absent")
                // A fragment leaves it to Kconfig, which is no change.
                case .unknown: nil
                }
            }
        )
        self.record = record
    }
}
