import SampleKit

extension TestCgrp2Sock2 {
    static let sourceMutants: [SourceMutant] = [
        SourceMutant("PF_INET6", 1, "PF_INET", "denies raw ICMPv6 over IPv4"),
        SourceMutant("SOCK_RAW", 1, "SOCK_DGRAM", "denies datagrams"),
        SourceMutant("==", 3, ">=", "denies every protocol from ICMPv6 on"),
        SourceMutant("0xffffffff", 1, "0xffff", "prints half the user's number"),
        SourceMutant("0", 2, "1", "denies nothing with the second program"),
    ]
}
