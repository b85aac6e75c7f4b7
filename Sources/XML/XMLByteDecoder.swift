/// Makes UTF-8 of the bytes as they come, in pieces of any length.
///
/// Control characters that XML 1.0 forbids go on as they are, and libxml2 then refuses the document. Should a device that sends them ever have to be borne, this is the place to replace them, on that device's account only.
///
/// A byte that is not part of valid UTF-8 is taken as Latin-1: devices put Latin-1 values into documents that claim to be UTF-8, and such a value is better kept than refused. Overlong forms and surrogates are no valid UTF-8 here, so nothing that libxml2 would refuse gets through as it is.
struct XMLByteDecoder {
  private var encoding = XMLEncoding.utf8
  /// The start of a character whose rest has not come, at most three bytes.
  private var carried: [UInt8] = []
  private var scratch: [UInt8] = []

  mutating func begin(_ encoding: XMLEncoding) {
    self.encoding = encoding
    carried.removeAll(keepingCapacity: true)
  }

  /// Whether the bytes can go on as they are.
  func passes(_ bytes: UnsafeRawBufferPointer) -> Bool {
    if case .converted = encoding { return true }
    return carried.isEmpty && isASCII(bytes)
  }

  mutating func takeScratch() -> [UInt8] {
    var taken: [UInt8] = []
    swap(&taken, &scratch)
    taken.removeAll(keepingCapacity: true)
    return taken
  }

  mutating func giveBack(_ scratch: [UInt8]) {
    self.scratch = scratch
  }

  /// Appends the piece as UTF-8, less the start of a last character that is not whole.
  mutating func decode(_ bytes: UnsafeRawBufferPointer, into output: inout [UInt8]) {
    output.reserveCapacity(bytes.count + bytes.count / 8 + 16)
    switch encoding {
    case .latin1:
      for byte in bytes { Self.appendLatin1(byte, to: &output) }
    case .utf8 where carried.isEmpty:
      decodeUTF8(bytes, into: &output)
    case .utf8:
      let joined = carried + bytes
      carried.removeAll(keepingCapacity: true)
      joined.withUnsafeBytes { decodeUTF8($0, into: &output) }
    case .converted:
      output.append(contentsOf: bytes)
    }
  }

  /// What was held back when the document ended.
  mutating func finish() -> [UInt8] {
    var rest: [UInt8] = []
    for byte in carried { Self.appendLatin1(byte, to: &rest) }
    carried.removeAll(keepingCapacity: true)
    return rest
  }

  private mutating func decodeUTF8(
    _ bytes: UnsafeRawBufferPointer, into output: inout [UInt8]
  ) {
    var index = 0
    var copied = 0
    while index < bytes.count {
      if bytes[index] < 0x80 {
        index += 1
        continue
      }
      switch Self.sequence(at: index, in: bytes) {
      case .valid(let length):
        index += length
      case .unfinished:
        output.append(contentsOf: bytes[copied..<index])
        carried.append(contentsOf: bytes[index...])
        return
      case .invalid:
        output.append(contentsOf: bytes[copied..<index])
        Self.appendLatin1(bytes[index], to: &output)
        index += 1
        copied = index
      }
    }
    output.append(contentsOf: bytes[copied...])
  }

  private enum Sequence {
    case valid(length: Int)
    case unfinished
    case invalid
  }

  /// RFC 3629, section 4: the well-formed byte sequences.
  private static func sequence(at index: Int, in bytes: UnsafeRawBufferPointer) -> Sequence {
    let length: Int
    let second: ClosedRange<UInt8>
    switch bytes[index] {
    case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
    case 0xE0: (length, second) = (3, 0xA0...0xBF)
    case 0xED: (length, second) = (3, 0x80...0x9F)
    case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
    case 0xF0: (length, second) = (4, 0x90...0xBF)
    case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
    case 0xF4: (length, second) = (4, 0x80...0x8F)
    default: return .invalid
    }
    for offset in 1..<length {
      guard index + offset < bytes.count else { return .unfinished }
      let byte = bytes[index + offset]
      guard offset == 1 ? second.contains(byte) : (0x80...0xBF).contains(byte) else {
        return .invalid
      }
    }
    return .valid(length: length)
  }

  private static func appendLatin1(_ byte: UInt8, to output: inout [UInt8]) {
    if byte < 0x80 {
      output.append(byte)
    } else {
      output.append(0xC0 | byte >> 6)
      output.append(0x80 | byte & 0x3F)
    }
  }

  private func isASCII(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var index = 0
    while index + 8 <= bytes.count {
      let word = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
      if word & 0x8080_8080_8080_8080 != 0 { return false }
      index += 8
    }
    while index < bytes.count {
      if bytes[index] >= 0x80 { return false }
      index += 1
    }
    return true
  }
}
