import Testing

@testable import KernBuild

struct DepfileTests {
    @Test(
        arguments: [
            ("x: a.c b.h\n", ["a.c", "b.h"]),
            ("x: a.c \\\n  include/b.h \\\n  /usr/c.h\n", ["a.c", "include/b.h", "/usr/c.h"]),
            ("x: with\\ blank.c it\\#s.h $$home.h\n", ["with blank.c", "it#s.h", "$home.h"]),
            ("x: a.c\ny: b.c\n", ["a.c"]),
            ("x:\n", []),
        ]
    )
    func `what the compiler read is in the first rule`(text: String, files: [String]) {
        #expect(Depfile.prerequisites(Array(text.utf8)) == files)
    }

    @Test(
        arguments: [
            "x: back\\slash.h\n", "x: a\\\n", "x: a\\ \\\n b\n", "x: a\tb\n", "x: a\\", "x: a\\\\ b\n", "x: \u{1}\n",
            "", "no rule at all\n",
        ]
    )
    func `a list that can be read in two ways is not read`(text: String) {
        #expect(Depfile.prerequisites(Array(text.utf8)) == nil)
    }
}
