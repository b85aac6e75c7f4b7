import ArgumentParser
import ManagementTypes

struct Whoami: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Shows who the server takes you for.")

  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  func run() async throws {
    let answer: WhoAmI = try await connection.client().get(["whoami"])
    try output.show(answer, name: answer.name) {
      [DisplayText.escaped("\(answer.name) (\(answer.role.rawValue))")]
    }
  }
}

struct Version: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Shows the server's version.")

  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  func run() async throws {
    let answer: ServerVersion = try await connection.client().get(["version"])
    try output.show(answer, name: answer.version) {
      [DisplayText.escaped("\(answer.product) \(answer.version) (API \(answer.api))")]
    }
  }
}

struct Status: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Shows how the server and the fleet are.")

  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  func run() async throws {
    let answer: ServerStatus = try await connection.client().get(["status"])
    try output.show(answer, name: answer.version) {
      var text = Description()
      text.add("Version", answer.version)
      text.add("Up for", AgeText.length(Double(answer.uptime)))
      text.add("Database", answer.database.state)
      if let fleet = answer.fleet {
        text.add("Devices", "\(fleet.devices), \(fleet.devicesSeenToday) seen within a day")
        text.add("Open tasks", String(fleet.openTasks))
        text.add("Rollouts", "\(fleet.runningRollouts) running, \(fleet.pausedRollouts) paused")
        text.add("Files", String(fleet.files))
      }
      return text.lines
    }
  }
}
