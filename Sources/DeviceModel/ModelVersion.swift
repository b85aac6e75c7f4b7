/// The version of a model or an item: up to four numbers with dots.
package struct ModelVersion: Sendable, Hashable {
  /// Sixteen bits for each number, the first one highest, with the number plus one in them; 0 where there is none.
  ///
  /// So versions are in the order of these words.
  private let word: UInt64

  package init?(_ text: some StringProtocol) {
    var text = String(text)
    let word = text.withUTF8 { Self.word(of: $0) }
    guard let word else { return nil }
    self.word = word
  }

  /// - Parameter text: in ASCII.
  init?(_ text: UnsafeBufferPointer<UInt8>) {
    guard let word = Self.word(of: text) else { return nil }
    self.word = word
  }

  package var numbers: [Int] {
    (0..<4).compactMap { place in
      let part = Int(truncatingIfNeeded: word >> UInt64(48 - 16 * place)) & 0xFFFF
      return part == 0 ? nil : part - 1
    }
  }

  private static func word(of text: UnsafeBufferPointer<UInt8>) -> UInt64? {
    var word: UInt64 = 0
    var shift: UInt64 = 48
    var number: UInt64 = 0
    var digits = 0
    for index in 0...text.count {
      if index < text.count, text[index] != UInt8(ascii: ".") {
        let digit = UInt64(text[index] &- UInt8(ascii: "0"))
        number = number * 10 + digit
        digits += 1
        guard digit <= 9, number < 0xFFFF else { return nil }
      } else {
        guard digits > 0, word & 0xFFFF == 0 else { return nil }
        word |= (number + 1) << shift
        shift = shift >= 16 ? shift - 16 : 0
        number = 0
        digits = 0
      }
    }
    return word
  }
}

extension ModelVersion: Comparable {
  package static func < (one: Self, other: Self) -> Bool { one.word < other.word }
}

extension ModelVersion: CustomStringConvertible {
  package var description: String { numbers.map(String.init).joined(separator: ".") }
}
