import TestSupport
import Testing

@testable import KernelImages

@Suite struct GzipTests {
    private static let content = Array(String(repeating: "CONFIG_BPF=y\n", count: 20_000).utf8)

    @Test func `what was compressed comes back`() throws {
        #expect(try Gzip.inflate(gzip(Self.content), limit: 1 << 20) == Self.content)
        #expect(try Gzip.inflate(gzip([]), limit: 0) == [])
    }

    @Test func `members follow one another and trailing bytes are ignored`() throws {
        let members = try gzip([1, 2]) + gzip([3]) + [0, 0, 0]
        #expect(try Gzip.inflate(members, limit: 16) == [1, 2, 3])
    }

    @Test func `data that inflates beyond the limit is refused`() throws {
        let bomb = try gzip([UInt8](repeating: 0, count: 4 << 20))
        #expect(bomb.count < 8 << 10)
        #expect(throws: DecompressionError(compression: .gzip, cause: .tooLarge(limit: 1 << 20))) {
            try Gzip.inflate(bomb, limit: 1 << 20)
        }
    }

    @Test func `data cut anywhere is truncated`() throws {
        let whole = try gzip(Array("CONFIG_BPF=y\nCONFIG_NET=y\n".utf8))
        for length in 2..<whole.count {
            #expect(throws: DecompressionError(compression: .gzip, cause: .truncated), "cut at byte \(length)") {
                try Gzip.inflate(Array(whole.prefix(length)), limit: 1 << 20)
            }
        }
    }

    @Test func `a wrong CRC is damage and says so`() throws {
        var damaged = try gzip(Self.content)
        damaged[damaged.count - 8] ^= 1
        #expect(throws: DecompressionError(compression: .gzip, cause: .corrupt("incorrect data check"))) {
            try Gzip.inflate(damaged, limit: 1 << 20)
        }
    }

    @Test func `other data is no gzip file`() {
        #expect(throws: DecompressionError(compression: .gzip, cause: .foreign)) {
            try Gzip.inflate(Self.content, limit: 1 << 20)
        }
        #expect(throws: DecompressionError(compression: .gzip, cause: .foreign)) {
            try Gzip.inflate([], limit: 1 << 20)
        }
    }
}
