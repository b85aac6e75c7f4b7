import DeviceModel

/// How many devices may fail in a rollout before it is paused.
package enum FailureLimit: Sendable, Equatable {
  case count(Int)
  /// A share of all targets, in hundredths of a percent: 0...10000.
  case share(hundredths: Int)

  /// Written as `5` or as `2.5%`, with at most two digits after the point; nil for anything else.
  package init?(_ text: String) {
    guard text.utf8.count <= 16 else { return nil }
    guard text.hasSuffix("%") else {
      guard text.utf8.allSatisfy(\.isASCIIDigit), let count = Int(text) else { return nil }
      self = .count(count)
      return
    }
    let parts = text.dropLast().split(separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count),
      parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(\.isASCIIDigit) }),
      let whole = Int(parts[0]), whole <= 100
    else { return nil }
    let fraction = parts.count == 2 ? parts[1] : "0"
    guard fraction.utf8.count <= 2, let digits = Int(fraction) else { return nil }
    let hundredths = whole * 100 + (fraction.utf8.count == 1 ? digits * 10 : digits)
    guard hundredths <= 10_000 else { return nil }
    self = .share(hundredths: hundredths)
  }

  /// The number of failures that are borne among so many targets. A share that is not zero bears at least one.
  package func allowed(of targets: Int) -> Int {
    switch self {
    case .count(let count): count
    case .share(0): 0
    case .share(let hundredths): max(1, targets * hundredths / 10_000)
    }
  }
}

extension FailureLimit: CustomStringConvertible {
  package var description: String {
    switch self {
    case .count(let count): return "\(count)"
    case .share(let hundredths):
      let (whole, rest) = hundredths.quotientAndRemainder(dividingBy: 100)
      if rest == 0 { return "\(whole)%" }
      return rest.isMultiple(of: 10)
        ? "\(whole).\(rest / 10)%" : "\(whole).\(rest / 10)\(rest % 10)%"
    }
  }
}

extension FailureLimit: Codable {
  /// A number, or a text such as `5%`.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text: String
    do {
      text = String(try container.decode(Int.self))
    } catch DecodingError.typeMismatch {
      text = try container.decode(String.self)
    }
    guard let limit = FailureLimit(text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "neither a number nor a percentage")
    }
    self = limit
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .count(let count): try container.encode(count)
    case .share: try container.encode(description)
    }
  }
}
