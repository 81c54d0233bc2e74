import SampleTrials
import TestSupport
import Testing

/// Tests that boot guests, one after another.
///
/// A test that waits for its guest holds a thread of Swift's pool, and two of them leave none to read what another test's compiler
/// says before its deadline. A guest, too, is judged by how long it is silent.
@Suite(
    .serialized,
    .requires(Requirement.hasProgram("qemu-system-x86_64"), "QEMU is not in PATH: install Debian's qemu-system-x86"),
    .requires(Requirement.isSet("BPF_ASSAY_KERNEL"), "set BPF_ASSAY_KERNEL to what ci/kernel-image prints"),
    .requires(
        Requirement.isSet("BPF_ASSAY_STATIC_WORKER"),
        "set BPF_ASSAY_STATIC_WORKER to the assay-worker that ci/build puts into .build-release/bin"
    ),
    .requires(
        SampleObjects.isBuildable,
        "no kernel tree found: run ci/kernel-tree, or set BPF_ASSAY_TREE; clang must be in PATH"
    )
)
enum MachineTests {}
