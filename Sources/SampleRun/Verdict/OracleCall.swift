import FoundationEssentials
public import RunModel
public import SampleKit
import WorkerWire

/// Applies a sample's oracle to an observation that came as JSON, from a worker, a guest or an old record.
public enum OracleCall {
    /// Judges an observation.
    ///
    /// - Throws: `DecodingError` where the observation is not this sample's.
    public static func judge<S: Sample>(_ observation: JSONValue, _ type: S.Type) throws -> Judgement {
        let decoded = try JSONDecoder().decode(S.Observation.self, from: try JSONEncoder().encode(observation))
        return S().judge(decoded)
    }
}

extension WorkerOutcome {
    /// What the worker said last: an observation, a refusal or its own trouble.
    ///
    /// A line that is no frame makes no verdict better.
    var last: WorkerFrame? {
        for line in said.reversed() {
            guard let json = try? JSONDecoder().decode(JSONValue.self, from: Data(line.utf8)) else { continue }
            switch WorkerFrame(json) {
            case .made, nil: continue
            case let frame: return frame
            }
        }
        return nil
    }
}
