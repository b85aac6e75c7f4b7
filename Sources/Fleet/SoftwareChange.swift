/// A change of one software module (deployment unit) of a device.
package enum SoftwareChange: Sendable, Equatable {
  /// - Parameter environment: the path of an execution environment; empty lets the device choose.
  case install(SoftwareSource, uuid: String, environment: String)
  /// By UUID, by source, by both, or with neither all modules.
  case update(uuid: String, version: String, SoftwareSource?)
  /// - Parameter version: empty for every version.
  case uninstall(uuid: String, version: String, environment: String)
}

/// Where a device gets a software module.
package enum SoftwareSource: Sendable, Equatable {
  /// SHA-256 of a stored file, 64 lower-case hexadecimal digits.
  case stored(file: String)
  case remote(RemoteFile)
}

/// What became of one software module.
package struct SoftwareResult: Sendable, Equatable, Codable {
  package var uuid: String
  package var version: String
  /// `Installed`, `Uninstalled` or `Failed`; other words are kept.
  package var state: String
  /// The path of the module's row in the device's tree; may be empty.
  package var path: String
  /// Nil where the device did not tell.
  package var isResolved: Bool?
  package var executionUnits: [String]
  package var fault: OperationFault?

  package init(
    uuid: String, version: String, state: String, path: String = "", isResolved: Bool? = nil,
    executionUnits: [String] = [], fault: OperationFault? = nil
  ) {
    self.uuid = uuid
    self.version = version
    self.state = state
    self.path = path
    self.isResolved = isResolved
    self.executionUnits = executionUnits
    self.fault = fault
  }
}

/// A device's report that changes of its software have ended.
package struct SoftwareReport: Sendable, Equatable {
  /// The key of the order that they carry out; empty from devices that forget it.
  package var commandKey: String
  /// In the order of the changes that were ordered.
  package var results: [SoftwareResult]
  /// Whether it is about all changes of the order; otherwise it is about the one that is under way.
  package var isWhole: Bool

  package init(commandKey: String, results: [SoftwareResult], isWhole: Bool = true) {
    self.commandKey = commandKey
    self.results = results
    self.isWhole = isWhole
  }
}

extension SoftwareChange {
  /// Whether a result may be that of this change: it names no other module.
  func mayHave(_ result: SoftwareResult) -> Bool {
    let ordered =
      switch self {
      case .install(_, let uuid, _), .update(let uuid, _, _), .uninstall(let uuid, _, _): uuid
      }
    guard ordered.isEmpty || result.uuid.isEmpty || ordered == result.uuid else { return false }
    let isRemoval = if case .uninstall = self { true } else { false }
    return switch result.state {
    case "Installed": !isRemoval
    case "Uninstalled": isRemoval
    default: true
    }
  }

  /// The result of a change of which the device says no more than that it has ended.
  var plainResult: SoftwareResult {
    switch self {
    case .install(_, let uuid, _): SoftwareResult(uuid: uuid, version: "", state: "Installed")
    case .update(let uuid, _, _): SoftwareResult(uuid: uuid, version: "", state: "Installed")
    case .uninstall(let uuid, let version, _):
      SoftwareResult(uuid: uuid, version: version, state: "Uninstalled")
    }
  }
}
