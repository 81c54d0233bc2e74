import Glibc
import LibBPF
import LinuxHost
import SampleKit
import SampleLab

/// The maps of the sample, and others of the same form.
struct NestedMaps: ~Copyable {
    /// The key of the first entries: the last index of the arrays.
    static let port: UInt16 = 0xffff
    /// The key of what other maps hold.
    static let otherPort: UInt16 = 0x0102
    /// A key that no inner map holds a value for.
    static let unsetPort: UInt16 = 0x0100
    /// A key for which there is never an inner map.
    static let missingPort: UInt16 = 0x0001

    /// What the maps known by name hold.
    static let value: UInt32 = 0xface_b00c
    /// What the others hold.
    static let otherValue: UInt32 = 0x8bad_f00d

    /// What stands in the results before a call that does not find them empty.
    static let staleValue: UInt32 = 0x5ca1_ab1e

    private let array: BPFMap
    private let hash: BPFMap
    private let regular: BPFMap
    private let direct: BPFMap
    private let arrayOfArrays: BPFMap
    private let hashOfArrays: BPFMap
    private let hashOfHashes: BPFMap
    private let otherArray: MapTwin
    private let otherHash: MapTwin

    init(of object: borrowing LoadedObject) throws {
        let named = try [
            "port_a", "port_h", "reg_result_h", "inline_result_h", "a_of_port_a", "h_of_port_a", "h_of_port_h",
        ].map { try object.map($0) }
        let otherArray = try named[0].twin()
        let otherHash = try named[1].twin()
        (array, hash, regular, direct) = (named[0], named[1], named[2], named[3])
        (arrayOfArrays, hashOfArrays, hashOfHashes) = (named[4], named[5], named[6])
        self.otherArray = otherArray
        self.otherHash = otherHash
    }

    /// Puts the maps into one another as a stage wants it, and notes the ids that user space finds.
    func arrange(_ stage: TestMapInMap.Stage, _ ids: inout [String: TestMapInMap.Inside]) throws {
        let (port, otherPort) = (UInt32(Self.port), UInt32(Self.otherPort))
        switch stage {
        case .first:
            try array.update(port, Self.value)
            try hash.update(port, Self.value)
            try otherArray.update(otherPort, Self.otherValue)
            try otherHash.update(otherPort, Self.otherValue)
            for outer in [arrayOfArrays, hashOfArrays] { try outer.update(port, array.descriptor) }
            try hashOfHashes.update(port, hash.descriptor)
            try arrayOfArrays.update(UInt32(Self.unsetPort), array.descriptor)
            try arrayOfArrays.update(otherPort, otherArray.descriptor.number)
            ids["an array in the array"] = try inside(arrayOfArrays, port, array.id())
            ids["an array in the hash"] = try inside(hashOfArrays, port, array.id())
            ids["a hash in the hash"] = try inside(hashOfHashes, port, hash.id())
            ids["another array in the array"] = try inside(arrayOfArrays, otherPort, otherArray.id())
        case .exchanged:
            // The hashes have room for one entry.
            for outer in [hashOfArrays, hashOfHashes] { try outer.delete(port) }
            try hashOfArrays.update(otherPort, otherArray.descriptor.number)
            try hashOfHashes.update(otherPort, otherHash.descriptor.number)
            try arrayOfArrays.update(port, otherArray.descriptor.number)
            ids["another array in the hash"] = try inside(hashOfArrays, otherPort, otherArray.id())
            ids["another hash in the hash"] = try inside(hashOfHashes, otherPort, otherHash.id())
        case .removed:
            try arrayOfArrays.delete(port)
            for outer in [hashOfArrays, hashOfHashes] { try outer.delete(otherPort) }
            try hashOfHashes.update(UInt32(Self.unsetPort), hash.descriptor)
        case .detached: break
        }
    }

    private func inside(_ outer: BPFMap, _ key: UInt32, _ put: UInt32) throws -> TestMapInMap.Inside {
        TestMapInMap.Inside(found: try outer.lookup(key, as: UInt32.self), put: put)
    }

    /// Takes the result of the look into the inner map out; `nil` if there is none.
    func takeRegular() throws -> Int32? { try take(regular) }

    /// Takes the result of the look into the map known by name out; `nil` if there is none.
    func takeDirect() throws -> Int32? { try take(direct) }

    /// Puts a result there that no call leaves.
    func leaveStale() throws {
        for map in [regular, direct] { try map.update(UInt32(0), Self.staleValue) }
    }

    private func take(_ map: BPFMap) throws -> Int32? {
        guard let value = try map.lookup(UInt32(0), as: Int32.self) else { return nil }
        try map.delete(UInt32(0))
        return value
    }
}
