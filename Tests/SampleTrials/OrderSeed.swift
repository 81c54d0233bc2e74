import Glibc

/// The seed of a random order of samples.
package enum OrderSeed {
    /// That of `BPF_ASSAY_SEED`, to repeat an order that failed; else a new one.
    package static func current() -> UInt64 {
        getenv("BPF_ASSAY_SEED").flatMap { UInt64(String(cString: $0)) } ?? .random(in: 0...UInt64(UInt32.max))
    }
}
