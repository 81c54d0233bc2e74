import ArgumentParser
import Dispatch
import Glibc
import Synchronization

/// Runs a body as a task of its own that SIGINT and SIGTERM cancel.
///
/// Programs that the body started lead process groups of their own, so the terminal's SIGINT does not reach them; the
/// cancelled body takes them down before this returns.
///
/// - Throws: What the body throws; after a signal, the exit code 130 or 143 that a shell would show for it.
func untilInterrupted<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
    let work = Task { try await body() }
    let caught = Mutex<Int32?>(nil)
    let sources = [SIGINT, SIGTERM].map { number in
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
        source.setEventHandler {
            caught.withLock { $0 = $0 ?? number }
            work.cancel()
        }
        source.resume()
        return source
    }
    defer {
        for source in sources { source.cancel() }
        for number in [SIGINT, SIGTERM] { signal(number, SIG_DFL) }
    }
    let result = await withTaskCancellationHandler {
        await work.result
    } onCancel: {
        work.cancel()
    }
    if let number = caught.withLock({ $0 }) { throw ExitCode(128 + number) }
    return try result.get()
}
