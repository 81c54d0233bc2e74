import SampleKit

extension LwtLenHist {
    static let sourceMutants: [SourceMutant] = [
        SourceMutant("0xFF", 1, "0xFE", "puts 255 bytes into the bin of 256"),
        SourceMutant("BPF_OK", 1, "BPF_DROP", "drops packets"),
        SourceMutant("1", 3, "0", "does not count the first packet of a bin"),
        SourceMutant("1024", 1, "8", "has room for eight bins"),
        SourceMutant("len", 1, "protocol", "makes bins of protocols"),
    ]
}
