import ManagementTypes

/// When a device may do a transfer, as written on the command line: `START-END` or `START-END:MODE`.
package struct WindowArgument: Sendable, Equatable {
  package static let modes = ["anyTime", "immediately", "whenIdle", "confirmationNeeded"]

  /// Seconds after the order.
  package let start: Int
  package let end: Int
  /// Nil: the server's default.
  package let mode: String?

  package init?(_ text: String) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let times = parts[0].split(separator: "-", omittingEmptySubsequences: false)
      .map { DurationArgument(String($0)) }
    guard times.count == 2, let start = times[0], let end = times[1] else { return nil }
    self.start = Int(start.seconds)
    self.end = Int(end.seconds)
    guard self.start < self.end else { return nil }
    guard parts.count == 2 else {
      mode = nil
      return
    }
    guard let mode = Self.modes.first(where: { $0.lowercased() == parts[1].lowercased() }) else {
      return nil
    }
    self.mode = mode
  }

  /// The window as the API takes it.
  package var json: JSONValue {
    var window: [String: JSONValue] = [
      "start": .integer(Int64(start)), "end": .integer(Int64(end)),
    ]
    window["mode"] = mode.map { .string($0) }
    return .object(window)
  }
}
