import LibBPF
import LinuxHost
import RunModel
import SystemPackage
import WorkerWire

/// An object that only this program's libbpf cannot load.
private struct LoaderFault: Error, CustomStringConvertible {
    let description: String
}

/// An object that nothing could be refused of, since there is nothing in it.
private struct NothingToLoad: Error, CustomStringConvertible {
    var description: String { "it holds no program and no map" }
}

extension Worker {
    /// Loads an object and says whether the kernel took it; what was loaded is freed at once.
    static func load(_ path: String) -> CInt {
        tellOfObjects()
        var help: [String] = []
        let frame: WorkerFrame
        do {
            try load(path, &help)
            frame = .observed(.object(["help": .array(help.map { .string($0) })]))
        } catch let error as ObjectError where error.cause.errno == .noMemory {
            // Whatever memory there is: the verdict on an object must not hang on it.
            frame = .starved(message: "\(error)", details: MemoryShortage.evidence())
        } catch let error as ObjectError {
            frame = .refused(reason: .loadRejected, message: "\(error)", details: help + error.explainedLines())
        } catch let error as NothingToLoad {
            frame = .refused(reason: .loadRejected, message: "\(error)", details: ["\(error)"])
        } catch {
            frame = .broke(message: "\(error)")
        }
        return say(frame) ? 0 : 70
    }

    private static func load(_ path: String, _ help: inout [String]) throws {
        // Read before the mounts hide parts of the tree.
        let bytes = try SmallFile.read(path, limit: 64 << 20)
        try mountPrivately()
        let opened = try OpenedObject(bytes, name: String(path.split(separator: "/").last ?? ""))
        guard !opened.programs.isEmpty || !opened.maps.isEmpty else { throw NothingToLoad() }
        // That says nothing of the object.
        if let fault = opened.loaderFault { throw LoaderFault(description: fault) }
        if opened.hasOldMaps { help.append("the definitions of its maps were brought into the form that libbpf reads") }
        for map in opened.maps where map.lacksCapacity {
            // Any number does for the verifier.
            try map.setCapacity(64)
            help.append("max_entries of map '\(map.name)', which its user half sets, was set to 64")
        }
        _ = try opened.load()
    }
}
