import ConfigCheck
import RunModel
import SampleCatalog
import SampleKit
import Testing

/// What the samples need of a kernel's options is what the profiles named for them ask for.
struct SamplesProfileTests {
    @Test(arguments: ["samples", "samples-all"])
    func `a profile for samples has every option that one of them needs`(name: String) throws {
        let known = Set(try ConfigProfile.load(name).requirements.map(\.option))
        for sample in allSamples {
            for case .option(let option) in sample.manifest.needs {
                #expect(known.contains(option), "\(sample.id) needs \(option)")
            }
        }
    }
}
