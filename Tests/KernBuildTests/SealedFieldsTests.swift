import Testing

@testable import KernBuild

struct SealedFieldsTests {
    @Test func `sealed fields come back whole or not at all`() {
        let fields = ["", "a b", "line\nbreak", "ünï", "<headers>/x.h"]
        let sealed = SealedFields.seal(fields)
        #expect(SealedFields.open(sealed) == fields)
        for length in 0..<sealed.count { #expect(SealedFields.open(Array(sealed.prefix(length))) == nil) }
        for index in sealed.indices {
            var damaged = sealed
            damaged[index] ^= 1
            #expect(SealedFields.open(damaged) == nil, "byte \(index)")
        }
    }
}
