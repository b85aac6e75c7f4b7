import ArgumentParser
import Release
import ServerConfiguration

/// The server's command line.
@main
struct AcsdCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "acsd",
    abstract: "Fairlead, an auto-configuration server for TR-069 devices.",
    version: Release.version,
    subcommands: [ServeCommand.self, ConfigCommand.self],
    defaultSubcommand: ServeCommand.self)
}

/// `acsd config`: what is in force, and what can be set.
struct ConfigCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config", abstract: "Shows the configuration.",
    subcommands: [Show.self, Reference.self], defaultSubcommand: Show.self)

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Prints every setting with its value and where the value came from.")

    @OptionGroup(title: "Configuration") var flags: ConfigurationFlags

    func run() async throws {
      print(try loadConfiguration(flags).rendered(), terminator: "")
    }
  }

  struct Reference: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Prints the reference of all settings as Markdown.")

    func run() async throws {
      print(ConfigurationReference.markdown(), terminator: "")
    }
  }
}
