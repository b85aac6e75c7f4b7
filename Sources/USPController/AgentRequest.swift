import Fleet
import USP

/// A row of Device.LocalAgent.Request: a command that the agent is at, or one that has ended while the row is still there
/// (TR-181 2.19). Agents delete such rows when they like, most as soon as the command has ended.
struct AgentRequest: Equatable {
  enum Status: String {
    case requested = "Requested"
    case active = "Active"
    case canceling = "Canceling"
    case canceled = "Canceled"
    case success = "Success"
    case error = "Error"

    var isEnd: Bool {
      switch self {
      case .canceled, .success, .error: true
      case .requested, .active, .canceling: false
      }
    }
  }

  /// With a dot at its end.
  var path: String
  /// With the object that it belongs to, for example `Device.SelfTest()`.
  var command = ""
  var commandKey = ""
  /// The endpoint ID of the controller that has ordered it; empty where the agent does not tell.
  var originator = ""
  /// Nil where the agent says what is not in the standard.
  var status: Status?

  static let table = "Device.LocalAgent.Request."
  /// The table's rows in a supported model.
  static let supportedPath = "Device.LocalAgent.Request.{i}."

  /// The object that the command belongs to, with a dot at its end; empty where there is none.
  var object: String { command.splitAtLastDot?.object ?? "" }

  /// The rows of the table, in the order of their paths.
  /// - Parameter values: by full path.
  static func all(in values: [String: String]) -> [AgentRequest] {
    var rows: [String: AgentRequest] = [:]
    for (path, value) in values where path.hasPrefix(table) {
      guard let (row, name) = path.splitAtLastDot, row != table else { continue }
      switch name {
      case "Command": rows[row, default: AgentRequest(path: row)].command = value
      case "CommandKey": rows[row, default: AgentRequest(path: row)].commandKey = value
      case "Originator": rows[row, default: AgentRequest(path: row)].originator = value
      case "Status": rows[row, default: AgentRequest(path: row)].status = Status(rawValue: value)
      default: break
      }
    }
    return rows.values.sorted { $0.path < $1.path }
  }
}

extension DeviceTask {
  /// Whether the task waits for the report that a command has ended which the agent was at after its answer.
  var awaitsEndOfCommand: Bool {
    state == .waiting && [.command, .transfer, .software].contains(waitingFor)
  }

  /// The ended request that shows how the command has ended for which the task waits; nil where the rows don't tell.
  ///
  /// That there is no row says nothing. Where an order has begun more than one command, all must have ended in the same way. The
  /// start of loaded firmware has the key of the transfer, and is none.
  /// - Parameter controller: this controller's endpoint ID: others may use the same keys.
  func end(in requests: [AgentRequest], of controller: String) -> AgentRequest? {
    guard awaitsEndOfCommand else { return nil }
    let own = requests.filter {
      $0.commandKey == commandKey && ($0.originator.isEmpty || $0.originator == controller)
        && isAwaited($0.command)
    }
    // Those of changes that were made before may still stand there.
    guard changesMade.isEmpty || own.count > changesMade.count else { return nil }
    guard let first = own.first, let status = first.status, status.isEnd,
      own.allSatisfy({ $0.status == status })
    else { return nil }
    return first
  }

  private func isAwaited(_ command: String) -> Bool {
    guard let name = command.splitAtLastDot?.name else { return false }
    return switch waitingFor {
    case .command: true
    case .transfer: AgentRequest.transfers.contains(name)
    case .software: AgentRequest.softwareChanges.contains(name)
    default: false
    }
  }
}

extension AgentRequest {
  /// Commands that move a file.
  static let transfers: Set = ["Download()", "Upload()", "Backup()", "Restore()"]
  /// Commands that change software modules.
  static let softwareChanges: Set = ["InstallDU()", "Update()", "Uninstall()"]

  /// What the row says against the task that has ordered the command; nil: nothing.
  var fault: OperationFault? {
    let code: USPErrorCode
    let text: String
    switch status {
    case .error:
      (code, text) = (.commandFailure, "has ended in an error; the report of its cause was lost.")
    case .canceled: (code, text) = (.commandCanceled, "was canceled.")
    case .requested, .active, .canceling, .success, nil: return nil
    }
    var fault = OperationFault(
      uspCode: code.rawValue, text: "The agent's table of requests says that \(command) \(text)")
    if let name = command.splitAtLastDot?.name, Self.transfers.contains(name) { fault.mayPass() }
    return fault
  }
}
