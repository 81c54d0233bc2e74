import Foundation
import Subprocess
import Testing

/// The folder of a run: whose it is, and what is said where it cannot be made.
struct ResultsFolderTests {
    /// A run that is quick: there is no object for its one sample.
    private func run(
        in scratch: Scratch,
        _ words: [String] = [],
        environment: [String: String] = [:],
        wrapper: [String] = []
    ) async throws -> CommandRun {
        try await CommandRun(
            ["run", "sockex1", "--objects", try scratch.folder("none"), "--results", "\(scratch.path)/results"] + words,
            environment: ["SUDO_UID": "", "SUDO_GID": ""].merging(environment) { $1 },
            wrapper: wrapper
        )
    }

    @Test(arguments: ["", "/proc"])
    func `a place where nothing can be made is told with the option that names another`(place: String) async throws {
        let scratch = try Scratch()
        let ended = try await CommandRun([
            "run", "sockex1", "--objects", try scratch.folder("none"), "--results", place,
        ])
        #expect(ended.status == .exited(69) && ended.errors.contains("with --results"), "\(ended.errors)")
    }

    @Test func `the newest run is found beside a file that is called latest`() async throws {
        let scratch = try Scratch()
        _ = try scratch.folder("results")
        _ = try scratch.file("results/latest", "mine\n")
        let ended = try await run(in: scratch)
        #expect(ended.status == .exited(getuid() == 0 ? 2 : 4), "\(ended.errors)")
        let again = try await CommandRun(["run", "--list", "--last-failed", "--results", "\(scratch.path)/results"])
        #expect(again.status == .exited(0), "\(again.errors)")
        #expect(again.output == (getuid() == 0 ? "networking/sockex1\n" : ""), "\(again.output)")
    }

    private func owner(_ path: String) -> uid_t? {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_uid : nil
    }

    @Test(.enabled(if: getuid() == 0, "sudo makes root of a user"))
    func `what root made for a user who called sudo is that user's`() async throws {
        let scratch = try Scratch()
        let user: uid_t = 44_100
        try #require(chown(scratch.path, user, user) == 0)
        let ended = try await run(in: scratch, environment: ["SUDO_UID": "\(user)", "SUDO_GID": "\(user)"])
        #expect(ended.status == .exited(2), "\(ended.errors)")
        let results = scratch.contents.filter { $0.hasPrefix("results") }
        #expect(results.contains { $0.hasSuffix("/record.json") } && results.contains("results/latest"))
        for name in results { #expect(owner("\(scratch.path)/\(name)") == user, "\(name)") }
        // And so the user's own next run has a place.
        let own = try await run(
            in: scratch,
            wrapper: ["/usr/bin/setpriv", "--reuid", "\(user)", "--regid", "\(user)", "--clear-groups"]
        )
        #expect(own.status == .exited(4), "\(own.errors)")
    }

    @Test(.enabled(if: getuid() == 0, "sudo makes root of a user"))
    func `what lies in another's folder stays root's, and the next run says what helps`() async throws {
        let scratch = try Scratch()
        let user: uid_t = 44_101
        let ended = try await run(in: scratch, environment: ["SUDO_UID": "\(user)", "SUDO_GID": "\(user)"])
        #expect(ended.status == .exited(2) && owner("\(scratch.path)/results") == 0, "\(ended.errors)")
        let own = try await run(
            in: scratch,
            wrapper: ["/usr/bin/setpriv", "--reuid", "\(user)", "--regid", "\(user)", "--clear-groups"]
        )
        #expect(own.status == .exited(69), "\(own.errors)")
        for word in ["EACCES", "belongs to root", "sudo chown", "--results"] { #expect(own.errors.contains(word)) }
        #expect(own.errors.split(separator: "\n").count == 1, "\(own.errors)")
    }

    @Test(.enabled(if: getuid() == 0, "a user without rights runs nothing"))
    func `what is called latest and is no link is left alone`() async throws {
        let scratch = try Scratch()
        _ = try scratch.folder("results")
        _ = try scratch.file("results/latest", "mine")
        let ended = try await run(in: scratch)
        #expect(ended.errors.contains("is not a link"), "\(ended.errors)")
        #expect(try String(contentsOfFile: "\(scratch.path)/results/latest", encoding: .utf8) == "mine")
    }

    @Test func `a place that cannot be written to is told before anything is built`() async throws {
        let scratch = try Scratch()
        _ = try scratch.file("plain", "")
        for place in ["plain", "plain/below", "nowhere/below"] {
            let run = try await CommandRun(["run", "sockex1", "--results", "\(scratch.path)/\(place)"])
            #expect(run.status == .exited(69) && run.output.isEmpty, "\(run.status) \(run.output)")
            #expect(run.errors.contains("--results") && run.errors.split(separator: "\n").count == 1, "\(run.errors)")
        }
        #expect(scratch.contents == ["plain"])
    }

    @Test func `a user without rights is told once, with what helps`() async throws {
        let scratch = try Scratch()
        let run = try await CommandRun(["run", "--results", "\(scratch.path)/results"], asNobody: true)
        #expect(run.status == .exited(4))
        let all = run.errors + run.output
        #expect(all.components(separatedBy: "operation not permitted").count == 2, "\(all)")
        #expect(run.errors.contains("'sudo'") && run.errors.contains("--kernel"), "\(run.errors)")
        #expect(!run.errors.contains("EPERM") || run.errors.components(separatedBy: "EPERM").count == 2)
    }
}
