/// How a device shall report changes of a parameter, and who besides this server may write it; nil leaves that as it is.
package struct AttributeChange: Sendable, Equatable {
  /// A parameter, or an object for all parameters below it.
  package var path: String
  package var notification: Notification?
  /// For example `Subscriber`; empty: nobody else.
  package var accessList: [String]?

  package init(path: String, notification: Notification? = nil, accessList: [String]? = nil) {
    self.path = path
    self.notification = notification
    self.accessList = accessList
  }
}

/// How a device reports changes of a parameter (TR-069 A.3.2.4).
package enum Notification: UInt8, Sendable, CaseIterable {
  case off = 0
  /// With its next call.
  case passive = 1
  /// By a call of its own.
  case active = 2
  case passiveLightweight = 3
  case passiveAndLightweight = 4
  case activeLightweight = 5
  case passiveAndActiveLightweight = 6
}

extension Notification: Codable {
  package var word: String {
    switch self {
    case .off: "off"
    case .passive: "passive"
    case .active: "active"
    case .passiveLightweight: "passiveLightweight"
    case .passiveAndLightweight: "passiveAndLightweight"
    case .activeLightweight: "activeLightweight"
    case .passiveAndActiveLightweight: "passiveAndActiveLightweight"
    }
  }

  package init?(word: String) {
    guard let known = Self.allCases.first(where: { $0.word == word }) else { return nil }
    self = known
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let known = Self(word: try container.decode(String.self)) else {
      throw UnknownWord(path: container.codingPath, known: Self.allCases.map(\.word))
    }
    self = known
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(word)
  }
}

/// How a device reports changes of a parameter, as it says.
package struct ReportedAttributes: Sendable, Equatable, Codable {
  package var path: String
  /// 0 to 6 (``Notification``); other numbers are kept.
  package var notification: Int
  package var accessList: [String]

  package init(path: String, notification: Int, accessList: [String]) {
    self.path = path
    self.notification = notification
    self.accessList = accessList
  }
}
