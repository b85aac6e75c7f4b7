import CZstd

/// The contexts of zstd, reused from chunk to chunk.
///
/// An instance is used by one thread at a time.
final class Compressor {
  /// Balances size against CPU: measured on chunks of 500 parameters, see Documentation/decisions.md.
  static let level: Int32 = 7
  /// No chunk expands to more than this, so that a damaged row can't exhaust memory.
  static let maxExpandedSize = 4 << 20

  private let compression: OpaquePointer?
  private let decompression: OpaquePointer?
  private var output: [UInt8] = []

  init() {
    compression = ZSTD_createCCtx()
    decompression = ZSTD_createDCtx()
  }

  deinit {
    ZSTD_freeCCtx(compression)
    ZSTD_freeDCtx(decompression)
  }

  func compress(_ input: [UInt8], dictionary: ChunkDictionary?) throws(TreeCodecError) -> [UInt8] {
    let bound = ZSTD_compressBound(input.count)
    if output.count < bound { output = [UInt8](repeating: 0, count: bound) }
    let capacity = output.count
    let written = output.withUnsafeMutableBytes { target in
      input.withUnsafeBytes { source in
        if let dictionary {
          ZSTD_compress_usingCDict(
            compression, target.baseAddress, capacity, source.baseAddress, source.count,
            dictionary.compression)
        } else {
          ZSTD_compressCCtx(
            compression, target.baseAddress, capacity, source.baseAddress, source.count,
            Self.level)
        }
      }
    }
    try Self.check(written)
    return Array(output[..<written])
  }

  /// - Parameter limit: bytes of the result at the most.
  func expand(
    _ input: [UInt8], dictionary: ChunkDictionary?, limit: Int = Compressor.maxExpandedSize
  ) throws(TreeCodecError) -> [UInt8] {
    let size = input.withUnsafeBytes { ZSTD_getFrameContentSize($0.baseAddress, $0.count) }
    guard size <= UInt64(limit) else { throw .malformed }
    let capacity = Int(size)
    if output.count < capacity { output = [UInt8](repeating: 0, count: capacity) }
    let written = output.withUnsafeMutableBytes { target in
      input.withUnsafeBytes { source in
        if let dictionary {
          ZSTD_decompress_usingDDict(
            decompression, target.baseAddress, capacity, source.baseAddress, source.count,
            dictionary.decompression)
        } else {
          ZSTD_decompressDCtx(
            decompression, target.baseAddress, capacity, source.baseAddress, source.count)
        }
      }
    }
    try Self.check(written)
    guard written == capacity else { throw .malformed }
    return Array(output[..<written])
  }

  private static func check(_ code: Int) throws(TreeCodecError) {
    guard ZSTD_isError(code) != 0 else { return }
    throw .compression(String(cString: ZSTD_getErrorName(code)))
  }
}

/// Text that chunks share with each other, given to zstd beforehand so that no chunk needs to carry it.
///
/// Immutable once made, and zstd allows many threads to read one dictionary at a time.
final class ChunkDictionary: @unchecked Sendable {
  fileprivate let compression: OpaquePointer?
  fileprivate let decompression: OpaquePointer?

  init(_ content: [UInt8]) {
    compression = content.withUnsafeBytes {
      ZSTD_createCDict($0.baseAddress, $0.count, Compressor.level)
    }
    decompression = content.withUnsafeBytes { ZSTD_createDDict($0.baseAddress, $0.count) }
  }

  deinit {
    ZSTD_freeCDict(compression)
    ZSTD_freeDDict(decompression)
  }
}
