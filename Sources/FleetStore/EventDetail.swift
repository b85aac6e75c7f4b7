/// What an event tells: a JSON value.
package enum EventDetail: Sendable, Equatable {
  case text(String)
  case number(Int64)
  case flag(Bool)
  case list([EventDetail])
  case object([String: EventDetail])

  /// The most bytes that the texts of one event may take, about; a device can tell more in one message.
  static let maxSize = 32 << 10
  /// Bytes of one text.
  static let maxTextSize = 4 << 10

  /// The value without what is beyond the limits, and whether that was all.
  func bounded() -> (detail: EventDetail, isWhole: Bool) {
    var budget = Self.maxSize
    var isWhole = true
    return (bounded(&budget, &isWhole), isWhole)
  }

  private func bounded(_ budget: inout Int, _ isWhole: inout Bool) -> EventDetail {
    // Each value takes some bytes besides its text.
    budget -= 8
    switch self {
    case .text(let text):
      let limit = max(0, min(budget, Self.maxTextSize))
      budget -= text.utf8.count
      guard text.utf8.count > limit else { return self }
      isWhole = false
      return .text(String(decoding: text.utf8.prefix(limit), as: UTF8.self))
    case .number, .flag: return self
    case .list(let elements):
      var kept: [EventDetail] = []
      for element in elements {
        guard budget > 0 else {
          isWhole = false
          break
        }
        kept.append(element.bounded(&budget, &isWhole))
      }
      return .list(kept)
    case .object(let members):
      var kept: [String: EventDetail] = [:]
      for (name, member) in members.sorted(by: { $0.key < $1.key }) {
        kept[name] = member.bounded(&budget, &isWhole)
      }
      return .object(kept)
    }
  }
}

extension EventDetail: Encodable {
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .text(let text): try container.encode(text)
    case .number(let number): try container.encode(number)
    case .flag(let flag): try container.encode(flag)
    case .list(let elements): try container.encode(elements)
    case .object(let members): try container.encode(members)
    }
  }
}
