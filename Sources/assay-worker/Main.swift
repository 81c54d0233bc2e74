import Glibc
import SampleCatalog
import SampleWorker

/// The small program that a sample runs in; `bpf-assay` starts it.
@main
enum Main {
    static func main() {
        // `exit` comes after every owner of a kernel resource is out of scope: an owner can end early before a call
        // that never returns.
        let status = Worker.main(CommandLine.arguments, catalog: allSamples)
        exit(status)
    }
}
