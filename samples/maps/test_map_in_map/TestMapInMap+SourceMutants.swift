import SampleKit

extension TestMapInMap {
    static let sourceMutants: [SourceMutant] = [
        SourceMutant("0", 3, "1", "compares the second word twice"),
        SourceMutant("a_of_port_a", 2, "h_of_port_a", "looks into a hash for an array"),
        SourceMutant("ENOENT", 3, "EINVAL", "says that there is nothing otherwise"),
        SourceMutant("BPF_ANY", 1, "BPF_NOEXIST", "never replaces a result"),
        SourceMutant("!=", 3, "<", "takes longer addresses too"),
    ]
}
