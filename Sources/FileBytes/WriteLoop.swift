import Glibc
public import SystemPackage

/// write(2) until all is written.
public enum WriteLoop {
    /// Writes bytes to a descriptor, whatever part of them the kernel takes at once.
    ///
    /// - Returns: Why not all of them were written; `nil` where they were. How many were is not told.
    public static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: CInt) -> Errno? {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            if count < 0 { return Errno(rawValue: errno) }
            // No file does this to a writer that has bytes left; a loop without end would hide it.
            if count == 0 { return .ioError }
            rest = rest.dropFirst(count)
        }
        return nil
    }

    /// Writes bytes to a descriptor.
    ///
    /// - Returns: Why not all of them were written; `nil` where they were.
    public static func write(_ bytes: some Collection<UInt8>, to descriptor: CInt) -> Errno? {
        let done = bytes.withContiguousStorageIfAvailable { write(UnsafeRawBufferPointer($0), to: descriptor) }
        return done ?? Array(bytes).withUnsafeBytes { write($0, to: descriptor) }
    }
}
