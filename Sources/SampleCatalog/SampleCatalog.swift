import CgroupSamples
import MapsSamples
import NetworkingSamples
public import SampleKit
import TracingSamples
import XdpSamples

/// Every sample of the package, by family and then by name.
public let allSamples: [CatalogEntry] = cgroupSamples + mapsSamples + networkingSamples + tracingSamples + xdpSamples
