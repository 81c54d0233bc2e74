import SampleTrials
import Testing

struct SourceWordsTests {
    private func words(_ text: String) -> [String] {
        let bytes = Array(text.utf8)
        var reader = SourceWords(bytes)
        var found: [String] = []
        while let range = reader.next() { found.append(String(decoding: bytes[range], as: UTF8.self)) }
        return found
    }

    @Test func `words are names, numbers and the longest operators`() {
        #expect(words("a->b_1 <<= 0x1f;") == ["a", "->", "b_1", "<<=", "0x1f", ";"])
        #expect(words("x<y&&z||!w") == ["x", "<", "y", "&&", "z", "||", "!", "w"])
    }

    @Test func `comments and literals hold none`() {
        #expect(words("a /* b */ c // d\ne \"f \\\" g\" 'h' i") == ["a", "c", "e", "i"])
        #expect(words("#define N 4 /* unfinished") == ["#", "define", "N", "4"])
        #expect(words("\"unfinished \\") == [])
    }

    @Test func `the wanted appearance is found, and none that there is not`() {
        let text = Array("ab a b a /* a */ a".utf8)
        #expect(SourceWords.range(of: "a", 1, in: text) == 3..<4)
        #expect(SourceWords.range(of: "a", 3, in: text) == 17..<18)
        #expect(SourceWords.range(of: "a", 4, in: text) == nil)
    }
}
