/// Makes UTF-8 that XML 1.0 allows of the bytes as they come, in pieces of any length.
///
/// Devices put bytes into documents that these must not have; a value with a blemish is better kept than an Inform refused:
/// - A byte that is not part of valid UTF-8 is taken as Latin-1. Overlong forms and surrogates are no valid UTF-8 here.
/// - A character that XML 1.0 forbids becomes U+FFFD, also where a declared encoding does not have the bytes.
/// - Zero bytes at the end, which C programs send along, are dropped.
struct XMLByteDecoder {
  /// Zero bytes and white space that are held back at most, until it is known whether something follows.
  private static let holdLimit = 4 << 10
  /// Buffers larger than this are not kept for the next piece.
  private static let keptCapacity = 256 << 10

  private var encoding = XMLEncoding.utf8
  private var converter: XMLConverter?
  /// The start of a character whose rest has not come, at most three bytes.
  private var carried: [UInt8] = []
  /// Zero bytes, and the white space after them.
  private var held: [UInt8] = []
  private var scratch: [UInt8] = []

  /// - Returns: whether the encoding can be read.
  mutating func begin(_ encoding: XMLEncoding) -> Bool {
    self.encoding = encoding
    carried.removeAll(keepingCapacity: true)
    held.removeAll(keepingCapacity: true)
    guard case .converted(let name) = encoding else { return true }
    if converter?.name == name {
      converter?.reset()
    } else {
      converter = XMLConverter(from: name)
    }
    return converter != nil
  }

  /// Bytes of its buffers.
  var footprint: Int {
    scratch.capacity + held.capacity
  }

  /// Whether the bytes can go on as they are.
  func passes(_ bytes: UnsafeRawBufferPointer) -> Bool {
    if case .converted = encoding { return false }
    return carried.isEmpty && held.isEmpty && isPlain(bytes)
  }

  mutating func takeScratch() -> [UInt8] {
    var taken: [UInt8] = []
    swap(&taken, &scratch)
    taken.removeAll(keepingCapacity: taken.capacity <= Self.keptCapacity)
    return taken
  }

  mutating func giveBack(_ scratch: [UInt8]) {
    self.scratch = scratch
  }

  /// Appends the piece as UTF-8, less the start of a last character that is not whole.
  mutating func decode(_ bytes: UnsafeRawBufferPointer, into output: inout [UInt8]) {
    output.reserveCapacity(bytes.count + bytes.count / 8 + 16)
    switch encoding {
    case .utf8 where carried.isEmpty:
      decodeUTF8(bytes, into: &output)
    case .utf8:
      let joined = carried + bytes
      carried.removeAll(keepingCapacity: true)
      joined.withUnsafeBytes { decodeUTF8($0, into: &output) }
    case .latin1:
      var converted: [UInt8] = []
      converted.reserveCapacity(bytes.count * 2)
      for byte in bytes { Self.appendLatin1(byte, to: &converted) }
      converted.withUnsafeBytes { decodeUTF8($0, into: &output) }
    case .converted:
      var converted: [UInt8] = []
      converter?.convert(bytes, into: &converted)
      converted.withUnsafeBytes { decodeUTF8($0, into: &output) }
    }
  }

  /// What was held back when the document ended.
  mutating func finish() -> [UInt8] {
    var rest: [UInt8] = []
    for byte in carried { Self.appendLatin1(byte, to: &rest) }
    carried.removeAll(keepingCapacity: true)
    held.removeAll(keepingCapacity: true)
    if case .converted = encoding, let converter, converter.isInsideCharacter {
      rest.append(contentsOf: Self.replacement)
      converter.reset()
    }
    return rest
  }

  // MARK: UTF-8

