/// A value of a setting, before it has its Swift type.
package enum SettingValue: Sendable, Equatable {
  case text(String)
  case boolean(Bool)
  /// A count, a number of bytes, or a number of milliseconds, as the setting's kind tells.
  case number(Int)
  case list([String])

  /// The value as a person would write it in the file, without quotes.
  package func text(as kind: Setting.Kind) -> String {
    switch (self, kind) {
    case (.text(let text), _): text
    case (.boolean(let value), _): value ? "true" : "false"
    case (.number(let value), .size): SettingValue.sizeText(value)
    case (.number(let value), .duration): SettingValue.durationText(value)
    case (.number(let value), _): String(value)
    case (.list(let values), _): values.joined(separator: ", ")
    }
  }

  /// The largest unit in which the number is whole, so that nothing is lost: 16777216 gives `16 MiB`.
  private static func sizeText(_ bytes: Int) -> String {
    for (name, length) in SizeUnit.named.reversed() where bytes >= length && bytes % length == 0 {
      return "\(bytes / length) \(name)"
    }
    return "\(bytes) bytes"
  }

  private static func durationText(_ milliseconds: Int) -> String {
    for unit in DurationUnit.allCases.reversed()
    where milliseconds >= unit.length && milliseconds % unit.length == 0 {
      return "\(milliseconds / unit.length) \(unit.rawValue)"
    }
    return "\(milliseconds) ms"
  }
}

/// The units in which sizes are written.
enum SizeUnit {
  /// From small to large.
  static let named: [(name: String, length: Int)] = [
    ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30),
  ]

  /// How many bytes one of the unit is; nil for an unknown unit. Spelled in any case.
  static func length(of name: String) -> Int? {
    switch name.lowercased() {
    case "", "b", "byte", "bytes": 1
    case "k", "kib": 1 << 10
    case "m", "mib": 1 << 20
    case "g", "gib": 1 << 30
    case "kb": 1000
    case "mb": 1_000_000
    case "gb": 1_000_000_000
    default: nil
    }
  }
}
