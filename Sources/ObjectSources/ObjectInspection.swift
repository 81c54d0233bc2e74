import FileBytes
import ObjectNeeds
public import RunModel

/// A look into what a build has made, without loading it.
public struct ObjectInspection: Sendable {
    /// The results, with what stands in each object; a result whose object cannot be read is an error.
    public let results: [BuildResult]

    /// Reads the objects of results that passed.
    public init(_ results: [BuildResult]) {
        self.results = results.map { result in
            guard result.verdict == .pass else { return result }
            var result = result
            do {
                let bytes = try InputFile.read(result.object, limit: ObjectNeeds.mostBytes)
                let object = try BuiltObject(of: bytes)
                result.contents = object.json
                for function in object.libraryCalls {
                    result.diagnostics.append(
                        "warning: its object calls '\(function)', which nothing defines, so that no kernel loads it: "
                            + "the compiler left the call there, and a newer clang may write it out"
                    )
                }
            } catch let error as ObjectReadError where error == .noProgram {
                // A part that is linked into others: the build itself refuses any other object without a program.
            } catch let error as ObjectReadError where error.isOfOldMaps {
                // The object is as its source wants it; who loads it has to know the old form.
                result.diagnostics.append("warning: its object \(error)")
            } catch {
                result.verdict = .error
                result.fault = .harness
                result.cause = "its object cannot be read: \(error)"
                result.diagnostics.append("error: its object cannot be read: \(error)")
            }
            return result
        }
    }
}

extension ObjectReadError {
    /// Whether an object is sound and only its maps have a form that nobody can convert.
    fileprivate var isOfOldMaps: Bool {
        if case .legacyMaps = self { true } else { false }
    }
}
