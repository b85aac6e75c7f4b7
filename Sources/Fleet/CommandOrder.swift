/// A command of the device's data model, and its arguments (TR-369 R-OPR; other protocols have few or none).
package struct CommandOrder: Sendable, Equatable {
  /// With the object that it belongs to, for example `Device.WiFi.Reset()`.
  package var command: String
  /// By their names, those within objects with dots, for example `TimeWindow.1.Start`.
  package var arguments: [String: String]

  package init(command: String, arguments: [String: String] = [:]) {
    self.command = command
    self.arguments = arguments
  }

  /// Without its object, for example `Reset()`.
  package var name: Substring { command.split(separator: ".").last ?? "" }

  /// Whether the device restarts to carry it out.
  package var restarts: Bool { ["Reboot()", "FactoryReset()", "Activate()"].contains(name) }

  /// Whether it would break an upgrade that is under way.
  package var isDisruptive: Bool { restarts || name == "Download()" }
}

/// A device's report that a command has ended which goes on after it was accepted.
package struct CommandReport: Sendable, Equatable {
  /// The key of the order that started the command.
  package var commandKey: String
  /// With the object that it belongs to.
  package var command: String
  /// What the command brought, by the names of its output arguments; nil where it failed, and where nobody knows.
  package var outputs: [String: String]?
  package var fault: OperationFault?

  package init(
    commandKey: String, command: String, outputs: [String: String]? = nil,
    fault: OperationFault? = nil
  ) {
    self.commandKey = commandKey
    self.command = command
    self.outputs = outputs
    self.fault = fault
  }

  /// The outputs as values below the command's path, sorted.
  package var values: [ResultValue] { Self.values(of: command, outputs ?? [:]) }

  /// - Returns: for example `Device.SelfTest().Output.Status`.
  package static func values(of command: String, _ outputs: [String: String]) -> [ResultValue] {
    outputs.sorted { $0.key < $1.key }.map {
      ResultValue(path: "\(command).Output.\($0.key)", value: $0.value, type: .string)
    }
  }
}
