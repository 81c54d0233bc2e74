import RunModel
import SystemPackage

extension BuildPlan {
    /// The name of the list of commands in the output folder, which clangd and other tools read.
    static let commandsFile = "compile_commands.json"

    static func check(sources: [KernSource], tree: KernelTree, output: FilePath) throws(BuildPlanError) {
        if let source = sources.first(where: { !$0.isWellFormed }) { throw .badSource(source.path) }
        var owners: [String: KernSource] = [:]
        for source in sources {
            // Two samples may share a source: both write the same bytes. Two sources may not share an object.
            if let owner = owners.updateValue(source, forKey: source.objectName), owner.path != source.path {
                throw .sameObject(source.objectName, owner.path, source.path)
            }
        }
        // By name only; the executor looks behind symbolic links and `..`.
        if output.starts(with: tree.path), !output.components.contains(where: { $0.kind == .parentDirectory }) {
            throw .outputInTree(output.string)
        }
        // clang 14 splits an argument of -ffile-prefix-map at its first '=', later ones at the last: no way to quote it.
        if output.string.contains("=") { throw .unsuitableOutput(output.string, "it contains '='") }
        // No dependency file could carry such a name, and no message.
        if output.string.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
            throw .unsuitableOutput(output.string, "it contains a control character")
        }
    }

    /// The headers whose bytes are known before anything is read.
    static func headers(
        _ tree: KernelTree,
        _ include: IncludeFolders,
        usesBTF: Bool,
        kernel: KernelHeaders?,
        _ compiler: Compiler,
        _ architecture: TargetArchitecture
    ) -> [Header] {
        let version = Array(versionHeader(tree).utf8)
        func placed(_ files: [(path: String, content: [UInt8])], in folder: FilePath) -> [Header] {
            (files + [("linux/version.h", version)]).map {
                Header(path: folder.appending($0.path), content: $0.content)
            }
        }
        return placed(CompatHeaders.all(architecture, tree.version), in: include.compat)
            + (usesBTF ? placed(CompatHeaders.besideBTF, in: include.btf) : [])
            + (usesBTF && tree.hasStaleTypes ? [overlay(tree, include)] : [])
            + (kernel?.fixed(in: include.kernel, version: version, compiler: compiler) ?? [])
    }

    /// What makes clang read our `vmlinux.h` where the tree has one beside the sources, which it would find first.
    ///
    /// The format is that of clang's `-ivfsoverlay`, in JSON, which is YAML as well.
    private static func overlay(_ tree: KernelTree, _ include: IncludeFolders) -> Header {
        let file = include.btf.appending("vmlinux.h").string
        let places = Set([tree.path, tree.resolved].map { $0.appending("samples/bpf").string }).sorted()
        let roots = places.map { place in
            JSONValue.object([
                "type": .string("directory"), "name": .string(place),
                "contents": .array([
                    .object([
                        "type": .string("file"), "name": .string("vmlinux.h"), "external-contents": .string(file),
                    ])
                ]),
            ])
        }
        let text = JSONValue.object([
            "version": .string("0"), "case-sensitive": .string("true"), "roots": .array(roots),
        ]).text
        return Header(path: include.overlay, content: Array((text + "\n").utf8))
    }

    /// `<linux/version.h>`, which a configured tree generates from its `Makefile`.
    private static func versionHeader(_ tree: KernelTree) -> String {
        // SUBLEVEL has been clamped to a byte since 4.4.256 and 4.9.256 overflowed it.
        let code = tree.version.major << 16 + tree.version.minor << 8 + min(tree.version.patch, 255)
        return """
            /* bpf-assay: generated from the Makefile of the tree. */
            #pragma once
            #define LINUX_VERSION_CODE \(code)
            #define KERNEL_VERSION(a, b, c) (((a) << 16) + ((b) << 8) + ((c) > 255 ? 255 : (c)))
            #define LINUX_VERSION_MAJOR \(tree.version.major)
            #define LINUX_VERSION_PATCHLEVEL \(tree.version.minor)
            #define LINUX_VERSION_SUBLEVEL \(tree.version.patch)

            """
    }
}
