import ConfigCheck
import RunModel
import SampleCatalog
import SampleKit
import SampleRun
import SystemPackage
import Testing

@testable import Surveys

/// The machines of a run.
struct StationTests {
    private func host() throws -> Station {
        let kernel = RunningKernel(release: "6.1.0", version: "#1")
        let survey = try HostSurvey(
            of: RunningConfig(of: kernel, root: "/nowhere"),
            named: nil,
            access: .granted,
            for: allSamples
        )
        return Station(host: survey, allSamples, DenyList())
    }

    @Test func `machines of the same name are told apart`() throws {
        let stations = Station.told(apart: [try host(), try host(), try host()])
        #expect(stations.map(\.machine.id) == ["host", "host~2", "host~3"])
    }

    @Test(arguments: [
        ([String](), nil, ["host"]), ([], "list", ["all"]), (["a", "host"], nil, ["a", "host"]), (["a"], "list", ["a"]),
    ])
    func `this host stands where neither a kernel nor a list is named`(
        kernels: [String],
        list: String?,
        expected: [String]
    ) {
        #expect(Station.Choice(kernels: kernels, list: list, config: nil).names == expected)
    }

    @Test func `what is wanted is what the plan runs`() throws {
        let station = try host()
        #expect(station.guest == nil && !station.wanted.isEmpty)
        #expect(station.wanted.count == station.plan.cells.count { $0.action == .run })
    }
}
