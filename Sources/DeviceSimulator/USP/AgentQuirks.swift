/// How simulated agents depart from TR-369 1.4.1, or use what it leaves open.
package struct AgentQuirks: Sendable, Equatable {
  /// How an agent answers where versions of the standard and agents differ.
  package enum ErrorShapes: String, Sendable, CaseIterable {
    /// As the reference agent: what a message can't do as a whole is an Error.
    case reference
    /// As TR-369 1.4.1 asks: commands fail in OperateResp, updates of several objects in SetResp.
    case current
  }

  /// Announced by GetSupportedProtocolResp and OnBoardRequest; the last one stands in Records.
  package var versions = ["1.0", "1.1", "1.2", "1.3", "1.4"]
  package var errorShapes = ErrorShapes.reference
  /// Does not tell of itself; the controller has to ask.
  package var sendsNoOnBoardRequest = false
  /// Sends each notification twice with the same message ID.
  package var repeatsNotifications = false
  /// At a reboot the link is left behind, open and silent, and a new one is made.
  package var vanishes = false
  /// Subscriptions are gone after a reboot, persistent ones too.
  package var forgetsSubscriptions = false
  /// Answers that are larger end in error 7005; bytes of a message.
  package var maximumMessageSize: Int?
  /// `req_obj_path` ends in a dot.
  package var dotsRequestPath = false
  /// Boot! has neither Cause nor FirmwareUpdated, as before TR-181 2.12 had them.
  package var bootsWithoutCause = false
  /// No OperationComplete for an activated image.
  package var hidesActivation = false
  /// No TransferComplete!.
  package var hidesTransfers = false
  /// Percent of requests that are never answered.
  package var ignoredRequests = 0.0
  /// Sends NotifyResp-awaiting notifications without the subscription's ID.
  package var losesSubscriptionID = false

  package init() {}

  /// The version that stands in Records.
  var version: String { versions.last ?? "1.4" }

  /// Whether the agent's version is 1.so-much or a later one.
  func isAtLeast(minor: Int) -> Bool {
    let numbers = version.split(separator: ".").compactMap { Int($0) }
    guard numbers.count == 2 else { return true }
    return numbers[0] > 1 || numbers[1] >= minor
  }

  /// The forms that ``insert(_:)`` takes, with what they do.
  package static let forms: [(form: String, meaning: String)] = [
    ("versions=1.0,1.1,1.2", "announces these protocol versions, and is of the last one"),
    ("errors=reference|current", "error shapes of the reference agent, or of TR-369 1.4.1"),
    ("no-on-board-request", "does not tell of itself at first contact"),
    ("repeated-notifications", "each notification comes twice with the same message ID"),
    ("vanishing-link", "a reboot leaves the link open and silent, and a new one is made"),
    ("forgotten-subscriptions", "subscriptions are gone after a reboot, persistent ones too"),
    ("message-limit=BYTES", "larger answers end in error 7005"),
    ("dotted-request-path", "req_obj_path of an asynchronous command ends in a dot"),
    ("bare-boot", "Boot! has neither Cause nor FirmwareUpdated"),
    ("silent-activation", "no OperationComplete for FirmwareImage.{i}.Activate()"),
    ("silent-transfers", "no TransferComplete!"),
    ("ignored-requests=PERCENT", "so many requests are never answered"),
    ("nameless-notifications", "notifications come without subscription_id"),
  ]

  /// Takes one quirk as a person writes it.
  package mutating func insert(_ text: String) throws(SimulatorError) {
    let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
    let name = parts.first ?? ""
    let value = parts.count > 1 ? parts[1] : nil
    func problem(_ message: String) -> SimulatorError {
      SimulatorError(.invalidOption, "quirk \(text): \(message)")
    }
    if value == nil, let flag = Self.flags[name] {
      self[keyPath: flag] = true
      return
    }
    switch (name, value) {
    case ("versions", let value?):
      let versions = value.split(separator: ",").map(String.init)
      guard !versions.isEmpty, versions.allSatisfy(Self.isVersion) else {
        throw problem("versions are such as 1.0,1.1,1.2")
      }
      self.versions = versions
    case ("errors", let value?):
      guard let shapes = ErrorShapes(rawValue: value) else {
        throw problem("errors is reference or current")
      }
      errorShapes = shapes
    case ("message-limit", let value?):
      guard let size = Int(value), (64...(1 << 30)).contains(size) else {
        throw problem("message-limit is a number of bytes from 64 on")
      }
      maximumMessageSize = size
    case ("ignored-requests", let value?):
      guard let percent = Double(value), (0...100).contains(percent) else {
        throw problem("ignored-requests is a number from 0 to 100")
      }
      ignoredRequests = percent
    default:
      throw problem("there are: " + Self.forms.map(\.form).joined(separator: ", "))
    }
  }

  private static var flags: [String: WritableKeyPath<AgentQuirks, Bool>] {
    [
      "no-on-board-request": \.sendsNoOnBoardRequest,
      "repeated-notifications": \.repeatsNotifications, "vanishing-link": \.vanishes,
      "forgotten-subscriptions": \.forgetsSubscriptions,
      "dotted-request-path": \.dotsRequestPath, "bare-boot": \.bootsWithoutCause,
      "silent-activation": \.hidesActivation, "silent-transfers": \.hidesTransfers,
      "nameless-notifications": \.losesSubscriptionID,
    ]
  }

  private static func isVersion(_ text: String) -> Bool {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 2 && parts.allSatisfy { UInt8($0) != nil }
  }
}
