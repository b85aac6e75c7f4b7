/// A decimal number as it is written, compared without rounding.
struct DecimalNumber: Comparable {
  /// The digits without sign and dot, and how many of them stand after the dot.
  private var digits: Int128
  private var scale: Int

  private static let maxDigits = 30

  /// Nil where the text is no number, or has more digits than can be compared.
  init?(_ text: some StringProtocol) {
    var digits: Int128 = 0
    var count = 0
    var scale: Int?
    var isNegative = false
    for (place, byte) in text.utf8.enumerated() {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        guard count < Self.maxDigits else { return nil }
        if count > 0 || byte != UInt8(ascii: "0") { count += 1 }
        digits = digits * 10 + Int128(byte - UInt8(ascii: "0"))
        scale = scale.map { $0 + 1 }
        if scale ?? 0 > Self.maxDigits { return nil }
      case UInt8(ascii: "."):
        guard scale == nil else { return nil }
        scale = 0
      case UInt8(ascii: "-") where place == 0: isNegative = true
      case UInt8(ascii: "+") where place == 0: break
      default: return nil
      }
    }
    guard text.utf8.contains(where: \.isASCIIDigit) else { return nil }
    self.digits = isNegative ? -digits : digits
    self.scale = scale ?? 0
    while self.scale > 0, self.digits % 10 == 0 {
      self.digits /= 10
      self.scale -= 1
    }
  }

  static func < (one: Self, other: Self) -> Bool {
    guard let (one, other) = aligned(one, other) else {
      // So far apart in scale that the finer one is the smaller in size.
      return one.scale > other.scale ? other.digits > 0 : one.digits < 0
    }
    return one < other
  }

  /// Whether this is a whole number of steps away from another; true where that can't be told.
  func isReached(from start: DecimalNumber, by step: DecimalNumber) -> Bool {
    let scale = max(self.scale, start.scale, step.scale)
    guard let own = digits(at: scale), let first = start.digits(at: scale),
      let step = step.digits(at: scale), step > 0
    else { return true }
    let (distance, isTooFar) = own.subtractingReportingOverflow(first)
    return isTooFar || distance % step == 0
  }

  private static func aligned(_ one: Self, _ other: Self) -> (Int128, Int128)? {
    let scale = max(one.scale, other.scale)
    guard let one = one.digits(at: scale), let other = other.digits(at: scale) else { return nil }
    return (one, other)
  }

  private func digits(at scale: Int) -> Int128? {
    var digits = digits
    for _ in self.scale..<scale {
      let (product, isTooLarge) = digits.multipliedReportingOverflow(by: 10)
      if isTooLarge { return nil }
      digits = product
    }
    return digits
  }
}
