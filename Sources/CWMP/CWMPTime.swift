/// dateTime texts as devices write them, and as an ACS should (TR-069 A.2.1, TR-106 3.2.1).
package enum CWMPTime {
  /// Seconds since 1970-01-01T00:00:00Z; nil for what is no point in time.
  ///
  /// No zone counts as UTC. Nil are garbage, the unknown time `0001-01-01T00:00:00Z`, times since boot (any year below 1000) and the infinite time (year 9999).
  package static func parse(_ text: String) -> Double? {
    var scanner = Scanner(text)
    guard let year = scanner.number(digits: 4), scanner.skip("-"),
      let month = scanner.number(digits: 2), scanner.skip("-"),
      let day = scanner.number(digits: 2), scanner.skip("T") || scanner.skip(" "),
      let hour = scanner.number(digits: 2), scanner.skip(":"),
      let minute = scanner.number(digits: 2), scanner.skip(":"),
      let second = scanner.number(digits: 2),
      (1000...9998).contains(year), (1...12).contains(month),
      (1...daysInMonth(month, of: year)).contains(day), hour < 24, minute < 60, second <= 60
    else { return nil }
    var fraction = 0.0
    if scanner.skip(".") || scanner.skip(",") {
      guard let value = scanner.fraction() else { return nil }
      fraction = value
    }
    guard let offset = scanner.zoneOffset(), scanner.isAtEnd else { return nil }
    let days = daysSince1970(year: year, month: month, day: day)
    return Double(((days * 24 + hour) * 60 + minute) * 60 + second - offset) + fraction
  }

  /// For example `2026-11-22T21:49:11Z`; fractions are dropped, since some devices refuse them.
  ///
  /// - Parameter seconds: since 1970-01-01T00:00:00Z; limited to the years 1000 to 9998.
  package static func format(_ seconds: Double) -> String {
    let earliest = daysSince1970(year: 1000, month: 1, day: 1) * 86_400
    let latest = daysSince1970(year: 9999, month: 1, day: 1) * 86_400 - 1
    let bounded =
      seconds.isNaN ? 0 : min(max(seconds.rounded(.down), Double(earliest)), Double(latest))
    let total = Int(bounded)
    let time = ((total % 86_400) + 86_400) % 86_400
    let (year, month, day) = date(daysSince1970: (total - time) / 86_400)
    func padded(_ number: Int, _ width: Int) -> String {
      let digits = String(number)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
      + "T\(padded(time / 3600, 2)):\(padded(time / 60 % 60, 2)):\(padded(time % 60, 2))Z"
  }

  /// The dateTime with so many digits after the point; a text of any other form comes back as it is.
  ///
  /// The form alone counts: times since boot, the unknown and the infinite time are dateTimes, too. Digits too many are cut off, never rounded.
  package static func withFraction(ofDigits count: Int, _ text: String) -> String {
    var scanner = Scanner(text)
    let whole = scanner.text
    guard scanner.number(digits: 4) != nil, scanner.skip("-"), scanner.number(digits: 2) != nil,
      scanner.skip("-"), scanner.number(digits: 2) != nil, scanner.skip("T"),
      scanner.number(digits: 2) != nil, scanner.skip(":"), scanner.number(digits: 2) != nil,
      scanner.skip(":"), scanner.number(digits: 2) != nil
    else { return text }
    let seconds = whole.prefix(19)
    var digits = ""
    if scanner.skip(".") || scanner.skip(",") {
      guard let fraction = scanner.digits() else { return text }
      digits = String(fraction.prefix(count))
    }
    let zone = scanner.text
    guard scanner.zoneOffset() != nil, scanner.isAtEnd else { return text }
    if count == 0 { return seconds + zone }
    digits += String(repeating: "0", count: count - digits.count)
    return "\(seconds).\(digits)\(zone)"
  }

  // MARK: The proleptic Gregorian calendar, in eras of 400 years that begin in March

  private static func daysSince1970(year: Int, month: Int, day: Int) -> Int {
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }

  private static func date(daysSince1970 days: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (
      yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month,
      dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    )
  }

  private static func daysInMonth(_ month: Int, of year: Int) -> Int {
    switch month {
    case 4, 6, 9, 11: 30
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    default: 31
    }
  }
}

/// Reads a dateTime from left to right.
private struct Scanner {
  private var rest: Substring.UTF8View

  init(_ text: String) {
    var text = text[...]
    while text.first?.isWhitespace ?? false { text.removeFirst() }
    while text.last?.isWhitespace ?? false { text.removeLast() }
    rest = text.utf8
  }

  var isAtEnd: Bool { rest.isEmpty }

  /// What has not been read.
  var text: String { String(Substring(rest)) }

  /// One digit or more.
  mutating func digits() -> String? {
    let digits = rest.prefix { (0x30...0x39).contains($0) }
    rest = rest.dropFirst(digits.count)
    return digits.isEmpty ? nil : String(Substring(digits))
  }

  mutating func skip(_ character: Unicode.Scalar) -> Bool {
    guard let byte = rest.first, UInt32(byte) == character.value else { return false }
    rest.removeFirst()
    return true
  }

  mutating func number(digits: Int) -> Int? {
    var value = 0
    for _ in 0..<digits {
      guard let digit = digit() else { return nil }
      value = value * 10 + digit
    }
    return value
  }

  /// The digits after the point; those beyond the ninth have no effect.
  mutating func fraction() -> Double? {
    var value = 0.0
    var unit = 0.1
    var count = 0
    while let digit = digit() {
      if count < 9 { value += Double(digit) * unit }
      unit /= 10
      count += 1
    }
    return count > 0 ? value : nil
  }

  /// Seconds east of Greenwich; 0 for no zone and for `Z`, nil where a zone is begun and is none.
  mutating func zoneOffset() -> Int? {
    if isAtEnd || skip("Z") || skip("z") { return 0 }
    let sign: Int
    if skip("+") {
      sign = 1
    } else if skip("-") {
      sign = -1
    } else {
      return nil
    }
    guard let hours = number(digits: 2) else { return nil }
    if isAtEnd { return hours <= 14 ? sign * hours * 3600 : nil }
    _ = skip(":")
    guard let minutes = number(digits: 2), hours <= 14, minutes < 60 else { return nil }
    return sign * (hours * 60 + minutes) * 60
  }

  private mutating func digit() -> Int? {
    guard let byte = rest.first, (0x30...0x39).contains(byte) else { return nil }
    rest.removeFirst()
    return Int(byte) - 0x30
  }
}
