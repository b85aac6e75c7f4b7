/// A point in time as people and data models write it: `2026-01-31T12:00:00Z` (RFC 3339).
package enum TimestampText {
  /// Seconds since 1970; nil where the text is no such time or has no offset from UTC.
  package static func seconds(_ text: String) -> Double? {
    guard let parts = parts(text), let offset = parts.offsetMinutes else { return nil }
    let days = days(year: parts.year, month: parts.month, day: parts.day)
    let seconds = ((days * 24 + parts.hour) * 60 + parts.minute - offset) * 60 + parts.second
    return Double(seconds) + parts.fraction
  }

  struct Parts {
    var year: Int
    var month: Int
    var day: Int
    var hour: Int
    var minute: Int
    var second: Int
    /// 0..<1.
    var fraction: Double
    /// East of UTC; nil where the text tells none.
    var offsetMinutes: Int?
  }

  /// `YYYY-MM-DDThh:mm:ss`, a fraction where wanted, and `Z`, an offset, or nothing for local time.
  static func parts(_ text: String) -> Parts? {
    guard text.utf8.count <= 48 else { return nil }
    var rest = Array(text.utf8)[...]
    func number(_ digits: Int) -> Int? {
      guard rest.count >= digits, rest.prefix(digits).allSatisfy(\.isASCIIDigit) else { return nil }
      defer { rest = rest.dropFirst(digits) }
      return rest.prefix(digits).reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }
    func skip(_ character: Unicode.Scalar) -> Bool {
      guard rest.first == UInt8(ascii: character) else { return false }
      rest = rest.dropFirst()
      return true
    }
    guard let year = number(4), skip("-"), let month = number(2), skip("-"), let day = number(2),
      skip("T"), let hour = number(2), skip(":"), let minute = number(2), skip(":"),
      let second = number(2)
    else { return nil }
    let isLeapYear = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let days = [31, isLeapYear ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    guard (1...12).contains(month), (1...days[month - 1]).contains(day), hour <= 23, minute <= 59,
      second <= 60
    else { return nil }
    var parts = Parts(
      year: year, month: month, day: day, hour: hour, minute: minute, second: second, fraction: 0)
    if skip(".") {
      let fraction = rest.prefix(while: \.isASCIIDigit)
      guard !fraction.isEmpty, fraction.count <= 9 else { return nil }
      parts.fraction = fraction.reversed().reduce(0) { ($0 + Double($1 - UInt8(ascii: "0"))) / 10 }
      rest = rest.dropFirst(fraction.count)
    }
    if rest.isEmpty { return parts }
    if skip("Z") {
      parts.offsetMinutes = 0
      return rest.isEmpty ? parts : nil
    }
    let sign = rest.first == UInt8(ascii: "-") ? -1 : 1
    guard skip("+") || skip("-"), let hours = number(2), skip(":"), let minutes = number(2),
      rest.isEmpty, hours <= 14, minutes <= 59
    else { return nil }
    parts.offsetMinutes = sign * (hours * 60 + minutes)
    return parts
  }

  /// Days since 1970-01-01 of a date in the Gregorian calendar, counted in years that begin with March.
  private static func days(year: Int, month: Int, day: Int) -> Int {
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }
}
