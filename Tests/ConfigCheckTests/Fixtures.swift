import ConfigCheck
import RunModel

func parsed(_ text: String) throws -> KernelConfig {
    try KernelConfig(parsing: Array(text.utf8))
}

func profile(_ text: String, name: String = "mine") throws -> ConfigProfile {
    try ConfigProfile(name: name, parsing: Array(text.utf8))
}

/// The report on a config that is judged for itself.
func report(_ profile: ConfigProfile, on text: String, kernel: KernelVersion? = nil) throws -> ConfigReport {
    let subject = IdentifiedConfig(judgedForItself: try parsed(text), source: ".config")
    return ConfigReport(judging: profile, against: subject, kernelVersion: kernel)
}
