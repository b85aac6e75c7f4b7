import CWMP

/// One parameter of a device model: its type, what it reads as, and what may be written to it.
final class ParameterDefinition: Sendable {
  let name: String
  let type: ValueType
  /// One for all instances, or one after the other for the instances of a table.
  let values: [ValueExpression]
  /// The table whose instance number picks the value, counted from 1; 0 stands for the innermost.
  let level: Int
  let isWritable: Bool
  /// Reads as an empty text, as passwords do.
  let isHidden: Bool
  /// 0 off, 1 passive, 2 active.
  let notification: Int
  /// Whether the ACS may not turn active notification off.
  let isNotificationForced: Bool
  let constraint: ValueConstraint
  /// What it is in a new instance.
  let initial: String

  init(
    name: String, type: ValueType, values: [ValueExpression], level: Int = 0,
    isWritable: Bool = false, isHidden: Bool = false, notification: Int = 0,
    isNotificationForced: Bool = false, constraint: ValueConstraint = ValueConstraint(),
    initial: String? = nil
  ) {
    self.name = name
    self.type = type
    self.values = values
    self.level = level
    self.isWritable = isWritable
    self.isHidden = isHidden
    self.notification = notification
    self.isNotificationForced = isNotificationForced
    self.constraint = constraint
    self.initial = initial ?? constraint.initial(of: type)
  }

  /// Whether it changes all the time, so that nobody wants to be told of each change.
  var isVolatile: Bool { values.contains(where: \.isVolatile) }

  func expression(instances: [UInt32]) -> ValueExpression {
    guard values.count > 1 else { return values[0] }
    let number =
      level == 0 ? instances.last : (level <= instances.count ? instances[level - 1] : nil)
    return values[Int((number ?? 1) &- 1) % values.count]
  }
}

/// What may be written to a parameter beyond its type.
struct ValueConstraint: Sendable, Equatable {
  var minimum: Int64?
  var maximum: Int64?
  /// The values of an enumeration; empty where there is none.
  var values: [String] = []
  /// In characters.
  var maximumLength: Int?

  /// Whether the text can be a value of the type at all, and one that is allowed.
  func allows(_ text: String, type: ValueType) -> Bool {
    switch type {
    case .boolean: return ["0", "1", "true", "false"].contains(text)
    case .int: return Int32(text) != nil && isInRange(Int64(text))
    case .unsignedInt: return UInt32(text) != nil && isInRange(Int64(text))
    case .long: return Int64(text) != nil && isInRange(Int64(text))
    case .unsignedLong: return UInt64(text) != nil && isInRange(Int64(text))
    case .dateTime: return Self.isDateTime(text)
    case .hexBinary: return text.utf8.count % 2 == 0 && text.allSatisfy(\.isHexDigit)
    case .decimal: return Double(text) != nil
    case .string, .base64:
      if let maximumLength, text.count > maximumLength { return false }
      return values.isEmpty || values.contains(text)
    }
  }

  func initial(of type: ValueType) -> String {
    switch type {
    case .string: values.isEmpty || values.contains("") ? "" : values[0]
    case .base64, .hexBinary: ""
    case .boolean: "false"
    case .dateTime: unknownTime
    case .decimal: "0"
    case .int, .unsignedInt, .long, .unsignedLong:
      String(max(minimum ?? 0, min(maximum ?? 0, 0)))
    }
  }

  private func isInRange(_ number: Int64?) -> Bool {
    // An unsignedLong beyond Int64 is above every minimum and every maximum that can be written.
    guard let number else { return maximum == nil }
    return number >= minimum ?? .min && number <= maximum ?? .max
  }

  /// `YYYY-MM-DDThh:mm:ss` with anything that begins like a fraction or zone behind it.
  private static func isDateTime(_ text: String) -> Bool {
    let pattern = Array("0000-00-00T00:00:00".utf8)
    let bytes = Array(text.utf8)
    guard bytes.count >= pattern.count else { return false }
    for (byte, form) in zip(bytes, pattern) {
      if form == UInt8(ascii: "0") {
        guard (0x30...0x39).contains(byte) else { return false }
      } else if byte != form {
        return false
      }
    }
    return bytes.count == pattern.count || "Z.+-".utf8.contains(bytes[pattern.count])
  }
}
