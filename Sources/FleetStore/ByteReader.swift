/// Reads the integers and strings of the stored formats from bytes, refusing to run over their end.
struct ByteReader {
  private let bytes: [UInt8]
  private(set) var offset = 0

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// All bytes, read or not.
  var count: Int { bytes.count }

  mutating func byte() throws(TreeCodecError) -> UInt8 {
    guard offset < bytes.count else { throw .truncated }
    defer { offset += 1 }
    return bytes[offset]
  }

  /// An unsigned integer in groups of seven bits, lowest first (LEB128).
  mutating func unsigned() throws(TreeCodecError) -> UInt64 {
    var result: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      let next = try byte()
      guard shift < 64 else { throw .malformed }
      result |= UInt64(next & 0x7f) << shift
      if next & 0x80 == 0 { return result }
      shift += 7
    }
  }

  mutating func count(atMost limit: Int) throws(TreeCodecError) -> Int {
    let value = try unsigned()
    guard value <= UInt64(limit) else { throw .malformed }
    return Int(value)
  }

  /// A signed integer with its sign in the lowest bit.
  mutating func signed() throws(TreeCodecError) -> Int64 {
    let raw = try unsigned()
    return Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1)
  }

  mutating func skip(_ count: Int) throws(TreeCodecError) -> Range<Int> {
    guard count >= 0, count <= bytes.count - offset else { throw .truncated }
    defer { offset += count }
    return offset..<(offset + count)
  }

  mutating func string(_ count: Int) throws(TreeCodecError) -> String {
    String(decoding: bytes[try skip(count)], as: UTF8.self)
  }

  /// Text up to a zero byte, which is passed over.
  mutating func terminatedString() throws(TreeCodecError) -> String {
    guard let end = bytes[offset...].firstIndex(of: 0) else { throw .truncated }
    defer { offset = end + 1 }
    return String(decoding: bytes[offset..<end], as: UTF8.self)
  }

  mutating func append(_ count: Int, to target: inout [UInt8]) throws(TreeCodecError) {
    target.append(contentsOf: bytes[try skip(count)])
  }
}

extension [UInt8] {
  mutating func append(unsigned value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    append(UInt8(rest))
  }

  mutating func append(signed value: Int64) {
    append(unsigned: UInt64(bitPattern: (value << 1) ^ (value >> 63)))
  }
}

/// Why stored bytes could not be read back.
enum TreeCodecError: Error, Equatable {
  case truncated
  case malformed
  /// A value is too large to be kept.
  case tooLarge
  case unknownCodec(Int16)
  /// The library's own words.
  case compression(String)
}
