import RunModel
import TestSupport
import Testing

@testable import ConfigCheck

/// How distributions write the version of a kernel, in its config's header and in uname(2).
@Suite struct DistributionTests {
    struct Kernel: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let kernel: RunningKernel
        /// What the kernel's own config says.
        let own: [String]
        /// What configs of other builds say.
        let others: [String]

        init(
            _ name: String,
            _ release: String,
            _ version: String,
            signature: String? = nil,
            own: [String],
            others: [String]
        ) {
            testDescription = name
            kernel = RunningKernel(release: release, version: version, signature: signature)
            self.own = own
            self.others = others
        }
    }

    static let kernels = [
        Kernel(
            "Debian",
            "6.1.0-56-amd64",
            "#1 SMP PREEMPT_DYNAMIC Debian 6.1.192-2 (2026-11-16)",
            own: ["6.1.192"],
            others: ["6.1.190", "6.1.0", "6.1.0-55-amd64", "5.10.192"]
        ),
        Kernel(
            "Debian, a candidate",
            "6.19-rc3-amd64",
            "#1 SMP PREEMPT_DYNAMIC Debian 6.19~rc3-1~exp1 (2026-01-05)",
            own: ["6.19.0-rc3"],
            others: ["6.19.0-rc2", "6.19.0", "6.18.3"]
        ),
        Kernel(
            "Kali",
            "6.5.0-kali3-amd64",
            "#1 SMP PREEMPT_DYNAMIC Debian 6.5.6-1kali1 (2023-10-09)",
            own: ["6.5.6"],
            others: ["6.5.0", "6.5.5"]
        ),
        Kernel(
            "Proxmox",
            "6.5.11-7-pve",
            "#1 SMP PREEMPT_DYNAMIC PMX 6.5.11-7 (2023-12-05T09:44Z)",
            own: ["6.5.11", "6.5.11-7-pve"],
            others: ["6.5.11-6-pve", "6.5.13"]
        ),
        Kernel(
            "Ubuntu",
            "5.4.0-26-generic",
            "#30-Ubuntu SMP Mon Apr 20 16:58:30 UTC 2020",
            signature: "Ubuntu 5.4.0-26.30-generic 5.4.30",
            own: ["5.4.0-26-generic", "5.4.30"],
            others: ["5.4.0-25-generic", "5.4.0-26-lowlatency", "5.4.28", "5.4.0"]
        ),
        Kernel(
            "Ubuntu, a newer one for an older release",
            "6.8.0-45-generic",
            "#45~22.04.1-Ubuntu SMP PREEMPT_DYNAMIC Wed Sep 11 15:25:05 UTC 2",
            signature: "Ubuntu 6.8.0-45.45~22.04.1-generic 6.8.12",
            own: ["6.8.12", "6.8.0-45-generic"],
            others: ["6.8.1", "6.8.0-44-generic"]
        ),
        Kernel(
            "RHEL 8",
            "4.18.0-553.16.1.el8_10.x86_64",
            "#1 SMP Thu Aug 1 04:16:12 EDT 2024",
            own: ["4.18.0-553.16.1.el8_10.x86_64"],
            others: ["4.18.0-553.el8_10.x86_64", "4.18.0-513.9.1.el8_9.x86_64", "5.14.0-427.el9.x86_64"]
        ),
        Kernel(
            "Rocky Linux 9",
            "5.14.0-427.13.1.el9_4.x86_64",
            "#1 SMP PREEMPT_DYNAMIC Wed May 1 19:11:28 UTC 2024",
            own: ["5.14.0-427.13.1.el9_4.x86_64", "5.14.0"],
            others: ["5.14.0-427.el9.x86_64", "5.14.1"]
        ),
        Kernel(
            "Fedora",
            "6.5.6-300.fc39.x86_64",
            "#1 SMP PREEMPT_DYNAMIC Fri Oct  6 19:57:21 UTC 2023",
            own: ["6.5.6-300.fc39.x86_64", "6.5.6"],
            others: ["6.5.6-200.fc38.x86_64", "6.5.5"]
        ),
        Kernel(
            "Fedora, a candidate",
            "6.7.0-0.rc1.16.fc40.x86_64",
            "#1 SMP PREEMPT_DYNAMIC Mon Nov 13 15:54:04 UTC 2023",
            own: ["6.7.0-0.rc1.16.fc40.x86_64", "6.7.0-rc1"],
            others: ["6.7.0-rc2", "6.7.0-0.rc2.22.fc40.x86_64"]
        ),
        Kernel(
            "SUSE Linux Enterprise",
            "5.14.21-150500.55.7-default",
            "#1 SMP PREEMPT_DYNAMIC Thu Jul 13 11:23:34 UTC 2023 (a9d4c9e)",
            own: ["5.14.21", "5.14.21-150500.55.7-default"],
            others: ["5.14.20", "5.14.21-150400.24.63-default"]
        ),
        Kernel(
            "openSUSE Tumbleweed",
            "6.6.6-1-default",
            "#1 SMP PREEMPT_DYNAMIC Mon Dec 11 09:46:39 UTC 2023 (a946a9f)",
            own: ["6.6.6"],
            others: ["6.6.7", "6.6"]
        ),
        Kernel(
            "Arch",
            "6.6.8-arch1-1",
            "#1 SMP PREEMPT_DYNAMIC Thu, 21 Dec 2023 19:01:01 +0000",
            own: ["6.6.8-arch1", "6.6.8"],
            others: ["6.6.8-arch2", "6.6.8-zen1", "6.6.7-arch1"]
        ),
        Kernel(
            "Alpine",
            "6.6.49-0-lts",
            "#1-Alpine SMP PREEMPT_DYNAMIC 2024-09-04 14:55:53",
            own: ["6.6.49"],
            others: ["6.6.48", "6.6.49-1-lts", "6.6.4"]
        ),
        Kernel(
            "Amazon Linux 2",
            "5.10.205-195.807.amzn2.x86_64",
            "#1 SMP Tue Jan 16 18:28:59 UTC 2024",
            own: ["5.10.205-195.807.amzn2.x86_64", "5.10.205"],
            others: ["5.10.205-195.804.amzn2.x86_64", "5.10.20"]
        ),
        Kernel(
            "Amazon Linux 2023",
            "6.1.66-91.160.amzn2023.x86_64",
            "#1 SMP PREEMPT_DYNAMIC Wed Dec 13 04:50:24 UTC 2023",
            own: ["6.1.66-91.160.amzn2023.x86_64"],
            others: ["6.1.61-85.141.amzn2023.x86_64"]
        ),
        Kernel(
            "Raspberry Pi OS",
            "6.1.0-rpi6-rpi-v8",
            "#1 SMP PREEMPT Debian 1:6.1.58-1+rpt2 (2023-10-27)",
            own: ["6.1.58"],
            others: ["6.1.0", "6.1.57", "1.6.1"]
        ),
        Kernel(
            "Raspberry Pi OS, newer",
            "6.6.31+rpt-rpi-v8",
            "#1 SMP PREEMPT Debian 1:6.6.31-1+rpt1 (2024-05-29)",
            own: ["6.6.31"],
            others: ["6.6.28", "6.6.3"]
        ),
        Kernel(
            "Raspberry Pi, its firmware's kernel",
            "6.1.21-v8+",
            "#1642 SMP PREEMPT Mon Apr  3 17:24:16 BST 2023",
            own: ["6.1.21"],
            others: ["6.1.19"]
        ),
        Kernel(
            "Android GKI",
            "5.10.149-android13-4-00003-g05231a35ff43-ab9850636",
            "#1 SMP PREEMPT Fri Mar 31 17:55:45 UTC 2023",
            own: ["5.10.149", "5.10.149-android13-4"],
            others: ["5.10.157", "5.10.149-android12-9", "5.15.149"]
        ),
        Kernel(
            "WSL2",
            "5.15.133.1-microsoft-standard-WSL2",
            "#1 SMP Thu Oct 5 21:02:42 UTC 2023",
            own: ["5.15.133.1", "5.15.133.1-microsoft-standard-WSL2"],
            others: ["5.15.133", "5.15.133.2", "5.15.90.1"]
        ),
        Kernel(
            "Container-Optimized OS",
            "5.15.133+",
            "#1 SMP Sat Dec 30 13:01:38 UTC 2023",
            own: ["5.15.133"],
            others: ["5.15.13", "5.15.146"]
        ),
        Kernel(
            "Azure Linux",
            "5.15.153.1-2.cm2",
            "#1 SMP Wed Apr 17 20:39:45 UTC 2024",
            own: ["5.15.153.1", "5.15.153.1-2.cm2"],
            others: ["5.15.153", "5.15.153.1-1.cm2"]
        ),
        Kernel(
            "Void",
            "6.3.13_1",
            "#1 SMP PREEMPT_DYNAMIC Sat Aug 5 00:12:09 UTC 2023",
            own: ["6.3.13"],
            others: ["6.3.1", "6.3.14"]
        ),
    ]

    private func identity(_ kernel: RunningKernel, _ version: String) -> IdentifiedConfig {
        let config = parsed(generated(version, "CONFIG_BPF=y", "CONFIG_SMP=y", "CONFIG_LOCALVERSION=\"\""))
        return IdentifiedConfig(config, source: "/boot/config", of: kernel, isKernelsOwn: false)
    }

    @Test(arguments: kernels)
    func `a distribution's config is recognised and another one is not`(_ case: Kernel) {
        for version in `case`.own {
            let found = identity(`case`.kernel, version)
            #expect(found.identity == .verified, "\(version): \(found.evidence)")
        }
        for version in `case`.others {
            let found = identity(`case`.kernel, version)
            #expect(found.identity == .suspect && !found.isTrusted, "\(version): \(found.evidence)")
        }
    }

    @Test func `without its signature nobody knows what Ubuntu's kernel was built from`() {
        let kernel = RunningKernel(release: "5.4.0-26-generic", version: "#30-Ubuntu SMP Mon Apr 20 16:58:30 UTC 2020")
        #expect(identity(kernel, "5.4.30").identity == .unknown)
        #expect(identity(kernel, "5.4.0-26-generic").identity == .verified)
        #expect(identity(kernel, "5.4.0-25-generic").identity == .suspect)
        #expect(identity(kernel, "5.15.30").identity == .suspect)
    }

    @Test func `an image's banner carries Ubuntu's signature`() {
        let banner =
            "Linux version 5.4.0-26-generic (buildd@lgw01-amd64-039) (gcc version 9.3.0 (Ubuntu 9.3.0-10ubuntu2)) "
            + "#30-Ubuntu SMP Mon Apr 20 16:58:30 UTC 2020 (Ubuntu 5.4.0-26.30-generic 5.4.30)"
        let kernel = RunningKernel(release: "5.4.0-26-generic", version: "#30-Ubuntu SMP", banner: banner)
        #expect(kernel.kernelVersion == KernelVersion(5, 4, 30))
        let plain = String(banner.prefix { $0 != "#" }) + "#30-Ubuntu SMP"
        #expect(RunningKernel(release: "5.4.0-26-generic", version: "#30-Ubuntu SMP", banner: plain).signature == nil)
    }

    @Test func `a version that the kernel cut in the middle of a word says nothing`() {
        let version = "#1 SMP PREEMPT_DYNAMIC Debian-of-a-vendor-with-a-long-name 6.1.1"
        #expect(version.utf8.count == 64)
        let kernel = RunningKernel(release: "6.1.0-9-amd64", version: version)
        #expect(kernel.sourceVersion == "6.1.0-9-amd64")
    }

    @Test func `a compiler's name with blanks at its end is the banner's`() {
        var kernel = RunningKernel(release: "6.1.25-android14-11", version: "#1 SMP PREEMPT")
        kernel.banner =
            "Linux version 6.1.25-android14-11 (build-user@build-host) (Android (r487747c) clang version 17.0.2, LLD 17.0.2) #1"
        let own = parsed(generated("6.1.25", "CONFIG_CC_VERSION_TEXT=\"Android (r487747c) clang version 17.0.2 \""))
        #expect(own.identity(against: kernel).0 == .verified)
        let other = parsed(generated("6.1.25", "CONFIG_CC_VERSION_TEXT=\"Android (r450784e) clang version 14.0.7\""))
        #expect(other.identity(against: kernel).0 == .suspect)
    }

    @Test(arguments: [
        ("4.18.0-553.el8_10.x86_64", true), ("5.4.17-2136.325.5.el8uek.x86_64", true), ("3.10.0-1160.el7.x86_64", true),
        ("5.14.21-150500.55.7-default", true), ("5.3.18-lp152.57-default", true), ("6.6.6-1-default", false),
        ("6.5.6-300.fc39.x86_64", false), ("6.1.0-56-amd64", false), ("6.1.0.elan", false),
    ])
    func `who brings newer features to old versions is known by the release`(release: String, expected: Bool) {
        #expect(RunningKernel(release: release, version: "#1 SMP").hasBackports == expected)
    }
}
