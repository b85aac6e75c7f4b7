extension PrimitiveType {
  /// Whether a value is spelled as data models spell values of this type (TR-106, data types).
  package func accepts(_ literal: String) -> Bool {
    switch self {
    case .string: true
    case .boolean: literal == "true" || literal == "false" || literal == "1" || literal == "0"
    case .int: Int32(literal) != nil
    case .unsignedInt: UInt32(literal) != nil
    case .long: Int64(literal) != nil
    case .unsignedLong: UInt64(literal) != nil
    case .decimal: Self.isDecimal(literal)
    case .hexBinary: literal.utf8.count.isMultiple(of: 2) && literal.utf8.allSatisfy(\.isHexDigit)
    case .base64: Self.isBase64(literal)
    case .dateTime: TimestampText.parts(literal) != nil
    }
  }

  /// An example for a person whose value was refused.
  package var exampleLiteral: String {
    switch self {
    case .string: "any text"
    case .boolean: "true or false"
    case .int: "a whole number from -2147483648 to 2147483647"
    case .unsignedInt: "a whole number from 0 to 4294967295"
    case .long: "a whole number of 64 bits"
    case .unsignedLong: "a whole number of 64 bits without a sign"
    case .decimal: "a number such as 2.5"
    case .hexBinary: "pairs of hexadecimal digits such as 00A1FF"
    case .base64: "base64 such as SGVsbG8="
    case .dateTime: "a time such as 2026-01-31T12:00:00Z"
    }
  }

  private static func isDecimal(_ literal: String) -> Bool {
    var digits = 0
    var dots = 0
    for (index, byte) in literal.utf8.enumerated() {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digits += 1
      case UInt8(ascii: "."): dots += 1
      case UInt8(ascii: "+"), UInt8(ascii: "-"): if index > 0 { return false }
      default: return false
      }
    }
    return digits > 0 && dots <= 1
  }

  private static func isBase64(_ literal: String) -> Bool {
    let bytes = Array(literal.utf8)
    guard bytes.count.isMultiple(of: 4) else { return false }
    let padding = bytes.suffix(2).count { $0 == UInt8(ascii: "=") }
    return bytes.dropLast(padding).allSatisfy { byte in
      byte.isASCIILetter || byte.isASCIIDigit || byte == UInt8(ascii: "+")
        || byte == UInt8(ascii: "/")
    }
  }
}

extension UInt8 {
  package var isASCIIDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }

  package var isASCIILetter: Bool {
    (self >= UInt8(ascii: "a") && self <= UInt8(ascii: "z"))
      || (self >= UInt8(ascii: "A") && self <= UInt8(ascii: "Z"))
  }

  package var isHexDigit: Bool {
    isASCIIDigit || (self >= UInt8(ascii: "a") && self <= UInt8(ascii: "f"))
      || (self >= UInt8(ascii: "A") && self <= UInt8(ascii: "F"))
  }
}
