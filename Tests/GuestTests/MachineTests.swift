import Testing

/// Tests that boot guests, one after another.
///
/// A test that waits for its guest holds a thread of Swift's pool, and two of them leave none to read what another test's compiler
/// says before its deadline. A guest, too, is judged by how long it is silent.
@Suite(.serialized)
enum MachineTests {}
