/// Seconds with three decimals: `1.503`.
///
/// What is no number of seconds at all counts as 0.
func secondsText(_ duration: Double) -> String {
    let milliseconds = duration.isFinite ? Int64((min(max(duration, 0), 1e9) * 1000).rounded()) : 0
    let fraction = String(milliseconds % 1000)
    return "\(milliseconds / 1000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
}

extension String {
    /// The text, left-padded with spaces to `width`.
    func leftPadded(to width: Int) -> String {
        String(repeating: " ", count: max(0, width - count)) + self
    }
}
