import DeviceModel

/// A span of time as people write it: `45s`, `10m`, `1h30m`, `2d`.
package enum DurationText {
  /// The seconds that a text means; nil where it is not a list of whole numbers with units, largest unit first.
  package static func seconds(_ text: String) -> Double? {
    guard text.utf8.count <= maxBytes else { return nil }
    var total = 0
    var number: Int?
    var remaining = units[...]
    for byte in text.utf8 {
      if byte.isASCIIDigit {
        number = (number ?? 0) * 10 + Int(byte - UInt8(ascii: "0"))
        continue
      }
      guard let count = number, let index = remaining.firstIndex(where: { $0.letter == byte })
      else {
        return nil
      }
      total += count * remaining[index].seconds
      remaining = remaining[(index + 1)...]
      number = nil
    }
    return number == nil && !text.isEmpty ? Double(total) : nil
  }

  /// The shortest text for whole seconds, for example `1h30m`; fractions are cut.
  package static func text(seconds: Double) -> String {
    guard seconds >= 1, seconds < 1e12 else { return "0s" }
    var rest = Int(seconds)
    var text = ""
    for unit in units where rest >= unit.seconds {
      text += "\(rest / unit.seconds)\(Unicode.Scalar(unit.letter))"
      rest %= unit.seconds
    }
    return text
  }

  /// So short that no sum overflows.
  private static let maxBytes = 16

  private static let units: [(letter: UInt8, seconds: Int)] = [
    (UInt8(ascii: "d"), 86_400), (UInt8(ascii: "h"), 3_600), (UInt8(ascii: "m"), 60),
    (UInt8(ascii: "s"), 1),
  ]
}
