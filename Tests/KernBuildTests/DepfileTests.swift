import Testing

@testable import KernBuild

struct DepfileTests {
    @Test(
        arguments: [
            ("x: a.c b.h\n", ["a.c", "b.h"]),
            ("x: a.c \\\n  include/b.h \\\n  /usr/c.h\n", ["a.c", "include/b.h", "/usr/c.h"]),
            ("x: with\\ blank.c it\\#s.h $$home.h\n", ["with blank.c", "it#s.h", "$home.h"]),
            ("x: back\\slash.h\n", ["back\\slash.h"]),
            ("x: a.c\ny: b.c\n", ["a.c"]),
            ("x:\n", []), ("", []), ("no rule at all\n", []), ("\\", []), ("x: a\\", ["a\\"]),
        ]
    )
    func `what the compiler read is in the first rule`(text: String, files: [String]) {
        #expect(Depfile.prerequisites(Array(text.utf8)) == files)
    }
}
