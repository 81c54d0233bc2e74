import SampleKit

extension TestCgrp2Tc {
    static let sourceMutants: [SourceMutant] = [
        SourceMutant("!=", 2, "<", "takes every later protocol for ICMPv6"),
        SourceMutant("htons", 1, "", "does not turn the type around"),
        SourceMutant("0", 1, "1", "asks for the second element"),
        SourceMutant("TC_ACT_SHOT", 1, "TC_ACT_STOLEN", "steals what it must drop"),
        SourceMutant("TC_ACT_OK", 1, "TC_ACT_SHOT", "drops what is too short"),
    ]
}
