import ArgumentParser
import Release

/// `cpesim`: simulated CPEs for trying, testing and load.
@main
struct CpesimCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cpesim",
    abstract: "Simulates devices that an ACS manages by CWMP (TR-069) or USP (TR-369).",
    version: Release.version,
    subcommands: [
      RunCommand.self, BenchCommand.self, ImageCommand.self, ModelCommand.self,
      QuirksCommand.self, USPCommand.self,
    ],
    defaultSubcommand: RunCommand.self)
}
