import SampleKit

extension SyscallTp {
    static let sourceMutants: [SourceMutant] = [
        SourceMutant("count", 2, "(void)", "does not count the entries of open"),
        SourceMutant("exit_open_map", 2, "enter_open_map", "counts the exits of open as entries"),
        SourceMutant("count", 5, "(void)", "does not count the exits of openat"),
        SourceMutant("+=", 1, "=", "never counts beyond one"),
        SourceMutant("exit_open_map", 3, "enter_open_map", "counts the exits of openat as entries"),
    ]
}
