import ConfigCheck
import RunModel

func parsed(_ text: String) -> KernelConfig {
    KernelConfig(parsing: Array(text.utf8))
}

func profile(_ text: String, name: String = "mine") throws -> ConfigProfile {
    try ConfigProfile(name: name, parsing: Array(text.utf8))
}

/// The report on a config that is taken as is.
func report(_ profile: ConfigProfile, on text: String, kernel: KernelVersion? = nil) -> ConfigReport {
    let subject = IdentifiedConfig(judgedForItself: parsed(text), source: ".config")
    return ConfigReport(judging: profile, against: subject, kernelVersion: kernel)
}

/// The text of a config that Kconfig wrote, for no version that it says: what it does not mention is absent.
func whole(_ text: String) -> String { "# Automatically generated file; DO NOT EDIT.\n\(text)\n" }
