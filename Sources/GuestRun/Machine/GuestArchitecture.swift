/// An architecture that guests are emulated of.
///
/// A new one is a case here and a type of its own for its machine.
public enum GuestArchitecture: String, Sendable, CaseIterable {
    // As QEMU and users name it.
    // swift-format-ignore: AlwaysUseLowerCamelCase
    /// x86-64, on QEMU's q35.
    case x86_64

    /// The kind of machine.
    public var machineType: any MachineType {
        switch self {
        case .x86_64: Q35()
        }
    }
}
