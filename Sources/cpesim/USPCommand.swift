import ArgumentParser
import DeviceSimulator

/// `cpesim usp`: simulated agents of TR-369.
struct USPCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "usp",
    abstract: "Simulates agents that a USP Controller manages (TR-369).",
    subcommands: [
      USPRunCommand.self, USPBenchCommand.self, USPQuirksCommand.self, USPModelCommand.self,
    ],
    defaultSubcommand: USPRunCommand.self)
}

/// `cpesim usp quirks`: what `--quirk` takes.
struct USPQuirksCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quirks", abstract: "Lists the quirks that agents can have.")

  func run() {
    let width = AgentQuirks.forms.map(\.form.count).max() ?? 0
    for (form, meaning) in AgentQuirks.forms {
      print(form + String(repeating: " ", count: width - form.count + 2) + meaning)
    }
  }
}

/// `cpesim usp model`: the supported data model of the agents.
struct USPModelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "model", abstract: "Lists the supported data model of the agents.")

  @Option(name: .long, help: "tr181 or a YAML file with a model of your own.")
  var model = "tr181"

  func run() throws {
    for path in try AgentModel(device: ModelChoice.models(model, .complete)[0]).paths {
      print(path)
    }
  }
}
