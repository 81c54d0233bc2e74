import LibBPF
import Testing

@testable import MapsSamples

/// The lines of the source that are results, as compilers leave them in the instructions.
@Suite struct ResultLinesTests {
    private func loads(_ constants: [Int32], code: UInt8 = 0xb7) -> [Instruction] {
        constants.map { Instruction(code: code, immediate: $0) }
    }

    @Test(arguments: [0xb7, 0xb4, 0x62, 0x7a] as [UInt8])
    func `a constant before the lookup and one after it are the lines`(code: UInt8) throws {
        let program = loads([0, -2, -22, 16, 156, 1, 149, 0xdead], code: code)
        let lines = try #require(TestMapInMap.ResultLines(around: 154, in: program))
        #expect(lines == .init(noSuchCase: 149, noInnerMap: 156))
    }

    @Test func `a blank line more in the source moves them`() throws {
        let lines = try #require(TestMapInMap.ResultLines(around: 156, in: loads([149, 159, 16])))
        #expect(lines == .init(noSuchCase: 149, noInnerMap: 159))
    }

    @Test func `what could be either is not guessed`() {
        #expect(TestMapInMap.ResultLines(around: 154, in: loads([149, 150, 156])) == nil)
        #expect(TestMapInMap.ResultLines(around: 154, in: loads([149])) == nil)
        #expect(TestMapInMap.ResultLines(around: 154, in: loads([154, 120, 190])) == nil)
        #expect(TestMapInMap.ResultLines(around: 154, in: []) == nil)
        // A register's constant only: what is compared or called with is no result.
        #expect(TestMapInMap.ResultLines(around: 154, in: loads([149, 156], code: 0x55)) == nil)
    }
}
