/// A moment, written in JSON as RFC 3339 in UTC with milliseconds, for example `2026-01-31T12:00:00.250Z`.
package struct Timestamp: Sendable, Hashable, Comparable {
  /// Seconds since 1970, rounded to milliseconds where it is written as text.
  package var secondsSince1970: Double

  /// The years that the text form can say: 0001 to 9999.
  private static let expressible = -62_135_596_800.0...253_402_300_799.0

  package init(_ secondsSince1970: Double) {
    self.secondsSince1970 = secondsSince1970
  }

  package static func < (left: Timestamp, right: Timestamp) -> Bool {
    left.secondsSince1970 < right.secondsSince1970
  }
}

extension Timestamp: LosslessStringConvertible {
  package var description: String {
    let clamped =
      secondsSince1970.isNaN
      ? 0
      : min(max(secondsSince1970, Self.expressible.lowerBound), Self.expressible.upperBound)
    let milliseconds = Int64((clamped * 1000).rounded())
    let (seconds, fraction) = Self.floorDivide(milliseconds, 1000)
    let (days, secondOfDay) = Self.floorDivide(seconds, 86400)
    let (year, month, day) = Self.civil(fromDays: days)
    return Self.padded(year, 4) + "-" + Self.padded(month, 2) + "-" + Self.padded(day, 2) + "T"
      + Self.padded(secondOfDay / 3600, 2) + ":" + Self.padded(secondOfDay / 60 % 60, 2) + ":"
      + Self.padded(secondOfDay % 60, 2) + "." + Self.padded(fraction, 3) + "Z"
  }

  /// Nil if the text is not RFC 3339's `date-time`; any offset and any number of digits of a second are understood.
  package init?(_ description: String) {
    var reader = DigitReader(Array(description.utf8))
    guard let year = reader.number(4), reader.take("-"), let month = reader.number(2),
      reader.take("-"), let day = reader.number(2), reader.take("T") || reader.take("t"),
      let hour = reader.number(2), reader.take(":"), let minute = reader.number(2),
      reader.take(":"), let second = reader.number(2), year >= 1, (1...12).contains(month),
      day >= 1, day <= Self.days(inMonth: month, of: year), hour < 24, minute < 60, second <= 60
    else { return nil }
    var fraction = 0.0
    if reader.take(".") {
      guard let read = reader.fraction() else { return nil }
      fraction = read
    }
    var offset: Int64 = 0
    if !(reader.take("Z") || reader.take("z")) {
      let sign: Int64
      if reader.take("+") { sign = 1 } else if reader.take("-") { sign = -1 } else { return nil }
      guard let hours = reader.number(2), reader.take(":"), let minutes = reader.number(2),
        hours < 24, minutes < 60
      else { return nil }
      offset = sign * (hours * 3600 + minutes * 60)
    }
    guard reader.isAtEnd else { return nil }
    let whole =
      Self.days(year: year, month: month, day: day) * 86400 + hour * 3600 + minute * 60 + second
    self.init(Double(whole - offset) + fraction)
  }

  private static func padded(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  private static func floorDivide(_ value: Int64, _ by: Int64) -> (Int64, Int64) {
    let (quotient, remainder) = value.quotientAndRemainder(dividingBy: by)
    return remainder < 0 ? (quotient - 1, remainder + by) : (quotient, remainder)
  }

  private static func isLeap(_ year: Int64) -> Bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
  }

  private static func days(inMonth month: Int64, of year: Int64) -> Int64 {
    switch month {
    case 2: isLeap(year) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Days since 1970-01-01. The year is taken to start in March, so that the leap day comes last.
  private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let (era, yearOfEra) = floorDivide(shifted, 400)
    let monthFromMarch = (month + 9) % 12
    let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  private static func civil(fromDays days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let (era, dayOfEra) = floorDivide(days + 719_468, 146_097)
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
  }
}

extension Timestamp: Codable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let timestamp = Timestamp(text) else {
      throw UnfitValue.error("is a time as in 2026-01-31T12:00:00Z", in: container)
    }
    self = timestamp
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

/// Takes fixed-width numbers and single characters off the front of ASCII text.
private struct DigitReader {
  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  var isAtEnd: Bool { position == bytes.count }

  mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard position < bytes.count, UInt32(bytes[position]) == character.value else { return false }
    position += 1
    return true
  }

  mutating func digit() -> Int64? {
    guard position < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position])
    else { return nil }
    defer { position += 1 }
    return Int64(bytes[position] - UInt8(ascii: "0"))
  }

  mutating func number(_ width: Int) -> Int64? {
    var value: Int64 = 0
    for _ in 0..<width {
      guard let digit = digit() else { return nil }
      value = value * 10 + digit
    }
    return value
  }

  mutating func fraction() -> Double? {
    guard var value = digit().map(Double.init) else { return nil }
    var scale = 10.0
    while let digit = digit() {
      // Digits beyond a nanosecond change nothing that is kept.
      guard scale < 1e9 else { continue }
      value = value * 10 + Double(digit)
      scale *= 10
    }
    return value / scale
  }
}
