import Glibc
import GuestInit
import SampleCatalog
import SampleWorker

/// The small program that a sample runs in; `bpf-assay` starts it.
///
/// In a guest it is the first process too.
@main
enum Main {
    static func main() {
        // `exit` comes after every owner of a kernel resource is out of scope: an owner can end early before a call
        // that never returns.
        let arguments = CommandLine.arguments
        let status = GuestInit.isWanted(arguments) ? GuestInit.main() : Worker.main(arguments, catalog: allSamples)
        exit(status)
    }
}
