/// The names of what a guest says, in the `record` member of each frame's JSON.
public enum GuestRecord: String, Sendable, CaseIterable {
    /// It is up; the first one, once.
    case hello
    /// It has made itself ready for what it is asked for; the second one, once.
    case ready
    /// It has begun what it was asked for.
    case began
    /// What it was asked for has ended.
    case ended
    /// It could not do what it was asked for.
    case broke
    /// Nothing follows; the last one, once.
    case done
}
