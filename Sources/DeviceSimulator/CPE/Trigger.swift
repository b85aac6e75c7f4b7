/// Something that a device does of its own accord when a person wants it to.
package enum Trigger: Sendable, Equatable {
  /// Tells of a transfer that nobody asked for (TR-069 A.3.3.3).
  case autonomousTransfer
  /// Installs a deployment unit of its own accord (TR-069 A.4.2.4).
  case autonomousSoftware
  /// Asks for a file of that type (TR-069 A.4.2.1).
  case requestDownload(fileType: String)
  /// A user has gone to the kick URL (TR-069 A.4.2.2).
  case kicked
  /// Asks what methods the ACS has.
  case getRPCMethods
  /// A value becomes another one.
  case change(path: String, value: String)
  /// An event with that code, such as `X 012345 Alarm` or `14 HEARTBEAT`.
  case event(String)
  /// The power goes off and on.
  case powerCycle
  case factoryReset

  /// The words for people, in the order of ``init(_:)``.
  package static let forms = [
    "autonomous-transfer", "autonomous-software", "request-download[=FILETYPE]", "kicked",
    "get-rpc-methods", "change=PATH=VALUE", "event=CODE", "power-cycle", "factory-reset",
  ]

  package init(_ text: String) throws(SimulatorError) {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      .map(String.init)
    let argument = parts.count > 1 ? parts[1] : nil
    switch (parts[0], argument) {
    case ("autonomous-transfer", nil): self = .autonomousTransfer
    case ("autonomous-software", nil): self = .autonomousSoftware
    case ("request-download", let type):
      self = .requestDownload(fileType: type ?? "1 Firmware Upgrade Image")
    case ("kicked", nil): self = .kicked
    case ("get-rpc-methods", nil): self = .getRPCMethods
    case ("power-cycle", nil): self = .powerCycle
    case ("factory-reset", nil): self = .factoryReset
    case ("event", let code?) where (1...64).contains(code.count): self = .event(code)
    case ("change", let change?):
      guard let equals = change.firstIndex(of: "="), equals > change.startIndex else { fallthrough }
      self = .change(
        path: String(change[..<equals]), value: String(change[change.index(after: equals)...]))
    default:
      throw SimulatorError(
        .invalidOption,
        "\"\(text)\" cannot be triggered; there are: " + Self.forms.joined(separator: ", "))
    }
  }
}

/// A ``Trigger`` with its time: `kicked@30` is 30 seconds after each boot.
package struct TimedTrigger: Sendable, Equatable {
  package var trigger: Trigger
  /// The device's own seconds after a boot.
  package var after: Double

  package init(_ trigger: Trigger, after: Double) {
    self.trigger = trigger
    self.after = after
  }

  package init(_ text: String) throws(SimulatorError) {
    guard let at = text.lastIndex(of: "@"), let after = Double(text[text.index(after: at)...]),
      after >= 0, after <= 1e9
    else {
      throw SimulatorError(.invalidOption, "\"\(text)\": a trigger is WHAT@SECONDS")
    }
    self.init(try Trigger(String(text[..<at])), after: after)
  }
}
