import LinuxHost
import Testing

@Suite struct TracepointFieldTests {
    static let format = """
        name: sys_enter_openat
        ID: 782
        format:
        \tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;

        \tfield:int __syscall_nr;\toffset:8;\tsize:4;\tsigned:1;
        \tfield:const char * filename;\toffset:24;\tsize:8;\tsigned:0;
        \tfield:char comm[16];\toffset:32;\tsize:16;\tsigned:0;
        \tfield:__data_loc char[] name;\toffset:48;\tsize:4;\tsigned:0;

        print fmt: "dfd: 0x%08lx", ((unsigned long)(REC->dfd))
        """

    @Test func `fields are read with name, place and size`() {
        let fields = TracepointEvent.fields(inFormat: Self.format)
        #expect(fields.map(\.name) == ["common_type", "__syscall_nr", "filename", "comm", "name"])
        #expect(fields.map(\.offset) == [0, 8, 24, 32, 48])
        #expect(fields.map(\.size) == [2, 4, 8, 16, 4])
        #expect(fields[1].declaration == "int __syscall_nr")
    }

    @Test(arguments: [
        "", "field:u32 state;", "\tfield:u32 state;\toffset:x;\tsize:4;", "offset:8;\tsize:4;", "\0\u{ff};;:",
    ])
    func `a line without all parts is no field`(text: String) {
        #expect(TracepointEvent.fields(inFormat: text).isEmpty)
    }
}
