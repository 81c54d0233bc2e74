public import RunModel
public import SampleKit

/// Applies a sample's oracle to an observation that came as JSON, from a worker, a guest or an old record.
public enum OracleCall {
    /// Judges an observation.
    ///
    /// - Throws: `DecodingError` where the observation is not this sample's.
    public static func judge<S: Sample>(_ observation: JSONValue, _ type: S.Type) throws -> Judgement {
        S().judge(try observation.decoded(as: S.Observation.self))
    }
}
