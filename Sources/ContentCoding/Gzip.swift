import CZlib

/// Makes messages of the content coding gzip.
package enum Gzip {
  /// The compressed form of a whole message; nil where zlib has no memory for it.
  ///
  /// - Parameter level: 1 (fast) to 9 (small).
  package static func compress(_ message: UnsafeRawBufferPointer, level: Int32 = 6) -> [UInt8]? {
    deflate(message, level: level, windowBits: 15 + 16)
  }

  /// - Parameter windowBits: as zlib counts them: 15 with zlib's wrapping, 31 with gzip's, -15 with none.
  static func deflate(_ message: UnsafeRawBufferPointer, level: Int32, windowBits: Int32)
    -> [UInt8]?
  {
    guard let count = UInt32(exactly: message.count) else { return nil }
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    defer {
      stream.deinitialize(count: 1)
      stream.deallocate()
    }
    guard acs_deflate_init(stream, level, windowBits) == Z_OK else { return nil }
    defer { deflateEnd(stream) }
    let bound = Int(deflateBound(stream, UInt(count)))
    guard let room = UInt32(exactly: bound) else { return nil }
    let bytes = [UInt8](unsafeUninitializedCapacity: bound) { buffer, initialized in
      // zlib reads from it only; its interface is older than const.
      stream.pointee.next_in = UnsafeMutablePointer(
        mutating: message.baseAddress?.assumingMemoryBound(to: UInt8.self))
      stream.pointee.avail_in = count
      stream.pointee.next_out = buffer.baseAddress
      stream.pointee.avail_out = room
      let isWhole = CZlib.deflate(stream, Z_FINISH) == Z_STREAM_END
      initialized = isWhole ? bound - Int(stream.pointee.avail_out) : 0
    }
    return bytes.isEmpty ? nil : bytes
  }
}
