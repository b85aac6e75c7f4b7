/// An asynchronous command that is under way: one row of LocalAgent.Request.
struct RunningRequest: Sendable, Equatable {
  enum Stage: Sendable, Equatable {
    case waiting(until: Duration)
    /// A file is on its way.
    case moving
    /// The image is being written; it came with that checksum.
    case flashing(until: Duration, FirmwareImage)
  }

  /// Of LocalAgent.Request, with a dot at its end.
  let row: String
  let command: AgentCommand
  /// What it is about, with a dot at its end.
  let object: String
  let commandKey: String
  let arguments: [String: String]
  /// Seconds since 1970.
  let startedAt: Int64
  var stage: Stage

  var dueAt: Duration? {
    switch stage {
    case .waiting(let until), .flashing(let until, _): until
    case .moving: nil
    }
  }

  func argument(_ name: String) -> String { arguments[name] ?? "" }

  static func == (one: RunningRequest, other: RunningRequest) -> Bool {
    one.row == other.row && one.stage == other.stage
  }
}
