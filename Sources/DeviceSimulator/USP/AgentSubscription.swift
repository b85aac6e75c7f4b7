import DeviceModel
import USP

/// One row of LocalAgent.Subscription as the agent heeds it.
struct AgentSubscription: Sendable {
  enum Kind: String, Sendable {
    case valueChange = "ValueChange"
    case objectCreation = "ObjectCreation"
    case objectDeletion = "ObjectDeletion"
    case operationComplete = "OperationComplete"
    case event = "Event"
  }

  let row: String
  let id: String
  let kind: Kind
  let references: [(text: String, path: InstancePath)]
  let retries: Bool
  /// Seconds that a notification is worth delivering; 0: until the agent restarts.
  let expiration: Double
  let isPersistent: Bool
  let notifies: Bool
  /// `Param=Value`, what is set when it is triggered.
  let settings: [(path: String, value: String)]
  /// When it goes by itself, in seconds since 1970.
  let endsAt: Int64?

  static func isReferenceList(_ list: String) -> Bool {
    items(list).allSatisfy { (try? InstancePath($0, taking: .usp)) != nil }
  }

  static func items(_ list: String) -> [String] {
    list.split(separator: ",").map { item in
      var item = item.drop { $0 == " " }
      while item.last == " " { item = item.dropLast() }
      return String(item)
    }.filter { !$0.isEmpty }
  }

  /// Whether a path with instance numbers is one that it is about.
  func covers(_ path: InstancePath, _ text: String, in tree: AgentTree) -> Bool {
    references.contains { reference in
      guard reference.path.covers(path) else { return false }
      let isSearching = reference.path.parts.contains { part in
        switch part {
        case .search, .reference: true
        default: false
        }
      }
      guard isSearching else { return true }
      guard let places = try? tree.resolve(reference.path, reference.text).places else {
        return false
      }
      return places.contains { text.hasPrefix($0.path) }
    }
  }
}

/// A notification that has to be sent, or sent again.
struct PendingNotification: Sendable {
  let message: USPMsg
  let isRetried: Bool
  /// Kept over a restart.
  let survives: Bool
  let isOnBoardRequest: Bool
  var dueAt: Duration
  var attempts = 0
  let expiresAt: Duration?
}
