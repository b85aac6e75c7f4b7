import ContentCoding

/// The content codings of a device's POSTs and of the answers to them.
enum Compression {
  /// Bytes of an inflated answer at most.
  static let limits = Inflater.Limits(size: HTTPResponseParser.maximumBodyLength, ratio: 1000)

  /// Nil where zlib has no memory for it.
  static func compress(_ bytes: [UInt8], _ coding: ContentCoding) -> [UInt8]? {
    guard let gzip = bytes.withUnsafeBytes({ Gzip.compress($0) }) else { return nil }
    switch coding {
    case .gzip: return gzip
    case .deflate:
      // The same deflate data between zlib's header and checksum (RFC 1950) instead of gzip's 10 and 8 bytes.
      guard gzip.count > 18 else { return nil }
      let checksum = adler32(bytes)
      return [0x78, 0x9C] + gzip[10..<(gzip.count - 8)]
        + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: checksum >> $0) }
    }
  }

  /// The checksum of RFC 1950, section 8.2.
  static func adler32(_ bytes: [UInt8]) -> UInt32 {
    var low: UInt32 = 1
    var high: UInt32 = 0
    for byte in bytes {
      low = (low + UInt32(byte)) % 65521
      high = (high + low) % 65521
    }
    return high << 16 | low
  }

  /// A body as it was before its Content-Encoding; nil if it cannot be read.
  static func inflate(_ bytes: [UInt8], _ encodings: [String]) -> [UInt8]? {
    switch ContentCoding.read(encodings) {
    case .identity: return bytes
    case .unsupported: return nil
    case .coded(let coding):
      let inflater = Inflater(coding, limits: limits)
      var result: [UInt8] = []
      do {
        try bytes.withUnsafeBytes { piece in
          try inflater.inflate(piece) { result += $0 }
        }
        try inflater.finish()
      } catch {
        return nil
      }
      return result
    }
  }
}
