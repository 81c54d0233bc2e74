import ConfigCheck
import TestSupport
import Testing

@Suite struct SecurityModuleTests {
    private func modules(_ list: String?, _ line: String?, _ configured: String?) -> ActiveSecurityModules {
        ActiveSecurityModules(of: "bpf", activeList: list, commandLine: line, configured: configured)
    }

    @Test func `the kernel's own list decides whatever was asked for`() {
        let active = modules("lockdown,capability,landlock,bpf\n", "lsm=yama", "yama")
        #expect(active.isActive == true)
        #expect(active.remedy == nil)
        let off = modules("capability", "quiet", "landlock,bpf")
        #expect(off.isActive == false)
        #expect(off.evidence == "/sys/kernel/security/lsm is capability, without bpf")
    }

    @Test func `lsm= that leaves bpf out overrides a config that lists it`() {
        let off = modules("capability,yama\n", "BOOT_IMAGE=/vmlinuz root=/dev/vda lsm=yama quiet", "landlock,bpf")
        #expect(off.isActive == false)
        #expect(
            off.evidence == "/sys/kernel/security/lsm is capability,yama: lsm= on the command line leaves bpf out, "
                + "though CONFIG_LSM lists it"
        )
        #expect(off.remedy == "boot with lsm=yama,bpf")
    }

    @Test func `a config that leaves bpf out is named where no lsm= is given`() {
        let off = modules("capability,apparmor", "quiet lsm.debug", "apparmor")
        #expect(off.evidence.hasSuffix(": CONFIG_LSM leaves bpf out and the command line has no lsm="))
        #expect(off.remedy == "boot with lsm=apparmor,bpf")
    }

    @Test(arguments: [
        ("lsm=landlock,bpf", "yama", true), ("lsm=yama", "bpf", false), ("quiet", "yama,bpf", true),
        ("quiet", "yama", false), ("lsm=bpf lsm=yama", "bpf", false), ("quiet -- lsm=yama", "bpf", true),
        ("\"lsm=bpf\"", "yama", true), ("lsm=\"yama,bpf\"\n", "yama", true), ("nolsm=bpf", "yama", false),
        ("lsm=bpfx", "bpf", false), ("lsm=", "bpf", false),
    ])
    func `without the kernel's list the last lsm= decides and then the config`(
        line: String,
        configured: String,
        isActive: Bool
    ) {
        #expect(modules(nil, line, configured).isActive == isActive)
        #expect((modules(nil, line, configured).remedy == nil) == isActive)
    }

    @Test func `where nothing can be read nothing is said`() {
        #expect(modules(nil, nil, nil).isActive == nil)
        #expect(modules(nil, nil, "bpf").isActive == nil)
        #expect(modules(nil, "quiet", nil).isActive == nil)
        #expect(modules("", "quiet", nil).isActive == nil)
        #expect(modules("", "quiet", nil).remedy == nil)
    }
}
