import Foundation
import LibBPF
import LinuxHost

/// All that this project could leave behind on a host, counted without asking the project.
struct HostCensus: Equatable, CustomStringConvertible {
    var programs = KernelObject.all(.program)
    var maps = KernelObject.all(.map)
    var links = KernelObject.all(.link)
    var networkNamespaces = Self.namespaces("net")
    var mountNamespaces = Self.namespaces("mnt")
    var cgroups: Set<String>
    var mounts: [Substring]
    var interfaces: [Substring]
    var runFiles: [String]
    var workers: [String]

    init() throws {
        cgroups = Set(try ControlGroup.own().children().map(\.path))
        mounts = try SmallFile.text("/proc/self/mountinfo").split(separator: "\n")
        interfaces = try SmallFile.text("/proc/self/net/dev").split(separator: "\n").dropFirst(2).compactMap {
            $0.split(separator: ":").first
        }
        runFiles = ((try? FileManager.default.contentsOfDirectory(atPath: "/run/bpf-assay")) ?? []).sorted()
        workers = Self.processes().filter { $0.contains("assay-worker") }
    }

    private static func pids() -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).filter { Int($0) != nil }
    }

    /// The namespaces that processes of our programs are in.
    ///
    /// Others on the machine make namespaces of their own at any time: services, containers, package builds.
    private static func namespaces(_ kind: String) -> Set<String> {
        let target = { (link: String) in try? FileManager.default.destinationOfSymbolicLink(atPath: link) }
        let own = pids().filter { target("/proc/\($0)/exe").map { $0.hasPrefix(TestBench.products) } ?? false }
        return Set(own.compactMap { target("/proc/\($0)/ns/\(kind)") })
    }

    private static func processes() -> [String] {
        pids().compactMap { try? SmallFile.text("/proc/\($0)/cmdline") }
    }

    /// What is here and was not there, in words.
    func surplus(over before: HostCensus) -> [String] {
        var found = programs.subtracting(before.programs).map { "program \($0.id)" }
        found += maps.subtracting(before.maps).map { "map \($0.id)" }
        found += links.subtracting(before.links).map { "link \($0.id)" }
        found += networkNamespaces.subtracting(before.networkNamespaces)
        found += mountNamespaces.subtracting(before.mountNamespaces)
        found += cgroups.subtracting(before.cgroups)
        found += mounts.filter { !before.mounts.contains($0) }.map(String.init)
        found += interfaces.filter { !before.interfaces.contains($0) }.map(String.init)
        found += runFiles.filter { !before.runFiles.contains($0) }
        found += workers.filter { !before.workers.contains($0) }
        return found
    }

    var description: String { "\(programs.count) programs, \(maps.count) maps, \(links.count) links" }
}
