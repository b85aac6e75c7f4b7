import XML

/// Why a value is none that a parameter takes.
package struct ValueProblem: Sendable, Equatable {
  package enum Kind: String, Sendable {
    case type, length, range, enumeration, pattern, count
  }

  package var kind: Kind
  package var message: String

  package init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }
}

extension Syntax {
  /// Who has the value.
  package enum ValueUse: Sendable {
    /// A person who wants to set it: values that only a device may report are none.
    case written
    /// A device that reported it.
    case reported
  }

  /// What is wrong with a value; empty where it is as the model has it.
  ///
  /// References are not followed, and values that a device or a vendor adds to an enumeration (`X_…`, TR-106 3.2.3) are taken.
  package func problems(of value: String, _ use: ValueUse = .written) -> [ValueProblem] {
    guard let list else { return problemsOfOne(value, use) }
    var problems: [ValueProblem] = []
    if !list.sizes.allows(value.unicodeScalars.count) {
      problems.append(Self.length("the list", value.unicodeScalars.count, list.sizes, "characters"))
    }
    let items = ListItems(value)
    if !items.isWellFormed {
      problems.append(ValueProblem(.type, "The brackets in the list do not match."))
    }
    problems += Self.countProblems(items.texts.count, list.items)
    for item in items.texts {
      problems += itemList == nil ? problemsOfOne(item, use) : problemsOfInner(item, use)
      if problems.count >= Self.maxProblems { break }
    }
    return problems
  }

  /// Of a list that may be endless.
  private static let maxProblems = 20

  /// A list in a list, in brackets.
  private func problemsOfInner(_ item: String, _ use: ValueUse) -> [ValueProblem] {
    var inner = self
    inner.list = itemList
    inner.itemList = nil
    let isBracketed = item.first == "[" && item.last == "]"
    return inner.problems(of: isBracketed ? String(item.dropFirst().dropLast()) : item, use)
  }

  private func problemsOfOne(_ value: String, _ use: ValueUse) -> [ValueProblem] {
    guard primitive.accepts(value) else {
      return [
        ValueProblem(
          .type, "“\(value.clipped)” is not \(primitive.article) \(primitive.rawValue).")
      ]
    }
    var problems: [ValueProblem] = []
    if let problem = enumerationProblem(value, use) { problems.append(problem) }
    if let (length, unit) = length(of: value), !sizes.allows(length) {
      problems.append(Self.length("“\(value.clipped)”", length, sizes, unit))
    }
    if let number = rangedNumber(value), !ranges.contains(where: { $0.contains(number) }) {
      problems.append(
        ValueProblem(.range, "\(value.clipped) is not \(ranges.map(\.words).joinedByOr)."))
    }
    if !patterns.isEmpty, enumerations.isEmpty, !patterns.contains(where: { $0.fits(value) }) {
      problems.append(
        ValueProblem(
          .pattern,
          "“\(value.clipped)” does not have the form \(patterns.map { "“\($0.clipped)”" }.joinedByOr)."
        ))
    }
    return problems
  }

  private func enumerationProblem(_ value: String, _ use: ValueUse) -> ValueProblem? {
    guard !enumerations.isEmpty else { return nil }
    // Some types have patterns beside the values that they name.
    if value.hasPrefix("X_") || patterns.contains(where: { $0.fits(value) }) { return nil }
    let allowed = enumerations.filter { use == .reported || $0.isWritable }
    guard !allowed.contains(where: { $0.value == value }) else { return nil }
    if let known = enumerations.first(where: { $0.value == value }) {
      return ValueProblem(.enumeration, "“\(known.value)” is only reported, never set.")
    }
    return ValueProblem(.enumeration, "“\(value.clipped)” is not \(Self.words(allowed)).")
  }

  private func rangedNumber(_ value: String) -> DecimalNumber? {
    ranges.isEmpty ? nil : DecimalNumber(value)
  }

  /// The length by which a value is measured: of a text in characters, of binary data in bytes as they are when decoded.
  private func length(of value: String) -> (Int, String)? {
    guard !sizes.isEmpty else { return nil }
    switch primitive {
    case .string: return (value.unicodeScalars.count, "characters")
    case .hexBinary: return (value.utf8.count / 2, "bytes")
    case .base64:
      let padding = value.utf8.suffix(2).count { $0 == UInt8(ascii: "=") }
      return (value.utf8.count / 4 * 3 - padding, "bytes")
    default: return nil
    }
  }

  private static func length(
    _ what: String, _ length: Int, _ sizes: [SizeRange], _ unit: String
  ) -> ValueProblem {
    ValueProblem(
      .length,
      "\(what.capitalizedFirst) has \(length) \(unit), not \(sizes.map(\.words).joinedByOr).")
  }

  private static func countProblems(_ count: Int, _ allowed: SizeRange) -> [ValueProblem] {
    guard ![allowed].allows(count) else { return [] }
    return [ValueProblem(.count, "The list has \(count) items, not \(allowed.words).")]
  }
}

extension PrimitiveType {
  fileprivate var article: String {
    self == .int || self == .unsignedInt || self == .unsignedLong ? "an" : "a"
  }
}

extension [SizeRange] {
  fileprivate func allows(_ length: Int) -> Bool {
    isEmpty || contains { length >= $0.least ?? 0 && length <= $0.most ?? .max }
  }
}

extension NumberRange {
  fileprivate func contains(_ number: DecimalNumber) -> Bool {
    let least = least.flatMap { DecimalNumber($0) }
    let most = most.flatMap { DecimalNumber($0) }
    if let least, number < least { return false }
    if let most, most < number { return false }
    guard let step = step.flatMap({ DecimalNumber($0) }), let start = least ?? most else {
      return true
    }
    return number.isReached(from: start, by: step)
  }
}

extension String {
  /// Whether a value fits it as a pattern; what can't be matched fits.
  fileprivate func fits(_ value: String) -> Bool {
    guard !isEmpty else { return value.isEmpty }
    return XMLPattern.matches(value, self) ?? true
  }

  fileprivate var clipped: String { count > 64 ? prefix(64) + "…" : self }

  fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
