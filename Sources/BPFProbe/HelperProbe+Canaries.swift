import LibBPF

extension HelperProbe {
    /// The canaries of this kernel; `nil` where those that every answer is compared with do not behave.
    static func tamedCanaries(_ probe: borrowing TypeProbe) -> HelperCanaries? {
        let filter = RawProgram(type: .socketFilter)
        guard
            var canaries = HelperCanaries(
                refused: say(probe, filter, adjustHead),
                unknown: say(probe, filter, unknownHelper)
            ), canaries.likeness(of: say(probe, filter, lookup)) == .accepted
        else { return nil }
        // A helper that a kprobe may call once it may sleep is refused before for no other reason.
        let kprobe = RawProgram(type: .kprobe, kernelVersion: probe.targets.kernelVersion)
        if let dozing = sleepable(probe, kprobe) {
            let said = say(probe, kprobe, copyFromUser)
            if canaries.likeness(of: said) == .other,
                canaries.likeness(of: say(probe, dozing, copyFromUser)) == .accepted
            {
                canaries.learn(sleeping: said, unknown: say(probe, kprobe, unknownHelper))
            }
        }
        // One that an iterator may call and a tracepoint may not is refused for its attachment.
        let tracing = ProgramKind.allForms.filter { $0.0.number == 26 }
        let iterator = tracing.first { $0.1.attachType?.number == 28 }
        let tracepoint = tracing.first { $0.1.attachType?.number == 23 }
        if let iterator, let tracepoint,
            case .success(let right) = probe.request(iterator.0, iterator.1),
            case .success(let wrong) = probe.request(tracepoint.0, tracepoint.1),
            canaries.likeness(of: say(probe, right, path)) == .accepted
        {
            let said = say(probe, wrong, path)
            if canaries.likeness(of: said) == .other {
                canaries.learn(misplaced: said, unknown: say(probe, wrong, unknownHelper))
            }
        }
        return canaries
    }
}
