import LibBPF

extension TestCgrp2Attach2 {
    static let steps = overriding + sharing

    /// One program at a time: those of cgroups below run in place of those above, where these allow it.
    private static let overriding = [
        AttachmentStep("nothing attached", [.refused("ENOENT", .detach(nil, from: 1))], [:]),
        AttachmentStep("a refusal that may be overridden", [.attach(6, to: 1, .override)], [1: "o 6.1"]),
        AttachmentStep("overridden below", [.attach(0, to: 2, .override)], [1: "o 6.1", 2: "o 0.2"]),
        AttachmentStep("no longer overridden", [.detach(nil, from: 2)], [1: "o 6.1"]),
        AttachmentStep(
            "overridden again, and then nothing above",
            [.attach(0, to: 2, .override), .detach(nil, from: 1), .refused("ENOENT", .detach(nil, from: 1))],
            [2: "o 0.2"]
        ),
        AttachmentStep(
            "only with the same flags",
            [
                .attach(0, to: 2, .override), .refused("EPERM", .attach(0, to: 2, [])),
                .refused("EPERM", .attach(1, to: 2, .multiple)),
                .refused("EINVAL", .attach(1, to: 2, [.override, .multiple])),
                .refused("EINVAL", .attach(1, to: 2, .init(rawValue: 1 << 30))),
                .refused("EINVAL", .replace(0, by: 1, on: 2, .override)), .attach(1, to: 2, .override),
            ],
            [2: "o 1.2"]
        ),
        AttachmentStep(
            "overridden twice",
            [.attach(2, to: 1, .override), .attach(3, to: 4, .override)],
            [1: "o 2.1", 2: "o 1.2", 4: "o 3.4"]
        ),
        AttachmentStep("gone in between", [.detach(nil, from: 2)], [1: "o 2.1", 4: "o 3.4"]),
        AttachmentStep("all gone", [.detach(3, from: 4), .detach(2, from: 1)], [:]),
        AttachmentStep(
            "one that nobody may override",
            [
                .attach(0, to: 1, []), .refused("EPERM", .attach(1, to: 2, [])),
                .refused("EPERM", .attach(1, to: 2, .override)), .refused("EPERM", .attach(1, to: 2, .multiple)),
                .refused("EPERM", .attach(1, to: 5, .override)), .refused("EPERM", .attach(1, to: 1, .override)),
            ],
            [1: "- 0.1"]
        ),
        AttachmentStep("replaced", [.attach(6, to: 1, [])], [1: "- 6.1"]),
        // Where there can be only one, the kernel does not look which one is named.
        AttachmentStep("detached by the name of another", [.detach(0, from: 1)], [:]),
    ]

    /// Programs that run beside one another; the numbers and cgroups are upstream's.
    private static let sharing = [
        AttachmentStep("one that shares", [.attach(0, to: 1, .multiple)], [1: "m 0.1"]),
        AttachmentStep(
            "neither twice nor with other flags",
            [
                .refused("EINVAL", .attach(0, to: 1, .multiple)), .refused("EPERM", .attach(1, to: 1, .override)),
                .refused("EPERM", .attach(1, to: 1, [])),
            ],
            [1: "m 0.1"]
        ),
        AttachmentStep("two of a cgroup", [.attach(1, to: 1, .multiple)], [1: "m 0.1 1.1"]),
        AttachmentStep(
            "five cgroups",
            [
                .attach(2, to: 2, .override), .attach(3, to: 3, .multiple), .attach(4, to: 4, .override),
                .attach(5, to: 5, []), .refused("ENOSPC, 4: [5, 3]", .ask(5, room: 2)),
                .refused("ok, 4: []", .ask(5, room: 0)),
            ],
            [
                1: "m 0.1 1.1", 2: "o 2.2 0.1 1.1", 3: "m 3.3 0.1 1.1", 4: "o 4.4 3.3 0.1 1.1",
                5: "- 5.5 3.3 0.1 1.1",
            ]
        ),
        AttachmentStep(
            "a refusal among those that share",
            [.attach(6, to: 1, .multiple)],
            [
                1: "m 0.1 1.1 6.1", 2: "o 2.2 0.1 1.1 6.1", 3: "m 3.3 0.1 1.1 6.1", 4: "o 4.4 3.3 0.1 1.1 6.1",
                5: "- 5.5 3.3 0.1 1.1 6.1",
            ]
        ),
        AttachmentStep(
            "a refusal first of all, and no other",
            [.detach(6, from: 1), .refused("ENOENT", .detach(6, from: 1)), .attach(6, to: 5, [])],
            [
                1: "m 0.1 1.1", 2: "o 2.2 0.1 1.1", 3: "m 3.3 0.1 1.1", 4: "o 4.4 3.3 0.1 1.1",
                5: "- 6.5 3.3 0.1 1.1",
            ]
        ),
        AttachmentStep(
            "in the place of another",
            [
                .attach(5, to: 5, []), .refused("EINVAL", .replace(0, by: 1, on: 1, .multiple)),
                .refused("ENOENT", .replace(2, by: 6, on: 1, .multiple)), .replace(0, by: 6, on: 1, .multiple),
            ],
            [
                1: "m 6.1 1.1", 2: "o 2.2 6.1 1.1", 3: "m 3.3 6.1 1.1", 4: "o 4.4 3.3 6.1 1.1", 5: "- 5.5 3.3 6.1 1.1",
            ]
        ),
        AttachmentStep(
            "and back, then none below",
            [.replace(6, by: 0, on: 1, .multiple), .detach(nil, from: 5)],
            [1: "m 0.1 1.1", 2: "o 2.2 0.1 1.1", 3: "m 3.3 0.1 1.1", 4: "o 4.4 3.3 0.1 1.1"]
        ),
        AttachmentStep(
            "of those that share, only one that is named",
            [.refused("EINVAL", .detach(nil, from: 3)), .refused("ENOENT", .detach(5, from: 3)), .detach(3, from: 3)],
            [1: "m 0.1 1.1", 2: "o 2.2 0.1 1.1", 4: "o 4.4 0.1 1.1"]
        ),
        AttachmentStep(
            "only those above",
            [.detach(nil, from: 4), .refused("ENOSPC, 3: [2]", .ask(5, room: 1))],
            [1: "m 0.1 1.1", 2: "o 2.2 0.1 1.1"]
        ),
        AttachmentStep(
            "in the order of attaching",
            [.detach(0, from: 1), .attach(0, to: 1, .multiple), .detach(2, from: 2)],
            [1: "m 1.1 0.1"]
        ),
        AttachmentStep("nothing left", [.detach(1, from: 1), .detach(0, from: 1)], [:]),
    ]
}
