// swift-tools-version: 6.2
import PackageDescription

// Long, for SwiftPM reads one file: one section per module, in the order of the imports. docs/modules.tsv says who may import whom, and ci/modules checks it.

/// What every Swift target of this package is compiled with.
///
/// Warnings are errors where `CI` is set.
let strict: [SwiftSetting] =
    [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
    ] + (Context.environment["CI"] == nil ? [] : [.treatAllWarnings(as: .error)])

/// The same, and optimized in debug builds too: what goes over every byte of its input takes half of the tests' time otherwise.
let strictAndFast = strict + [.unsafeFlags(["-O"], .when(configuration: .debug))]

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let subprocess: Target.Dependency = .product(name: "Subprocess", package: "swift-subprocess")
let system: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")

/// A family of samples: one module for a folder under `samples/`, whose index the plugin writes.
func family(
    _ name: String,
    in folder: String,
    using others: [Target.Dependency] = [],
    settings: [SwiftSetting] = strict
) -> Target {
    .target(
        name: name,
        dependencies: ["LibBPF", "LinuxHost", "RunModel", "SampleKit", "SampleLab"] + others,
        path: "samples/\(folder)",
        swiftSettings: settings,
        plugins: ["SampleIndex"]
    )
}

let package = Package(
    name: "bpf-assay",
    products: [
        .executable(name: "bpf-assay", targets: ["bpf-assay"]),
        .executable(name: "assay-worker", targets: ["assay-worker"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    ],
    targets: [
        // RunModel: values that travel between stages, processes, machines and runs.
        .target(name: "RunModel", swiftSettings: strictAndFast),
        .testTarget(name: "RunModelTests", dependencies: ["RunModel"], swiftSettings: strict),

        // FileBytes: files as bytes: read within bounds, written whole or not at all, digests, ELF headers, text from them.
        .target(name: "FileBytes", dependencies: [system], swiftSettings: strictAndFast),
        .testTarget(
            name: "FileBytesTests",
            dependencies: ["FileBytes", "TestSupport", system],
            swiftSettings: strict
        ),

        // CommandInput: what people write on command lines and in lists: names, patterns, numbers.
        .target(name: "CommandInput", swiftSettings: strict),
        .testTarget(name: "CommandInputTests", dependencies: ["CommandInput"], swiftSettings: strict),

        // KernelImages: what a kernel image embeds, whatever it is compressed with.
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CBzip2", providers: [.apt(["libbz2-dev"])]),
        .systemLibrary(name: "CLZ4", pkgConfig: "liblz4", providers: [.apt(["liblz4-dev"])]),
        .systemLibrary(name: "CLZMA", pkgConfig: "liblzma", providers: [.apt(["liblzma-dev"])]),
        .systemLibrary(name: "CLZO", providers: [.apt(["liblzo2-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .target(
            name: "KernelImages",
            dependencies: ["CBzip2", "CLZ4", "CLZMA", "CLZO", "CZlib", "CZstd", "FileBytes", system],
            swiftSettings: strictAndFast
        ),
        .testTarget(
            name: "KernelImagesTests",
            dependencies: [
                "CBzip2", "CLZ4", "CLZMA", "CLZO", "CZstd", "ConfigCheck", "KernelImages", "RunModel",
                "TestSupport", system,
            ],
            swiftSettings: strict
        ),
        .target(
            name: "TestSupport",
            dependencies: ["CZlib", system],
            path: "Tests/TestSupport",
            swiftSettings: strict
        ),

        // ConfigCheck: a kernel's options, where they come from, and whether they meet a profile.
        .target(
            name: "ConfigCheck",
            dependencies: ["FileBytes", "KernelImages", "RunModel", system],
            resources: [.embedInCode("Profiles"), .embedInCode("options.tsv")],
            swiftSettings: strict
        ),
        .testTarget(
            name: "ConfigCheckTests",
            dependencies: ["ConfigCheck", "KernelImages", "RunModel", "TestSupport", system],
            swiftSettings: strict
        ),

        // KernBuild: a kernel tree, the plan of clang commands, and their execution.
        .target(
            name: "KernBuild",
            dependencies: ["FileBytes", "RunModel", subprocess, system],
            resources: [.embedInCode("Compat"), .embedInCode("history.tsv")],
            swiftSettings: strict
        ),
        .testTarget(
            name: "KernBuildTests",
            dependencies: [
                "FileBytes", "KernBuild", "KernTools", "LibBPF", "RunModel", "TestSupport", system,
            ],
            swiftSettings: strict
        ),

        // Comparing: record against record: regressions, fixes, new, gone.
        .target(name: "Comparing", dependencies: ["RunModel"], swiftSettings: strictAndFast),
        .testTarget(name: "ComparingTests", dependencies: ["Comparing", "RunModel"], swiftSettings: strict),

        // Reporting: a record as text, JSON, KTAP, JUnit, Markdown and C macros.
        .target(name: "Reporting", dependencies: ["FileBytes", "RunModel"], swiftSettings: strictAndFast),
        .testTarget(
            name: "ReportingTests",
            dependencies: ["Comparing", "FileBytes", "Reporting", "RunModel", "TestSupport", subprocess, system],
            swiftSettings: strict
        ),

        // CLinux, LinuxHost: owners of kernel resources.
        .target(name: "CLinux"),
        .target(name: "LinuxHost", dependencies: ["CLinux", system], swiftSettings: strict),
        .testTarget(name: "LinuxHostTests", dependencies: ["LinuxHost", system], swiftSettings: strict),

        // CLibbpf, LibBPF: libbpf, safely.
        .systemLibrary(name: "CLibbpf", pkgConfig: "libbpf", providers: [.apt(["libbpf-dev"])]),
        .target(name: "LibBPF", dependencies: ["CLibbpf", "CLinux", "LinuxHost", system], swiftSettings: strict),
        .testTarget(
            name: "LibBPFTests",
            dependencies: ["CLibbpf", "LibBPF", "LinuxHost", system],
            swiftSettings: strict
        ),

        // KernTools: libbpf at a build's service.
        .target(
            name: "KernTools",
            dependencies: ["KernBuild", "LibBPF", "LinuxHost", system],
            swiftSettings: strict
        ),

        // BPFProbe: what the running kernel can do, asked of itself.
        .target(
            name: "BPFProbe",
            dependencies: ["CLinux", "LibBPF", "LinuxHost", "RunModel", system],
            swiftSettings: strict
        ),
        .testTarget(
            name: "BPFProbeTests",
            dependencies: ["BPFProbe", "LibBPF", "LinuxHost", "RunModel", system],
            swiftSettings: strict
        ),

        // FeatureRules: what each feature of BPF needs of a kernel, and what is known of one.
        .target(
            name: "FeatureRules",
            dependencies: ["RunModel"],
            resources: [.embedInCode("exceptions.tsv"), .embedInCode("features.tsv")],
            swiftSettings: strictAndFast
        ),
        .testTarget(
            name: "FeatureRulesTests",
            dependencies: ["ConfigCheck", "FeatureRules", "RunModel", "TestSupport"],
            swiftSettings: strict
        ),

        // ObjectNeeds: what a BPF object needs of a kernel, read without loading it.
        .target(
            name: "ObjectNeeds",
            dependencies: ["FeatureRules", "FileBytes", "LibBPF", "RunModel"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "ObjectNeedsTests",
            dependencies: [
                "FeatureRules", "FileBytes", "KernBuild", "KernTools", "LibBPF", "ObjectNeeds", "RunModel",
                "SampleCatalog",
                "SampleKit",
                "TestSupport", subprocess, system,
            ],
            swiftSettings: strict
        ),

        // SampleKit: what a sample is and owes.
        .target(
            name: "SampleKit",
            dependencies: ["LibBPF", "LinuxHost", "RunModel", system],
            swiftSettings: strict
        ),
        .testTarget(
            name: "SampleKitTests",
            dependencies: ["LibBPF", "LinuxHost", "RunModel", "SampleKit"],
            swiftSettings: strict
        ),

        // SampleLab: what samples are made of: topologies, stimuli, witnesses, tallies.
        .target(
            name: "SampleLab",
            dependencies: ["CLinux", "LibBPF", "LinuxHost", "RunModel", "SampleKit", system],
            swiftSettings: strict
        ),
        .testTarget(
            name: "SampleLabTests",
            dependencies: ["LibBPF", "LinuxHost", "RunModel", "SampleKit", "SampleLab"],
            swiftSettings: strict
        ),

        // The families of samples, and their joined catalogue.
        .executableTarget(name: "source-writer", swiftSettings: strict),
        .plugin(name: "SampleIndex", capability: .buildTool(), dependencies: ["source-writer"]),
        family("CgroupSamples", in: "cgroup"),
        // A model of every call on a map stands beside the kernel's answers, which takes seconds where it is not optimized.
        family("MapsSamples", in: "maps", using: [system], settings: strictAndFast),
        family("NetworkingSamples", in: "networking", using: [system]),
        family("TracingSamples", in: "tracing", using: ["CLinux", system]),
        family("XdpSamples", in: "xdp"),
        .target(
            name: "SampleCatalog",
            dependencies: [
                "CgroupSamples", "MapsSamples", "NetworkingSamples", "SampleKit", "TracingSamples", "XdpSamples",
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "SampleContractTests",
            dependencies: ["LibBPF", "RunModel", "SampleCatalog", "SampleKit", "SampleTrials"],
            swiftSettings: strict
        ),

        .testTarget(
            name: "TracingSamplesTests",
            dependencies: ["CLinux", "LibBPF", "LinuxHost", "RunModel", "SampleKit", "SampleLab", "TracingSamples"],
            swiftSettings: strict
        ),

        .testTarget(
            name: "MapsSamplesTests",
            dependencies: ["LibBPF", "MapsSamples", "SampleLab"],
            swiftSettings: strict
        ),

        // WorkerWire: what travels between a worker, its machine and the host: frames, requests, outcomes, losses.
        .target(name: "WorkerWire", dependencies: ["LinuxHost", "RunModel"], swiftSettings: strict),

        // SampleWorker: the process that one sample runs in.
        .target(
            name: "SampleWorker",
            dependencies: [
                "BPFProbe", "CLinux", "FileBytes", "LibBPF", "LinuxHost", "RunModel", "SampleKit", "WorkerWire", system,
            ],
            swiftSettings: strict
        ),

        // GuestWire, GuestInit, GuestRun: the same worker in a virtual machine.
        .target(name: "GuestWire", swiftSettings: strict),
        .testTarget(name: "GuestWireTests", dependencies: ["GuestWire"], swiftSettings: strict),
        .target(
            name: "GuestInit",
            dependencies: [
                "CLinux", "FileBytes", "GuestWire", "LinuxHost", "RunModel", "SampleWorker", "WorkerWire", system,
            ],
            swiftSettings: strict
        ),
        .target(
            name: "GuestRun",
            dependencies: [
                "CLinux", "FileBytes", "GuestWire", "KernelImages", "LinuxHost", "RunModel", "WorkerWire",
                system,
            ],
            swiftSettings: strict
        ),
        .testTarget(name: "GuestRunTests", dependencies: ["FileBytes", "GuestRun", "RunModel"], swiftSettings: strict),
        .testTarget(
            name: "GuestTests",
            dependencies: [
                "FileBytes", "GuestRun", "LinuxHost", "RunModel", "SampleKit", "SampleRun", "SampleTrials", "Surveys",
                "TestSupport",
                "WorkerWire", "assay-worker", "bpf-assay", system,
            ],
            exclude: ["Unruly"],
            swiftSettings: strict
        ),

        // SampleRun: the plan, and the supervisor of the workers.
        .target(
            name: "SampleRun",
            dependencies: [
                "CommandInput", "LinuxHost", "RunModel", "SampleKit", "SampleWorker", "WorkerWire",
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "SampleRunTests",
            dependencies: [
                "BPFProbe", "CommandInput", "LibBPF", "LinuxHost", "RunModel", "SampleKit", "SampleRun", "SampleWorker",
                "WorkerWire", system,
            ],
            swiftSettings: strict
        ),

        // Surveys: what is found out about the machines of a run before anything runs on them.
        .target(
            name: "Surveys",
            dependencies: [
                "ConfigCheck", "FileBytes", "GuestRun", "LibBPF", "ObjectNeeds", "RunModel", "SampleCatalog",
                "SampleKit",
                "SampleRun", "WorkerWire", system,
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "SurveysTests",
            dependencies: [
                "ConfigCheck", "GuestRun", "RunModel", "SampleCatalog", "SampleKit", "SampleRun", "Surveys",
                "TestSupport", system,
            ],
            swiftSettings: strict
        ),

        // KernelChecks: a kernel's options, features and own answers against what is asked of it.
        .target(
            name: "KernelChecks",
            dependencies: [
                "BPFProbe", "ConfigCheck", "FeatureRules", "GuestRun", "KernelImages", "LinuxHost", "RunModel",
                "SampleRun", "Surveys", system,
            ],
            swiftSettings: strict
        ),

        .testTarget(
            name: "KernelChecksTests",
            dependencies: [
                "BPFProbe", "ConfigCheck", "FeatureRules", "KernelChecks", "RunModel", "TestSupport", system,
            ],
            swiftSettings: strict
        ),

        // ObjectChecks: BPF objects against a kernel: what they need, whether they fit its types, whether they load.
        .target(
            name: "ObjectChecks",
            dependencies: [
                "ConfigCheck", "FeatureRules", "FileBytes", "GuestRun", "KernelChecks", "KernelImages", "LibBPF",
                "LinuxHost", "ObjectNeeds", "RunModel", "SampleRun", "Surveys", system,
            ],
            swiftSettings: strict
        ),

        .testTarget(
            name: "ObjectChecksTests",
            dependencies: ["FeatureRules", "ObjectChecks", "RunModel", "TestSupport", system],
            swiftSettings: strict
        ),

        // ObjectSources: where the kern objects of samples come from: a tree, or a folder that somebody built them into.
        .target(
            name: "ObjectSources",
            dependencies: [
                "CommandInput", "FileBytes", "KernBuild", "KernelImages", "ObjectNeeds", "Reporting",
                "RunModel", "SampleCatalog", "SampleKit", "SampleRun", system,
            ],
            swiftSettings: strict
        ),

        .testTarget(
            name: "ObjectSourcesTests",
            dependencies: [
                "KernBuild", "ObjectSources", "RunModel", "SampleCatalog", "SampleKit", "SampleRun", "TestSupport",
                system,
            ],
            swiftSettings: strict
        ),

        // RunFiles: the folder of a run, and the records of earlier ones.
        .target(
            name: "RunFiles",
            dependencies: [
                "Comparing", "FileBytes", "LinuxHost", "Reporting", "RunModel", "SampleCatalog", "SampleKit",
                "SampleRun", system,
            ],
            swiftSettings: strict
        ),

        .testTarget(
            name: "RunFilesTests",
            dependencies: ["FileBytes", "RunFiles", "RunModel", "TestSupport", system],
            swiftSettings: strict
        ),

        // SampleTrials: what tests that run samples share, on this host and in guests.
        .target(
            name: "SampleTrials",
            dependencies: [
                "ConfigCheck", "KernBuild", "KernTools", "LibBPF", "ObjectSources", "RunModel", "SampleCatalog",
                "SampleKit", "SampleLab", "SampleRun", "Surveys", "TestSupport", system,
            ],
            path: "Tests/SampleTrials",
            swiftSettings: strict
        ),

        // The two programs.
        .plugin(name: "BuildVersions", capability: .buildTool(), dependencies: ["source-writer"]),
        .executableTarget(
            name: "bpf-assay",
            dependencies: [
                "BPFProbe", "CommandInput", "Comparing", "ConfigCheck", "FileBytes", "GuestRun", "KernBuild",
                "KernTools", "KernelChecks", "LibBPF", "LinuxHost", "ObjectChecks", "ObjectNeeds", "ObjectSources",
                "Reporting", "RunFiles", "RunModel", "SampleCatalog", "SampleKit", "SampleRun", "Surveys", "WorkerWire",
                argumentParser, system,
            ],
            swiftSettings: strict,
            plugins: ["BuildVersions"]
        ),
        .executableTarget(
            name: "assay-worker",
            dependencies: ["GuestInit", "SampleCatalog", "SampleWorker"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "CommandTests",
            dependencies: ["bpf-assay", "assay-worker", "KernBuild", "RunModel", "Reporting", subprocess, system],
            swiftSettings: strict
        ),
        .testTarget(
            name: "PrivilegedTests",
            dependencies: [
                "BPFProbe", "CLibbpf", "CLinux", "ConfigCheck", "FeatureRules", "KernBuild", "KernelImages", "LibBPF",
                "LinuxHost", "ObjectNeeds", "Reporting", "RunModel", "SampleCatalog", "SampleKit", "SampleLab",
                "SampleRun", "SampleTrials", "SampleWorker", "TestSupport", "WorkerWire", "assay-worker", "bpf-assay",
                subprocess, system,
            ],
            swiftSettings: strict
        ),
    ],
    swiftLanguageModes: [.v6]
)
