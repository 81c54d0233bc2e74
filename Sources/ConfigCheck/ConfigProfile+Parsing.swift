import RunModel

extension ConfigProfile {
    /// Reads an annotated fragment, as `ProfileNote` describes its notes.
    ///
    /// Every fragment that `scripts/kconfig/merge_config.sh` takes is a profile whose options are all required.
    /// Comments that are no notes, blank lines, notes in words of their own and an option repeated alike are no errors.
    ///
    /// - Parameters:
    ///   - name: What to call the profile.
    ///   - bytes: The file, not compressed.
    /// - Throws: ``ProfileError`` for the first line that cannot be read or contradicts an earlier one.
    public init(name: String, parsing bytes: [UInt8]) throws(ProfileError) {
        try self.init(name: name, parsing: bytes, source: name)
    }

    /// Reads a fragment whose errors name it as `source`, which may be its path.
    init(name: String, parsing bytes: [UInt8], source: String) throws(ProfileError) {
        var reader = ConfigLineReader(bytes)
        var list = RequirementList()
        do throws(ProfileError.Reason) {
            while let line = try Self.nextLine(&reader) {
                switch line {
                case .blank: break
                case .comment(let range):
                    try list.note(String(decoding: reader.bytes[range], as: UTF8.self), line: reader.number)
                case .setting(let option, let value): try list.append(option, value, line: reader.number)
                }
            }
            guard !list.hasPendingNote else { throw .noteWithoutOption }
        } catch {
            throw .line(profile: source, line: reader.number, error)
        }
        guard !list.requirements.isEmpty || !list.features.isEmpty else { throw .noOptions(profile: source) }
        self.init(name: name, requirements: list.requirements, features: Self.asked(list.features))
    }

    private static func nextLine(_ reader: inout ConfigLineReader) throws(ProfileError.Reason) -> ConfigLine? {
        do {
            return try reader.next()
        } catch {
            throw .syntax(error.reason)
        }
    }
}

/// The requirements read so far, and the notes that wait for an option.
private struct RequirementList {
    var requirements: [ConfigProfile.Requirement] = []
    var features: [ConfigProfile.FeatureRequirement] = []
    var hasPendingNote = false
    private var pending = ProfileNote()
    /// Where each option is asked for without a range; ranges may tell two requirements of one option apart.
    private var unranged: [String: Int] = [:]

    mutating func note(_ comment: String, line: Int) throws(ProfileError.Reason) {
        var note = ProfileNote()
        guard try note.read(comment) else { return }
        guard let feature = note.feature else {
            _ = try pending.read(comment)
            hasPendingNote = true
            return
        }
        guard !hasPendingNote else { throw .noteWithoutOption }
        features.append(
            ConfigProfile.FeatureRequirement(
                name: feature,
                weight: note.weight ?? .required,
                purposes: note.purposes.map { printable($0, limit: 200) },
                versions: note.versions,
                remarks: note.remarks.map { printable($0, limit: 200) },
                line: line
            )
        )
    }

    mutating func append(_ option: String, _ value: KernelConfig.Value, line: Int) throws(ProfileError.Reason) {
        let note = pending
        pending = ProfileNote()
        hasPendingNote = false
        if note.versions == nil {
            if let position = unranged[option] {
                let earlier = requirements[position]
                guard earlier.wanted == value else {
                    throw .contradiction(option: printable(option), earlierLine: earlier.line)
                }
                return
            }
            unranged[option] = requirements.count
        }
        requirements.append(
            ConfigProfile.Requirement(
                option: option,
                wanted: value,
                weight: note.weight ?? .required,
                purposes: note.purposes.map { printable($0, limit: 200) },
                versions: note.versions,
                remarks: note.remarks.map { printable($0, limit: 200) },
                line: line
            )
        )
    }
}
