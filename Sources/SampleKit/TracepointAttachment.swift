public import LibBPF
public import LinuxHost
import RunModel
import SystemPackage

/// A kern half reads fields of a tracepoint that this kernel lays out otherwise.
///
/// Nothing may be counted with such a program: it would count something else.
public struct LayoutDrift: Error, Sendable, Hashable, CustomStringConvertible {
    /// The program and its section.
    public let program: String
    /// The tracepoint, `category/name`.
    public let event: String
    /// What does not fit, one per line.
    public let differences: [String]
    /// What the object expects, a line for a field.
    public let expected: [String]
    /// What the kernel has, a line for a field.
    public let actual: [String]
    /// Whether all of it comes of fields that the kernel puts before the fields of every tracepoint.
    ///
    /// PREEMPT_RT has such fields (`common_migrate_disable`, `common_preempt_lazy_count`). The tracepoint's own fields are then as the
    /// object knows them, each moved by as much; the kernel's `format` file says so, and it is no fault of the kernel's.
    public let isOfHeader: Bool

    /// What drifted, in a line.
    public var description: String {
        "'\(program)' reads tracepoint \(event) by another layout than this kernel's: \(differences.joined(separator: "; "))"
    }

    /// Both layouts, for a report.
    public var layouts: [String] {
        ["the object expects:"] + expected.map { "  \($0)" } + ["this kernel has:"] + actual.map { "  \($0)" }
    }

    /// Compares what a program reads of its context with a tracepoint's record.
    ///
    /// A read must lie on a field of the kernel's record that has the same place and size. Where the object's source
    /// gives the bytes a name that a field of the kernel has too, that must be the same field. The first eight bytes
    /// (`common_type` and its neighbours) are refused to programs by the kernel itself.
    ///
    /// - Returns: `nil` if every read fits.
    public static func between(_ context: ProgramContext, _ event: TracepointEvent, program: String) -> LayoutDrift? {
        let members = context.declared?.members ?? []
        var differences: [String] = []
        for read in context.reads.sorted() {
            let member = members.first { $0.offset == read.offset && $0.size == read.size }
            let named = member.flatMap { member in event.fields.first { $0.name == member.name } }
            if let member, let named, named.offset != member.offset || named.size != member.size {
                differences.append("the object has \(member), this kernel has \(named)")
            } else if !event.fields.contains(where: { $0.offset == read.offset && $0.size == read.size }) {
                let name = member.map { "'\($0.name)'" } ?? "\(read.size) bytes"
                differences.append(
                    "the object reads \(name) at \(read.offset), where this kernel has no field of \(read.size) bytes"
                )
            }
        }
        guard !differences.isEmpty else { return nil }
        // Every read fits once the fields are moved back.
        let isOfHeader = event.withPlainHeader.map { between(context, $0, program: program) == nil } ?? false
        return LayoutDrift(
            program: program,
            event: "\(event.category)/\(event.name)",
            differences: differences,
            expected: members.map(\.description),
            actual: event.fields.map(\.description),
            isOfHeader: isOfHeader
        )
    }

    /// The drift as a need that the kernel does not meet, where it comes of the header alone.
    public var unmetNeed: UnmetNeed? {
        isOfHeader ? UnmetNeed(.layout(event), "\(self)", evidence: layouts) : nil
    }
}

extension TracepointEvent {
    /// The event as a kernel would have it that puts no fields of its own before all others; `nil` where this one does not.
    ///
    /// Every kernel has `common_type`, `common_flags`, `common_preempt_count` and `common_pid`, which take eight bytes.
    fileprivate var withPlainHeader: TracepointEvent? {
        let plain = 8
        let (header, own) = (fields.filter(\.isCommon), fields.filter { !$0.isCommon })
        guard header.contains(where: { $0.offset >= plain }), let first = own.map(\.offset).min(), first > plain else {
            return nil
        }
        let moved = own.map { field in
            Field(
                name: field.name,
                declaration: field.declaration,
                offset: field.offset - (first - plain),
                size: field.size
            )
        }
        return TracepointEvent(
            category: category,
            name: name,
            id: id,
            fields: header.filter { $0.offset < plain } + moved
        )
    }
}

extension TracepointEvent.Field {
    /// Whether every tracepoint has it.
    fileprivate var isCommon: Bool { name.utf8.starts(with: "common_".utf8) }
}

extension Arena {
    /// Attaches a program to the tracepoint that its section names, after comparing what it reads with the kernel's layout.
    ///
    /// - Throws: What ``tracepoint(of:in:)`` throws, and `AttachError` where the kernel refuses.
    public func attachTracepoint(_ function: String, of object: borrowing LoadedObject) throws -> BPFLink {
        let event = try tracepoint(of: function, in: object)
        return try object.program(function).attach(to: try opened(event))
    }

    /// The tracepoint that a program's section names, after comparing what the program reads with the kernel's layout.
    ///
    /// - Throws: `AttachError` with `ENOENT` if the kernel has no such tracepoint; ``LayoutDrift``, or ``UnmetNeed`` where the
    ///   kernel puts more before the fields of every tracepoint than the object knows.
    @discardableResult
    public func tracepoint(of function: String, in object: borrowing LoadedObject) throws -> TracepointEvent {
        let program = try object.program(function)
        guard let (category, name) = program.tracepoint else {
            let call = "read a tracepoint from section '\(program.section)'"
            throw AttachError(SystemCallError(call, on: "'\(function)' in \(object.name)", errno: .invalidArgument))
        }
        let event = try existing(category, name, in: tracing)
        if let context = object.contexts[function], let drift = LayoutDrift.between(context, event, program: function) {
            if let need = drift.unmetNeed { throw need }
            throw drift
        }
        return event
    }
}

/// A perf event to attach to.
///
/// libbpf's own attachment wants tracefs in `/sys`, this one goes by the event's number.
///
/// Programs on a tracepoint run on every processor, whatever processor the event that carries them is for.
private func opened(_ event: TracepointEvent) throws -> PerfEvent {
    let processor = try Processors.online().first ?? 0
    do { return try PerfEvent(.tracepoint(id: event.id), of: .processor(processor)) } catch { throw AttachError(error) }
}

/// The event, or the refusal of an attachment if the kernel has none.
private func existing(_ category: String, _ name: String, in tracing: TraceFilesystem) throws -> TracepointEvent {
    do {
        return try tracing.event(category, name)
    } catch {
        guard error.errno == .noSuchFileOrDirectory else { throw error }
        throw AttachError(SystemCallError("find the tracepoint", on: "\(category)/\(name)", errno: error.errno))
    }
}
