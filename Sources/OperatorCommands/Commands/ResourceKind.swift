import ManagementTypes

/// A kind of resource that files declare: where the server takes it, and what people call it.
struct ResourceKind: Sendable {
  /// As it stands in a file.
  let name: String
  /// The first segment of its routes.
  let path: String
  let word: String

  static let rollout = ResourceKind(name: "FirmwareRollout", path: "rollouts", word: "rollout")
  static let switches = ResourceKind(name: "DeviceSwitches", path: "switches", word: "switches")

  private static let all = [rollout, switches]

  /// The kind of a name; for a name that is none the first, whose route explains best what is wrong with the document.
  static func of(_ name: String?) -> ResourceKind { all.first { $0.name == name } ?? rollout }
}

extension ResourceOutline {
  var resourceKind: ResourceKind { .of(kind) }
}

/// What came of applying a resource, of whatever kind.
struct AppliedResource: Codable, Sendable {
  var kind: String?
  var name: String
  /// `created`, `changed`, `unchanged`.
  var outcome: String
  /// How many devices it chose, where it chooses some at once.
  var targets: Int?
  var diagnostics: [Problem.Diagnostic]
}
