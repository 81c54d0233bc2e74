package import LibBPF

extension ObjectMutation {
    /// Every mutation that changes a kern half of instructions.
    package static func all(for half: KernInstructions) -> [ObjectMutation] {
        let silences = half.programs.flatMap { program in
            (0...2).map { ObjectMutation.silenced(section: program.name, returning: $0) }
        }
        let whole: [ObjectMutation] = [.countsTwice, .countsNothing, .sharesProcessors, .crowdsHashes]
        let helpers = Set(half.programs.flatMap { Helper.called(in: $0.body) })
        let maps = half.programs.isEmpty ? half.maps.map { ObjectMutation.holdsMore(map: $0.name) } : []
        return (silences + whole + maps + helpers.sorted { $0.rawValue < $1.rawValue }.map { .forgets($0) })
            .filter { $0.applied(to: half) != half }
    }

    /// The kern half with this mutation; unchanged where there is nothing to change.
    package func applied(to half: KernInstructions) -> KernInstructions {
        var half = half
        for index in half.maps.indices {
            half.maps[index].shape = changed(half.maps[index].shape)
            if self == .holdsMore(map: half.maps[index].name) { half.maps[index].shape.capacity += 1 }
        }
        for index in half.programs.indices {
            let body = half.programs[index].body
            if case .silenced(half.programs[index].name, let returning) = self {
                half.programs[index].body = Self.silence(of: body.count, returning)
            } else {
                half.programs[index].body = changed(body)
            }
        }
        return half
    }

    private func changed(_ shape: MapShape) -> MapShape {
        var shape = shape
        switch (self, shape.type) {
        case (.sharesProcessors, .perCPUArray): shape.type = .array
        case (.sharesProcessors, .perCPUHash): shape.type = .hash
        case (.crowdsHashes, .hash) where (1000...10_000).contains(shape.capacity): shape.capacity = 500
        default: break
        }
        return shape
    }
}
