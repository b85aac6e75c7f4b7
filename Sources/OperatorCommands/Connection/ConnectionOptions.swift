import ArgumentParser
import Foundation

/// The flags that every command shares: which server, as whom.
struct ConnectionOptions: ParsableArguments {
  @Option(
    name: [.customShort("s"), .long],
    help: ArgumentHelp(
      "The server's management address. (FAIRLEAD_SERVER, default: \(ServerSettings.defaultServer))",
      valueName: "url"))
  var server: String?

  @Option(
    help: ArgumentHelp(
      "The token to present. Better in FAIRLEAD_TOKEN or a context: others on this machine can read flags.",
      valueName: "token"))
  var token: String?

  @Option(help: ArgumentHelp("The context to use. (FAIRLEAD_CONTEXT)", valueName: "name"))
  var context: String?

  @Option(
    help: ArgumentHelp(
      "A PEM file of the authorities to trust. (FAIRLEAD_CERTIFICATE_AUTHORITY)",
      valueName: "file"), completion: .file())
  var certificateAuthority: String?

  @Flag(help: ArgumentHelp("Do not check the server's certificate.", visibility: .hidden))
  var insecureSkipVerification = false

  func settings() throws -> ServerSettings {
    let environment = ProcessInfo.processInfo.environment
    var flags = ServerSettings.Flags()
    flags.server = server
    flags.token = token
    flags.context = context
    flags.certificateAuthority = certificateAuthority
    flags.skipsVerification = insecureSkipVerification
    let contexts = try ContextFile.load(path: ContextFile.path(environment: environment))
    return try ServerSettings(flags: flags, environment: environment, contexts: contexts) {
      try? String(contentsOfFile: $0, encoding: .utf8)
    }
  }

  func client() throws -> ManagementClient {
    let settings = try settings()
    if settings.exposesToken {
      Terminal.note("warning: the token travels unencrypted to \(settings.server); use https")
    }
    return ManagementClient(settings: settings)
  }
}
