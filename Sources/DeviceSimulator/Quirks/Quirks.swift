/// The departures of one device from the standard, some with a number.
package struct Quirks: Sendable, Equatable {
  private var numbers: [Quirk: Int] = [:]

  package init() {}

  package init(_ quirks: [Quirk]) {
    for quirk in quirks { insert(quirk) }
  }

  package var isEmpty: Bool { numbers.isEmpty }

  package func contains(_ quirk: Quirk) -> Bool { numbers[quirk] != nil }

  /// The quirks in the order in which they are declared, so that their hooks work in a fixed order.
  package var all: [Quirk] {
    numbers.isEmpty ? [] : Quirk.allCases.filter(contains)
  }

  /// The number that belongs to the quirk; nil if the device has not got it.
  package func number(_ quirk: Quirk) -> Int? { numbers[quirk] }

  package mutating func insert(_ quirk: Quirk) { numbers[quirk] = quirk.defaultNumber ?? 0 }

  /// Takes `NAME` or `NAME:NUMBER`.
  package mutating func insert(_ text: String) throws(SimulatorError) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard let name = parts.first, let quirk = Quirk(rawValue: String(name)) else {
      throw SimulatorError(
        .invalidOption, "there is no quirk \"\(text)\"; `cpesim quirks` lists them")
    }
    guard parts.count == 2 else { return insert(quirk) }
    guard quirk.defaultNumber != nil, let number = Int(parts[1]), (1...1_000_000).contains(number)
    else {
      throw SimulatorError(
        .invalidOption,
        quirk.defaultNumber == nil
          ? "the quirk \(quirk.rawValue) takes no number"
          : "the number of the quirk \(quirk.rawValue) is from 1 to 1000000")
    }
    numbers[quirk] = number
  }

  package func union(_ other: Quirks) -> Quirks {
    var union = self
    union.numbers.merge(other.numbers) { _, theirs in theirs }
    return union
  }
}
