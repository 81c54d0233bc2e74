import Glibc
import Testing

@testable import LinuxHost

/// Giving folders away as root, which must give away nothing else.
@Suite(.enabled(if: geteuid() == 0, "only root gives files away"))
struct CallersFolderTests {
    private static let user: UInt32 = 44_200

    private static func owner(_ path: String) -> UInt32? {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_uid : nil
    }

    private static func make(_ path: String) {
        close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0o600))
    }

    /// A folder of the user's, with a folder of root's in it, and a file of root's that is none of the user's business.
    private func withTree(_ body: (_ home: String, _ secret: String) -> Void) {
        var template = Array("/tmp/bpf-assay-give-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else {
            Issue.record("mkdtemp(3) failed")
            return
        }
        let base = String(cString: made)
        defer { remove(base) }
        mkdir("\(base)/home", 0o755)
        chown("\(base)/home", Self.user, Self.user)
        mkdir("\(base)/home/results", 0o755)
        mkdir("\(base)/home/results/run", 0o755)
        mkdir("\(base)/home/results/run/objects", 0o755)
        Self.make("\(base)/home/results/run/record.json")
        Self.make("\(base)/home/results/run/objects/x.o")
        Self.make("\(base)/secret")
        symlink("run", "\(base)/home/results/latest")
        body("\(base)/home", "\(base)/secret")
    }

    private func remove(_ path: String) {
        if unlink(path) == 0 { return }
        if let folder = opendir(path) {
            while let entry = readdir(folder) {
                let name = withUnsafeBytes(of: entry.pointee.d_name) {
                    String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
                }
                if name != ".", name != ".." { remove("\(path)/\(name)") }
            }
            closedir(folder)
        }
        rmdir(path)
    }

    private var caller: CallersFolder? {
        CallersFolder { ["SUDO_UID": "\(Self.user)", "SUDO_GID": "\(Self.user)"][$0] }
    }

    @Test func `the caller is who sudo says`() {
        #expect(caller?.user == Self.user)
        for environment in [
            [:], ["SUDO_UID": "0", "SUDO_GID": "0"], ["SUDO_UID": "x", "SUDO_GID": "1"], ["SUDO_UID": "5"],
        ] {
            #expect(CallersFolder { environment[$0] } == nil)
        }
    }

    @Test func `a folder is given with all that is in it, and the one above alone`() throws {
        let caller = try #require(caller)
        withTree { home, _ in
            Self.make("\(home)/results/others")
            #expect(caller.take("run", in: "\(home)/results", with: "latest"))
            for name in ["", "/run", "/run/record.json", "/run/objects", "/run/objects/x.o", "/latest"] {
                #expect(Self.owner("\(home)/results\(name)") == Self.user, "\(name)")
            }
            #expect(Self.owner("\(home)/results/others") == 0)
        }
    }

    @Test func `links and second names lead nowhere, and a link in place of a folder is not entered`() throws {
        let caller = try #require(caller)
        withTree { home, secret in
            symlink(secret, "\(home)/results/run/link")
            link(secret, "\(home)/results/run/second")
            #expect(caller.take("run", in: "\(home)/results"))
            #expect(Self.owner(secret) == 0 && Self.owner("\(home)/results/run/link") == Self.user)
            mkdir("\(home)/../elsewhere", 0o755)
            symlink("../../elsewhere", "\(home)/results/other")
            #expect(!caller.take("other", in: "\(home)/results"))
            symlink("../elsewhere", "\(home)/link")
            #expect(!caller.take("run", in: "\(home)/link"))
            #expect(Self.owner("\(home)/../elsewhere") == 0)
        }
    }

    @Test func `a folder in another's place stays root's`() throws {
        let caller = try #require(caller)
        withTree { home, _ in
            chown(home, 0, 0)
            #expect(!caller.take("run", in: "\(home)/results"))
            #expect(Self.owner("\(home)/results") == 0 && Self.owner("\(home)/results/run") == 0)
        }
    }
}

struct ResourceDemandTests {
    /// Shortages are tested by the command under limits: this process shares its descriptors with other tests.
    @Test func `what there is enough of is no shortage`() {
        #expect(throws: Never.self) { try ResourceDemand(descriptors: 4, threads: 2, addressSpace: 1).check() }
    }
}
