import Glibc
import SampleKit
import SampleLab

extension TestMapInMap {
    static let examples: [Example<Observation>] = [
        .accepted("every map found", run()),
        .accepted("another release of the source", run(lookupLine: 150)),
        .accepted("a source with more lines between", run(lines: ResultLines(noSuchCase: 146, noInnerMap: 160))),
        .rejected(
            "results that are other lines than those of the object",
            run { $0.resultLines = ResultLines(noSuchCase: 148, noInnerMap: 156) }
        ),
        .accepted("an object without line information", run { $0.lookupLine = nil }),
        .rejected("nothing called", Observation()),
        .rejected(
            "called, and nothing happened",
            run { seen in everyCall(&seen) { ($0.regular, $0.direct) = (nil, nil) } }
        ),
        .rejected("the array of arrays empty to the kern half", changed("array in array", 156, 156)),
        .rejected("the inner map never looked into", changed("array in hash", -ENOENT, found)),
        .rejected("the map known by name never looked into", changed("hash in hash", found, -ENOENT)),
        .rejected("the map known by name taken for another", changed("hash in hash", found, -EINVAL)),
        .rejected("another map taken for the one known by name", changed("another array in array", other, 0)),
        .rejected("the inner map fixed when it was loaded", changed("another array in hash", 0, -EINVAL)),
        .rejected("the exchanged map still there", changed("array in array exchanged", found, found)),
        .rejected("the map that was taken out still there", changed("array taken out of the array", 0, -EINVAL)),
        .rejected("a key of 8 bits", changed(Trial.missingMap, 0, 0)),
        .rejected("the case cut to 8 bits", changed("case 256", found, found)),
        .rejected("a missing case taken for the last", changed(Trial.unknownCase, found, found)),
        .rejected("a line too few", changed(Trial.unknownCase, 148, 148)),
        .rejected("only one of two results", changed(Trial.unknownCase, 149, nil)),
        .rejected("a missing key that is found", changed("key missing in the hash inside", 0, 0)),
        .rejected("an errno without its sign", changed("key missing in the hash inside", ENOENT, ENOENT)),
        .rejected("the first word not looked at", changed("first word differs", found, found)),
        .rejected("the second word not looked at", changed("second word differs", found, found)),
        .rejected("the length not looked at", changed("an address of 29 bytes", found, found)),
        .rejected("an unreadable address taken for nothing", changed("unreadable address", nil, nil)),
        .rejected("an unreadable port taken for 0", changed("unreadable port", 156, 156)),
        .rejected("still attached after its detachment", changed("detached", other, -EINVAL)),
        .rejected("the calls never reached the kernel", run { seen in everyCall(&seen) { $0.answer = "EFAULT" } }),
        .rejected(
            "an old result kept",
            run { $0.overStale["hash in hash"]?.direct = Int32(bitPattern: NestedMaps.staleValue) }
        ),
        .rejected("an old result taken away", run { $0.overStale["second word differs"]?.regular = nil }),
        .rejected("user space finds another map", run { $0.ids["a hash in the hash"]?.found = 99 }),
        .rejected("user space finds no map", run { $0.ids["another hash in the hash"]?.found = nil }),
        .rejected(
            "without line information, results that are no lines",
            run { seen in
                seen.lookupLine = nil
                for title in [Trial.unknownCase, "case 65535", "case 256"] {
                    seen.calls[title] = Call(answer: "EBADF", regular: found, direct: found)
                }
            }
        ),
    ]

    private static let found = Int32(bitPattern: NestedMaps.value)
    private static let other = Int32(bitPattern: NestedMaps.otherValue)

    /// A whole run, right unless something is changed afterwards.
    private static func run(
        lookupLine: Int = 154,
        lines: ResultLines? = nil,
        _ change: (inout Observation) -> Void = { _ in }
    ) -> Observation {
        var seen = Observation(lookupLine: lookupLine, resultLines: lines)
        let results = lines ?? ResultLines(noSuchCase: lookupLine - 5, noInnerMap: lookupLine + 2)
        for trial in Trial.all {
            var call = Call(answer: "EBADF")
            switch trial.result {
            case .nothing: break
            case .both(let value): (call.regular, call.direct) = (value, value)
            case .regularOnly(let value): (call.regular, call.direct) = (value, -EINVAL)
            case .line(let line): (call.regular, call.direct) = (Int32(results[line]), Int32(results[line]))
            }
            seen.calls[trial.title] = call
            let stale = Int32(bitPattern: NestedMaps.staleValue)
            (call.regular, call.direct) = (call.regular ?? stale, call.direct ?? stale)
            seen.overStale[trial.title] = call
        }
        for (index, inside) in Stage.insides.enumerated() {
            seen.ids[inside] = Inside(found: UInt32(index), put: UInt32(index))
        }
        change(&seen)
        return seen
    }

    private static func changed(_ title: String, _ regular: Int32?, _ direct: Int32?) -> Observation {
        run { $0.calls[title] = Call(answer: "EBADF", regular: regular, direct: direct) }
    }

    private static func everyCall(_ seen: inout Observation, _ change: (inout Call) -> Void) {
        for title in seen.calls.keys { change(&seen.calls[title, default: Call()]) }
    }
}
