import Foundation
import PackagePlugin

/// Writes the names and versions of the packages that a build resolved, for `--version --verbose`.
@main
struct BuildVersions: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) async throws -> [Command] {
        let list = context.pluginWorkDirectoryURL.appending(path: "BuildVersions.swift")
        let packages = context.package.dependencies.map(\.package).sorted { $0.id < $1.id }
        return [
            .buildCommand(
                displayName: "Listing the versions of packages",
                executable: try context.tool(named: "source-writer").url,
                arguments: ["versions", list.path()] + packages.flatMap { [$0.id, version(of: $0.origin)] },
                outputFiles: [list]
            )
        ]
    }

    private func version(of origin: PackageOrigin) -> String {
        switch origin {
        case .repository(_, let version, _), .registry(_, let version): version
        case .local, .root: "of this machine"
        @unknown default: "unknown"
        }
    }
}
