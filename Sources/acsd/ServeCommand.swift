import ArgumentParser
import Foundation
import Logging
import Postgres
import ServerConfiguration

/// `acsd serve`: runs the server until it is told to stop.
struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Runs the server (the default).")

  @OptionGroup(title: "Configuration") var flags: ConfigurationFlags

  func run() async throws {
    let configuration = try loadConfiguration(flags)
    LogOutput.install(configuration.settings.log)
    MetricsCollector.install()
    let logger = Logger(label: "acsd")
    for warning in configuration.warnings { logger.warning("\(warning)") }
    var settings = configuration.settings
    DescriptorLimit.fit(&settings, logger: logger)
    do {
      try await Server(settings, logger: logger).run()
    } catch {
      // One line a person can act on; the process says by its status that it failed.
      FileHandle.standardError.write(Data("acsd: \(error)\n".utf8))
      throw ExitCode(1)
    }
  }
}

/// Loads the configuration or ends with all its problems and the status EX_CONFIG.
func loadConfiguration(_ flags: ConfigurationFlags) throws -> EffectiveConfiguration {
  do {
    return try EffectiveConfiguration.load(
      flags: flags, environment: ProcessInfo.processInfo.environment)
  } catch {
    FileHandle.standardError.write(Data("\(error)\n".utf8))
    throw ExitCode(78)
  }
}
