import SystemPackage

extension ConfigProfile {
    /// The names of the profiles that are part of the program.
    public static let builtInNames = builtInFiles.map(\.name)

    /// The files in `kconfig/profiles`, which SwiftPM embeds through the link `Profiles` in this folder.
    ///
    /// A file that is added there must be named here as well; a test compares the two.
    private static let builtInFiles: [(name: String, bytes: [UInt8])] = [
        ("core", PackageResources.core_config),
        ("bcc", PackageResources.bcc_config),
        ("samples", PackageResources.samples_config),
        ("tracing", PackageResources.tracing_config),
        ("networking", PackageResources.networking_config),
        ("xdp", PackageResources.xdp_config),
        ("cgroup", PackageResources.cgroup_config),
        ("lsm", PackageResources.lsm_config),
        ("ci-minimal", PackageResources.ci_minimal_config),
        ("guest", PackageResources.guest_config),
        ("samples-all", PackageResources.samples_all_config),
        ("libbpf-selftests", PackageResources.libbpf_selftests_config),
    ]

    /// Loads a built-in profile by its name, or a file.
    ///
    /// - Parameter nameOrPath: A built-in name means the built-in profile, even where a file is called so; with a
    ///   slash in it, it always means a file.
    /// - Returns: The profile, under the base name of its file.
    /// - Throws: ``ProfileError``, which names the profile as it was asked for.
    public static func load(_ nameOrPath: String) throws(ProfileError) -> ConfigProfile {
        if let file = builtInFiles.first(where: { $0.name == nameOrPath }) {
            return try ConfigProfile(name: file.name, parsing: file.bytes)
        }
        let path = FilePath(nameOrPath)
        let bytes: [UInt8]
        do {
            bytes = try ConfigFile.bytes(at: path)
        } catch {
            if case .missing = error, !nameOrPath.contains("/") {
                throw .unknownName(nameOrPath, known: builtInNames)
            }
            throw .file(ConfigSourceError(purpose: "profile", path: path, cause: error))
        }
        return try ConfigProfile(name: path.stem ?? nameOrPath, parsing: bytes, source: nameOrPath)
    }
}
