import DeviceModel

/// The value of a parameter: a text, as devices have it, which JSON shows as what it means.
///
/// | type | JSON |
/// |---|---|
/// | boolean | true, false |
/// | int, unsignedInt, long, unsignedLong, decimal | a number; a text where JSON's readers would round it |
/// | a list | an array of these |
/// | string, dateTime, base64, hexBinary, and what is not as its type has it | a text |
package struct TypedValue: Sendable, Equatable {
  /// As it is told to a device.
  package let text: String
  private let json: JSONValue

  /// A text that has no type.
  package init(_ text: String) {
    self.text = text
    json = .string(text)
  }

  package init(_ text: String, type: PrimitiveType, isList: Bool = false) {
    self.text = text
    json =
      isList
      ? .array(ListItems(text).texts.map { Self.json($0, type) }) : Self.json(text, type)
  }

  /// - Parameter type: as data models spell it; others are texts.
  package init(_ text: String, type: String?) {
    self.init(text, type: type.flatMap(PrimitiveType.init(rawValue:)) ?? .string)
  }

  /// Most readers of JSON have numbers with so many bits.
  private static let largestExact: Int64 = 1 << 53
  private static let maxDigits = 15

  private static func json(_ text: String, _ type: PrimitiveType) -> JSONValue {
    guard type.accepts(text) else { return .string(text) }
    switch type {
    case .boolean: return .bool(text == "true" || text == "1")
    case .int, .unsignedInt, .long, .unsignedLong:
      guard let number = Int64(text), number.magnitude <= largestExact else { return .string(text) }
      return .integer(number)
    case .decimal:
      guard text.utf8.count(where: \.isASCIIDigit) <= maxDigits, let number = Double(text),
        // Very small ones are written with an exponent, which no parameter takes.
        JSONValue.number(number).parameterText != nil
      else {
        return .string(text)
      }
      return .number(number)
    case .string, .dateTime, .base64, .hexBinary: return .string(text)
    }
  }

  /// What a person or a program wrote; nil where it is no value.
  package init?(_ json: JSONValue) {
    guard let text = json.parameterText else { return nil }
    self.text = text
    self.json = json
  }
}

extension TypedValue: Codable {
  package init(from decoder: any Decoder) throws {
    guard let value = TypedValue(try JSONValue(from: decoder)) else {
      throw UnfitValue.error(
        "is no value of a parameter", in: try decoder.singleValueContainer())
    }
    self = value
  }

  package func encode(to encoder: any Encoder) throws { try json.encode(to: encoder) }
}

extension TypedValue: ExpressibleByStringLiteral {
  package init(stringLiteral text: String) { self.init(text) }
}

extension JSONValue {
  /// The value of a parameter as devices have it; nil for what is none: null, objects, and numbers that are not exact.
  package var parameterText: String? {
    switch self {
    case .string(let text): return text
    case .bool(let flag): return flag ? "true" : "false"
    case .integer(let number): return String(number)
    case .number(let number):
      let text = "\(number)"
      return text.contains("e") || text.contains("n") ? nil : text
    case .array(let elements):
      let texts = elements.compactMap(\.parameterText)
      return texts.count == elements.count ? ListItems.value(of: texts) : nil
    case .null, .object: return nil
    }
  }
}
