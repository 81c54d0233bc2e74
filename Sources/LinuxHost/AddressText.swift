import Glibc

extension InternetAddress: LosslessStringConvertible {
    /// Reads an address as people write it, such as `10.1.0.2` or `fd01::2`; `nil` for any other text.
    public init?(_ text: String) {
        var bytes = [UInt8](repeating: 0, count: 16)
        let plain = text.hasPrefix("[") && text.hasSuffix("]") ? String(text.dropFirst().dropLast()) : text
        if inet_pton(AF_INET, plain, &bytes) == 1 {
            self = .v4(IPv4Address(bytes[0], bytes[1], bytes[2], bytes[3]))
        } else if inet_pton(AF_INET6, plain, &bytes) == 1 {
            self = .v6(IPv6Address(bytes: bytes))
        } else {
            return nil
        }
    }
}

extension AddressPrefix: LosslessStringConvertible {
    /// Reads an address and a length, such as `10.1.0.0/24`; without a length, the address alone.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = parts.first.flatMap({ InternetAddress(String($0)) }) else { return nil }
        let most = UInt8(address.bytes.count * 8)
        guard parts.count == 2 else {
            self.init(address, most)
            return
        }
        guard let length = UInt8(parts[1]), length <= most else { return nil }
        self.init(address, length)
    }
}
