import Foundation
import RunModel
import Testing

@testable import GuestRun

extension MachineTests {
    /// Runs in guests whose results find no room.
    @Suite(.serialized)
    struct DiskGuestTests {
        private let folder: String

        init() throws {
            folder = "\(NSTemporaryDirectory())/guest-disk-\(UUID().uuidString)"
            try FileManager.default.createDirectory(atPath: "\(folder)/results", withIntermediateDirectories: true)
        }

        // Room for part of the journal, and for all of it but not for the record.
        @Test(arguments: ["16k", "64k"])
        func `a full disk ends the run with a clear word, and leaves no half record and no machine behind`(
            size: String
        ) throws {
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let marker = "assay_test=\(UUID().uuidString)"
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/unshare")
            // The mount ends with its namespace: what is in it is listed before.
            let script = """
                mount -t tmpfs -o size=\(size) tmpfs results || exit 99
                \(GuestCommand.program) run --kernel "$K" --worker "$W" --accel tcg --append \(marker) --no-control \
                    --sample sockex1 --sample sockex2 --results results >/dev/null; status=$?
                ls results/*; exit $status
                """
            process.arguments = ["--map-root-user", "--mount", "sh", "-c", script]
            process.environment = ProcessInfo.processInfo.environment.merging([
                "K": try GuestBench.kernelPath(), "W": try GuestBench.worker(),
            ]) { $1 }
            process.currentDirectoryURL = URL(fileURLWithPath: folder)
            process.standardInput = FileHandle.nullDevice
            let (output, errors) = (Pipe(), Pipe())
            process.standardOutput = output
            process.standardError = errors
            try process.run()
            let listed = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
            let said = String(decoding: try errors.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
            process.waitUntilExit()
            #expect(process.terminationStatus == 69, "\(said)")
            #expect(said.lowercased().contains("no space left on device (enospc)"), "\(said)")
            #expect(listed.contains("journal.jsonl") && !listed.contains("record"), "\(listed)")
            #expect(GuestBench.processes(with: marker).isEmpty)
        }
    }
}
