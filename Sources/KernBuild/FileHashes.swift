import FileBytes
import Synchronization
import SystemPackage

/// The digests of files' contents, each read once, and remembered from build to build by the files' stamps.
final class FileHashes: Sendable {
    /// A file's digest, and the stamp that it had then.
    struct Known: Sendable {
        let stamp: FileStamp
        let digest: String
    }

    private struct State {
        var remembered: [String: Known] = [:]
        var fresh: [String: Known] = [:]
        var hasNews = false
    }

    private let state: Mutex<State>
    private let memory: FilePath?

    /// Reads what an earlier build remembered.
    ///
    /// - Parameter memory: The file that remembers; damage in it costs time and nothing else.
    init(memory: FilePath?) {
        self.memory = memory
        var remembered: [String: Known] = [:]
        if let memory, case .success(let bytes) = Files.read(memory, limit: 1 << 24),
            let fields = SealedFields.open(bytes), fields.count.isMultiple(of: 3)
        {
            remembered.reserveCapacity(fields.count / 3)
            for index in stride(from: 0, to: fields.count, by: 3) {
                guard let stamp = FileStamp(fields[index + 1]) else { continue }
                remembered[fields[index]] = Known(stamp: stamp, digest: fields[index + 2])
            }
        }
        state = Mutex(State(remembered: remembered))
    }

    /// The digest of a file as it is now; asked again within a build, as it was when it was first asked for.
    ///
    /// - Returns: `nil` where there is no regular file that can be read.
    func known(_ path: FilePath) -> Known? {
        let name = path.string
        if let known = state.withLock({ $0.fresh[name] }) { return known }
        guard let stamp = FileStamp(path) else { return nil }
        if let known = state.withLock({ $0.remembered[name] }), known.stamp == stamp {
            state.withLock { $0.fresh[name] = known }
            return known
        }
        guard case .success(let bytes) = Files.read(path, limit: 1 << 28) else { return nil }
        let known = Known(stamp: stamp, digest: SHA256.hex(bytes))
        // Written to while it was read: the digest is of neither content.
        guard FileStamp(path) == stamp else { return nil }
        state.withLock {
            $0.fresh[name] = known
            $0.hasNews = true
        }
        return known
    }

    /// Forgets a file that the build itself has replaced.
    func forget(_ path: FilePath) { state.withLock { _ = $0.fresh.removeValue(forKey: path.string) } }

    /// Writes down what was learnt; a failure costs the next build time and nothing else.
    func save() {
        guard let memory else { return }
        let limit = FileStamp.now - FileStamp.settling
        let (all, hasNews) = state.withLock { state in
            (state.remembered.merging(state.fresh) { _, fresh in fresh }, state.hasNews)
        }
        guard hasNews else { return }
        let settled = all.filter { $0.value.stamp.changed < limit }.sorted { $0.key < $1.key }
        // Paths of trees that are gone pile up: a new start now and then is cheaper than to look for each.
        let kept = settled.count > 20_000 ? [] : settled
        _ = Files.write(
            SealedFields.seal(kept.flatMap { [$0.key, $0.value.stamp.text, $0.value.digest] }),
            to: memory
        )
    }
}

/// Fields in a file that begins with a digest of the rest: what is torn or damaged is not read.
enum SealedFields {
    /// The file's bytes.
    static func seal(_ fields: [String]) -> [UInt8] {
        var body: [UInt8] = []
        for field in fields {
            body += field.utf8.filter { $0 != 0 }
            body.append(0)
        }
        return Array((SHA256.hex(body) + "\n").utf8) + body
    }

    /// The fields, `nil` for anything that ``seal(_:)`` has not written.
    static func open(_ bytes: [UInt8]) -> [String]? {
        guard bytes.count >= 65 else { return nil }
        let body = Array(bytes[65...])
        guard bytes.starts(with: Array((SHA256.hex(body) + "\n").utf8)) else { return nil }
        return body.split(separator: 0, omittingEmptySubsequences: false).dropLast().map {
            String(decoding: $0, as: UTF8.self)
        }
    }
}
