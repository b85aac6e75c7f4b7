import ArgumentParser
import Foundation

/// `acsctl config …`: the operator's list of servers.
struct Config: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Keeps servers and tokens as contexts.",
    subcommands: [GetContexts.self, UseContext.self, SetContext.self, DeleteContext.self])

  static var path: String {
    ContextFile.path(environment: ProcessInfo.processInfo.environment)
  }
}

struct GetContexts: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "get-contexts", abstract: "Lists the contexts.")

  @OptionGroup var output: OutputOptions

  private struct Item: Encodable {
    var name: String
    var server: String
    var isCurrent: Bool
    var hasToken: Bool
  }

  func run() throws {
    let file = try ContextFile.load(path: Config.path)
    let items = file.contexts.map {
      Item(
        name: $0.name, server: $0.server, isCurrent: $0.name == file.currentContext,
        hasToken: $0.token != nil)
    }
    try output.show(
      items,
      table: {
        var table = TextTable("CURRENT", "NAME", "SERVER", "TOKEN")
        for item in items {
          table.add(
            item.isCurrent ? "*" : "", item.name, item.server, item.hasToken ? "yes" : "no")
        }
        return table
      }, name: \.name)
  }
}

struct UseContext: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "use-context", abstract: "Makes a context the one that is used.")

  @Argument(help: ArgumentHelp("The context.", valueName: "name"))
  var contextName: String

  func run() throws {
    var file = try ContextFile.load(path: Config.path)
    guard file.context(named: contextName) != nil else {
      throw CommandFailure(
        .notFound, DisplayText.escaped("there is no context “\(contextName)”"))
    }
    file.currentContext = contextName
    try file.save(path: Config.path)
  }
}

struct SetContext: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "set-context",
    abstract: "Adds a context or changes the one of this name; the first one is used at once.")

  @Argument(help: ArgumentHelp("The context.", valueName: "name"))
  var contextName: String

  @Option(name: [.customShort("s"), .long], help: ArgumentHelp("The server.", valueName: "url"))
  var server: String?

  @Option(help: ArgumentHelp("The token.", valueName: "token"))
  var token: String?

  @Flag(help: "Read the token from the first line of standard input.")
  var tokenStdin = false

  @Option(
    help: ArgumentHelp("A PEM file of the authorities to trust.", valueName: "file"),
    completion: .file())
  var certificateAuthority: String?

  func run() throws {
    var file = try ContextFile.load(path: Config.path)
    let old = file.context(named: contextName)
    guard let chosen = server ?? old?.server else {
      throw CommandFailure(
        .usage,
        DisplayText.escaped(
          "there is no context “\(contextName)” yet; a new one needs a server: acsctl config set-context \(contextName) --server URL"
        ))
    }
    var context = ContextFile.Context(
      name: contextName, server: chosen,
      // A token is good for the server it was given for and for no other.
      token: token ?? (chosen == old?.server ? old?.token : nil),
      certificateAuthority: certificateAuthority ?? old?.certificateAuthority)
    if tokenStdin {
      guard let line = readLine(), !line.isEmpty else {
        throw CommandFailure(.usage, "standard input has no token")
      }
      context.token = line
    }
    // Refuses what could not be used later.
    var flags = ServerSettings.Flags()
    flags.server = context.server
    flags.token = context.token
    _ = try ServerSettings(flags: flags, environment: [:], contexts: ContextFile()) { _ in nil }
    file.set(context)
    if file.currentContext == nil { file.currentContext = contextName }
    try file.save(path: Config.path)
  }
}

struct DeleteContext: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "delete-context", abstract: "Removes a context.")

  @Argument(help: ArgumentHelp("The context.", valueName: "name"))
  var contextName: String

  func run() throws {
    var file = try ContextFile.load(path: Config.path)
    guard file.context(named: contextName) != nil else {
      throw CommandFailure(
        .notFound, DisplayText.escaped("there is no context “\(contextName)”"))
    }
    file.contexts.removeAll { $0.name == contextName }
    if file.currentContext == contextName { file.currentContext = nil }
    try file.save(path: Config.path)
  }
}
