public import ConfigCheck
import SystemPackage

/// Which config is to be judged, as a command line names it.
public struct ConfigRequest: Sendable, Hashable {
    /// Whether the running kernel is named.
    public var isRunning = false
    /// A file with the config; `-` is standard input.
    public var config: String?
    /// An image that embeds the config, or that the file belongs to.
    public var image: String?
    /// A kernel tree with the config, or that the file belongs to.
    public var tree: String?

    /// Creates a request for the running kernel's config.
    public init() {}

    /// The config to judge.
    public struct Choice: Sendable {
        /// The config; `nil` where none was found.
        public let found: IdentifiedConfig?
        /// Why other configs do not count.
        public var passedOver: [String] = []
        /// Configs that other programs read and that say something else.
        public var contradicted: [String] = []
    }

    /// Where the config is read; `nil` where the running kernel's is to be found.
    public var source: KernelConfigSource? {
        if let config { return .file(FilePath(Self.path(config))) }
        if let image { return .image(FilePath(image)) }
        return tree.map { .tree(FilePath($0)) }
    }

    /// Whether nothing is named, not even the running kernel.
    public var isEmpty: Bool { self == ConfigRequest() }

    /// The file that a name on the command line stands for: `-` is standard input.
    public static func path(_ name: String) -> String { name == "-" ? "/dev/stdin" : name }

    /// Finds the config.
    ///
    /// - Throws: ``CheckRefusal`` where several are named, `ConfigSourceError` where the one that is cannot be read.
    public func choice() throws -> Choice {
        let isPair = config != nil && image != nil && !isRunning && tree == nil
        let isForTree = config != nil && tree != nil && !isRunning && image == nil
        guard isPair || isForTree || [isRunning, config != nil, image != nil, tree != nil].count(where: { $0 }) <= 1
        else {
            throw CheckRefusal(
                "choosing a config: --running, --config, --image and --tree are mutually exclusive, except --config with --image or --tree"
            )
        }
        guard let source else {
            let running = RunningConfig()
            return Choice(found: running.found, passedOver: running.passedOver, contradicted: running.contradicted)
        }
        guard isPair, let image else {
            let found = try source.identified()
            return Choice(
                found: config == "-" ? IdentifiedConfig(judgedForItself: found.config, source: "standard input") : found
            )
        }
        let kernel = try KernelConfigSource.kernel(inImage: FilePath(image))
        return Choice(found: IdentifiedConfig(try source.read(), source: source.path().string, ofImage: kernel))
    }
}

/// A check that cannot be made as it was asked for.
public struct CheckRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    /// What was to be done, why that is not possible, and what to do.
    public let description: String

    /// Creates a refusal.
    public init(_ description: String) { self.description = description }
}
