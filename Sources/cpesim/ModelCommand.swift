import ArgumentParser
import DeviceSimulator

/// `cpesim model`: checks a model and lists its paths.
struct ModelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "model",
    abstract: "Checks a device model and lists the paths of its tree.")

  @Argument(help: "tr181, tr098 or a YAML file.")
  var model: String

  @Flag(name: .long, help: "Only what `cpesim bench` uses: no diagnostics and software modules.")
  var basic = false

  func run() throws {
    for model in try ModelChoice.models(model, basic ? .basic : .complete) {
      for path in model.paths { print(path) }
    }
  }
}
