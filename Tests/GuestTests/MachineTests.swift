import Testing

/// One after another: a guest is judged by how long it is silent, and tests that wait for one hold a thread of those that the
/// others' compilers are read on.
@Suite(.serialized)
enum MachineTests {}
