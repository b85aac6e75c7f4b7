/// Appends XML to a buffer that can be used again; what is not a constant is escaped.
///
/// Characters outside 9, 10 and 32–126 leave as character references: devices then need not agree on an encoding (TR-069 3.5), and a carriage return survives the reader's line-end normalisation. Characters that XML 1.0 cannot carry even as references, such as U+0002, become U+FFFD.
package struct XMLWriter {
  /// What was written so far.
  package var bytes: [UInt8]

  /// - Parameter bytes: a buffer whose storage is used; its content is removed.
  package init(reusing bytes: consuming [UInt8] = []) {
    bytes.removeAll(keepingCapacity: true)
    self.bytes = bytes
  }

  /// Appends markup as it is.
  package mutating func raw(_ markup: StaticString) {
    markup.withUTF8Buffer { bytes.append(contentsOf: $0) }
  }

  /// Appends a number, which needs no escaping.
  package mutating func number(_ value: some BinaryInteger) {
    let magnitude = value.magnitude
    if value < 0 { bytes.append(0x2D) }
    guard magnitude >= 10 else {
      bytes.append(0x30 + UInt8(truncatingIfNeeded: magnitude))
      return
    }
    let start = bytes.count
    var rest = magnitude
    while rest > 0 {
      let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
      bytes.append(0x30 + UInt8(truncatingIfNeeded: digit))
      rest = quotient
    }
    bytes[start...].reverse()
  }

  /// Appends character data, safe inside an element and inside a quoted attribute value.
  package mutating func text(_ text: String) {
    var text = text
    text.withUTF8 { utf8 in
      var copied = 0
      for index in utf8.indices where Self.needsEscape[Int(utf8[index])] {
        // Continuation bytes were consumed with the byte that leads them.
        if index < copied { continue }
        bytes.append(contentsOf: utf8[copied..<index])
        copied = index + escape(at: index, in: utf8)
      }
      bytes.append(contentsOf: utf8[copied...])
    }
  }

  /// Appends the escape of the character at `index` and returns how many bytes it took up.
  private mutating func escape(at index: Int, in utf8: UnsafeBufferPointer<UInt8>) -> Int {
    let byte = utf8[index]
    switch byte {
    case UInt8(ascii: "&"): raw("&amp;")
    case UInt8(ascii: "<"): raw("&lt;")
    case UInt8(ascii: ">"): raw("&gt;")
    case UInt8(ascii: "\""): raw("&quot;")
    case UInt8(ascii: "\r"): raw("&#13;")
    case 0x7F: raw("&#127;")
    case ..<0x80: raw("&#65533;")
    default: return escapeScalar(at: index, in: utf8)
    }
    return 1
  }

  private mutating func escapeScalar(at index: Int, in utf8: UnsafeBufferPointer<UInt8>) -> Int {
    // A String's UTF-8 is valid, so the leading byte tells the length.
    let lead = utf8[index]
    let length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2
    var scalar = UInt32(lead) & (0xFF >> UInt32(length + 1))
    for byte in utf8[(index + 1)..<(index + length)] {
      scalar = scalar << 6 | UInt32(byte & 0x3F)
    }
    raw("&#")
    number(scalar == 0xFFFE || scalar == 0xFFFF ? 0xFFFD : scalar)
    raw(";")
    return length
  }

  private static let needsEscape: [Bool] = (0...255).map { byte in
    switch UInt8(byte) {
    case 0x09, 0x0A: false
    case UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""): true
    case 0x20...0x7E: false
    default: true
    }
  }
}
