// swift-tools-version: 6.2
import PackageDescription

// One section a module, in the order of the imports: what stands above never imports what stands below it in its chain
// (see docs/Architecture.md). Each target has one line of purpose.

/// What every Swift target of this package is compiled with.
///
/// Warnings are errors where `CI` is set.
let strict: [SwiftSetting] =
    [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
    ] + (Context.environment["CI"] == nil ? [] : [.treatAllWarnings(as: .error)])


let package = Package(
    name: "bpf-assay",
    dependencies: [
        .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"),
    ],
    targets: [
        // RunModel: values that travel between stages, processes, machines and runs.
        .target(name: "RunModel", swiftSettings: strict),
        .testTarget(name: "RunModelTests", dependencies: ["RunModel"], swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