  private mutating func decodeUTF8(_ bytes: UnsafeRawBufferPointer, into output: inout [UInt8]) {
    var index = held.isEmpty ? 0 : hold(from: 0, in: bytes, output: &output)
    var copied = index
    while index < bytes.count {
      let byte = bytes[index]
      if byte < 0x80 {
        guard Self.isForbidden(byte) else {
          index += 1
          continue
        }
        output.append(contentsOf: bytes[copied..<index])
        if byte == 0 {
          index = hold(from: index, in: bytes, output: &output)
        } else {
          output.append(contentsOf: Self.replacement)
          index += 1
        }
        copied = index
        continue
      }
      switch Self.sequence(at: index, in: bytes) {
      case .valid(let length):
        index += length
      case .unfinished:
        output.append(contentsOf: bytes[copied..<index])
        carried.append(contentsOf: bytes[index...])
        return
      case .forbidden(let length):
        output.append(contentsOf: bytes[copied..<index])
        output.append(contentsOf: Self.replacement)
        index += length
        copied = index
      case .invalid:
        output.append(contentsOf: bytes[copied..<index])
        Self.appendLatin1(byte, to: &output)
        index += 1
        copied = index
      }
    }
    output.append(contentsOf: bytes[copied...])
  }

  /// Holds back zero bytes and white space, and lets them go when something else follows.
  ///
  /// - Returns: the index of the first byte that is neither.
  private mutating func hold(
    from start: Int, in bytes: UnsafeRawBufferPointer, output: inout [UInt8]
  ) -> Int {
    var index = start
    while index < bytes.count, bytes[index] == 0 || Self.isSpace(bytes[index]) {
      held.append(bytes[index])
      index += 1
      if held.count >= Self.holdLimit { releaseHeld(into: &output) }
    }
    if index < bytes.count { releaseHeld(into: &output) }
    return index
  }

  private mutating func releaseHeld(into output: inout [UInt8]) {
    for byte in held {
      if byte == 0 {
        output.append(contentsOf: Self.replacement)
      } else {
        output.append(byte)
      }
    }
    held.removeAll(keepingCapacity: true)
  }

  private enum Sequence {
    case valid(length: Int)
    case unfinished
    /// U+FFFE and U+FFFF, which XML 1.0 does not allow.
    case forbidden(length: Int)
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
    if bytes[index] == 0xEF, bytes[index + 1] == 0xBF, bytes[index + 2] >= 0xBE {
      return .forbidden(length: 3)
    }
    return .valid(length: length)
  }

  /// U+FFFD.
  private static let replacement: [UInt8] = [0xEF, 0xBF, 0xBD]

  private static func appendLatin1(_ byte: UInt8, to output: inout [UInt8]) {
    if byte < 0x80 {
      output.append(byte)
    } else {
      output.append(0xC0 | byte >> 6)
      output.append(0x80 | byte & 0x3F)
    }
  }

  private static func isForbidden(_ byte: UInt8) -> Bool {
    byte < 0x20 && byte != 0x09 && byte != 0x0A && byte != 0x0D
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
  }

  /// Whether all bytes are ASCII that XML 1.0 allows.
  private func isPlain(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var index = 0
    // Without a branch for each byte, and one for many: which bytes are line feeds can't be foretold.
    while index + 32 <= bytes.count {
      var refused: UInt64 = 0
      for offset in 0..<4 {
        refused |= Self.refused(
          bytes.loadUnaligned(fromByteOffset: index + 8 * offset, as: UInt64.self))
      }
      if refused != 0 { return false }
      index += 32
    }
    while index < bytes.count {
      if bytes[index] >= 0x80 || Self.isForbidden(bytes[index]) { return false }
      index += 1
    }
    return true
  }

  /// Not 0 where one of eight bytes is not ASCII, or forbidden.
  @inline(__always)
  private static func refused(_ word: UInt64) -> UInt64 {
    let high: UInt64 = 0x8080_8080_8080_8080
    // The high bits of the bytes that are at least so large; those below 0x80 don't borrow from the next one.
    func isAtLeast(_ byte: UInt64, _ word: UInt64) -> UInt64 {
      (word | high) &- byte &* 0x0101_0101_0101_0101
    }
    let isPrintable = isAtLeast(0x20, word)
    let isLineFeed = ~isAtLeast(1, word ^ 0x0A0A_0A0A_0A0A_0A0A)
    let isReturn = ~isAtLeast(1, word ^ 0x0D0D_0D0D_0D0D_0D0D)
    let isTab = ~isAtLeast(1, word ^ 0x0909_0909_0909_0909)
    return (word | ~(isPrintable | isLineFeed | isReturn | isTab)) & high
  }
}
