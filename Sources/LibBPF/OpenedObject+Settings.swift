import CLibbpf
import Glibc
public import LinuxHost
import SystemPackage

/// What a user half decides before its object is loaded.
extension OpenedObject {
    /// A program by its function's name.
    ///
    /// - Throws: ``ObjectMismatch`` if the object has none of that name.
    public func program(_ function: String) throws(ObjectMismatch) -> BPFProgram {
        guard let program = programs.first(where: { $0.name == function }) else {
            throw ObjectMismatch("\(name) has no program '\(function)'")
        }
        return program
    }

    /// A map by its variable's name.
    ///
    /// - Throws: ``ObjectMismatch`` if the object has none of that name.
    public func map(_ variable: String) throws(ObjectMismatch) -> BPFMap {
        guard let map = maps.first(where: { $0.name == variable }) else {
            throw ObjectMismatch("\(name) has no map '\(variable)'")
        }
        return map
    }

    /// Sets a global variable, such as one of `.rodata`, which is constant once the object is loaded.
    ///
    /// It is found by its name, wherever the object has it.
    ///
    /// - Parameters:
    ///   - variable: The variable's name in the object's source.
    ///   - value: Its value, whose memory layout must be that of the variable; arrays are given as their bytes.
    /// - Throws: ``ObjectMismatch`` where the object has no such variable, or one of another size.
    public func setGlobal<Value: BitwiseCopyable>(_ variable: String, to value: Value) throws(ObjectMismatch) {
        try setGlobal(variable, toBytes: withUnsafeBytes(of: value) { Array($0) })
    }

    /// Sets a global variable to its bytes.
    ///
    /// - Throws: ``ObjectMismatch`` where the object has no such variable, or one of another size.
    public func setGlobal(_ variable: String, toBytes bytes: [UInt8]) throws(ObjectMismatch) {
        guard let place = types?.global(variable) else {
            throw ObjectMismatch("\(name) has no global variable '\(variable)'")
        }
        guard place.size == bytes.count else {
            throw ObjectMismatch("'\(variable)' in \(name) has \(place.size) bytes, not \(bytes.count)")
        }
        for map in maps where map.isSection(place.section) {
            guard let memory = map.initialValue, place.offset + place.size <= memory.count else { continue }
            UnsafeMutableRawBufferPointer(rebasing: memory[place.offset..<place.offset + place.size]).copyBytes(
                from: bytes
            )
            return
        }
        throw ObjectMismatch("\(name) has no section '\(place.section)' for '\(variable)'")
    }
}

extension LoadedObject {
    /// Whether there is a global variable of a name.
    public func hasGlobal(_ variable: String) -> Bool { types?.global(variable) != nil }

    /// What a global variable holds.
    ///
    /// - Throws: ``ObjectMismatch`` where the object has no such variable, or one of another size; `SystemCallError` with what the
    ///   kernel says.
    public func global<Value: BitwiseCopyable>(_ variable: String, as type: Value.Type) throws -> Value {
        guard let place = types?.global(variable), let map = section(place.section) else {
            throw ObjectMismatch("\(name) has no global variable '\(variable)'")
        }
        let size = Int(map.shape.valueSize)
        guard place.size == MemoryLayout<Value>.size, place.offset + place.size <= size else {
            throw ObjectMismatch("'\(variable)' in \(name) has \(place.size) bytes, not \(MemoryLayout<Value>.size)")
        }
        let (key, subject) = ([UInt32(0)], "section '\(place.section)' of \(name)")
        var whole = [UInt8](repeating: 0, count: size)
        try check(bpf_map_lookup_elem(map.descriptor, key, &whole), "bpf(BPF_MAP_LOOKUP_ELEM)", on: subject)
        return whole.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: place.offset, as: type) }
    }

    /// Sets a global variable that is not constant.
    ///
    /// Programs that run meanwhile may see other variables of its section go back to what they were a moment ago.
    ///
    /// - Throws: ``ObjectMismatch`` where the object has no such variable, or one of another size; `SystemCallError` with `EPERM` for a
    ///   constant.
    public func setGlobal<Value: BitwiseCopyable>(_ variable: String, to value: Value) throws {
        let bytes = withUnsafeBytes(of: value) { Array($0) }
        guard let place = types?.global(variable), let map = section(place.section) else {
            throw ObjectMismatch("\(name) has no global variable '\(variable)'")
        }
        let size = Int(map.shape.valueSize)
        guard place.size == bytes.count, place.offset + place.size <= size else {
            throw ObjectMismatch("'\(variable)' in \(name) has \(place.size) bytes, not \(bytes.count)")
        }
        let (key, subject) = ([UInt32(0)], "section '\(place.section)' of \(name)")
        var whole = [UInt8](repeating: 0, count: size)
        try check(bpf_map_lookup_elem(map.descriptor, key, &whole), "bpf(BPF_MAP_LOOKUP_ELEM)", on: subject)
        whole.replaceSubrange(place.offset..<place.offset + place.size, with: bytes)
        try check(bpf_map_update_elem(map.descriptor, key, whole, 0), "bpf(BPF_MAP_UPDATE_ELEM)", on: subject)
    }
}

extension BPFProgram {
    /// Gives the program another type before it is loaded, where its section's name does not tell.
    ///
    /// - Throws: `SystemCallError` with `EBUSY` for a loaded one.
    public func setType(_ type: ProgramType, attachType: AttachType = .unspecified) throws(SystemCallError) {
        try check(
            bpf_program__set_type(raw, bpf_prog_type(rawValue: type.rawValue)),
            "bpf_program__set_type",
            on: subject
        )
        let expected = bpf_attach_type(rawValue: attachType.rawValue)
        try check(
            bpf_program__set_expected_attach_type(raw, expected),
            "bpf_program__set_expected_attach_type",
            on: subject
        )
    }

    /// Gives the program the type of a route's hook.
    ///
    /// - Throws: `SystemCallError` with `EBUSY` for a loaded one.
    public func setType(for hook: RouteSocket.RouteHook) throws(SystemCallError) {
        let type: ProgramType =
            switch hook {
            case .input: .routeIn
            case .output: .routeOut
            case .transmit: .routeTransmit
            }
        try setType(type)
    }

    /// Says whether the program is loaded with its object, which it is by default; before the object is loaded only.
    ///
    /// - Throws: `SystemCallError` with `EINVAL` once the object is loaded.
    public func setAutoload(_ isLoaded: Bool) throws(SystemCallError) {
        try check(bpf_program__set_autoload(raw, isLoaded), "bpf_program__set_autoload", on: subject)
    }
}
