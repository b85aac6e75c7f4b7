import ArgumentParser
import ManagementTypes

struct Software: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Installs, updates and removes software modules on devices.",
    discussion: """
      Modules are named by their UUID, which “acsctl get parameters NAME Device.SoftwareModules.” shows.

        acsctl software install NAME --file 3f2a9c
        acsctl software update NAME --uuid UUID --file 8be01d
        acsctl software uninstall NAME --uuid UUID
      """,
    subcommands: [SoftwareInstall.self, SoftwareUpdate.self, SoftwareUninstall.self])

  /// Devices may take a day; most are done in minutes.
  static let patience: Double = 1800

  /// An order of one change.
  static func order(_ action: String, _ members: [String: JSONValue?]) -> TaskOrder {
    var change = members.compactMapValues { $0 }
    change["action"] = .string(action)
    return TaskOrder(kind: "changeSoftware", ["changes": [.object(change)]])
  }
}

/// Where a device gets a software module.
struct SoftwareSourceOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The SHA-256 of a stored file, or its first digits (6 or more).", valueName: "sha256"))
  var file: String?

  @OptionGroup var remote: RemoteFileOptions

  func validate() throws {
    guard file == nil || remote.url == nil else {
      throw ValidationError("give --file or --url, not both")
    }
  }

  var isThere: Bool { file != nil || remote.url != nil }

  func completed(_ order: TaskOrder, by client: ManagementClient) async throws -> TaskOrder {
    guard case .object(var change)? = order["changes"]?.elements.first else { return order }
    change.merge(remote.arguments) { $1 }
    change["password"] = try remote.password()
    if let file {
      change["file"] = .string(try await StoredFile.find(file, client: client).sha256)
    }
    return TaskOrder(kind: order.kind, ["changes": [.object(change)]])
  }
}

struct SoftwareInstall: OrderCommand {
  static let configuration = CommandConfiguration(
    commandName: "install", abstract: "Installs a software module.",
    usage:
      "acsctl software install NAME --file SHA256\nacsctl software install NAME --url URL [--username USERNAME --password-file FILE]"
  )

  @Argument(help: "The device's name (without --selector).")
  var words: [String] = []

  @OptionGroup var source: SoftwareSourceOptions

  @Option(help: ArgumentHelp("The module's UUID; else the device makes one.", valueName: "uuid"))
  var uuid: String?

  @Option(
    help: ArgumentHelp(
      "The path of an execution environment; else the device chooses.", valueName: "path"))
  var environment: String?

  @OptionGroup var options: OrderOptions

  var patience: Double { Software.patience }

  func order() throws(ValidationError) -> (TaskOrder, TargetArguments.Target) {
    let target = try options.onlyTarget(words)
    guard source.isThere else { throw ValidationError("no module given: write --file or --url") }
    return (
      Software.order(
        "install",
        ["uuid": uuid.map { .string($0) }, "environment": environment.map { .string($0) }]), target
    )
  }

  func completed(_ order: TaskOrder, by client: ManagementClient) async throws -> TaskOrder {
    try await source.completed(order, by: client)
  }
}

struct SoftwareUpdate: OrderCommand {
  static let configuration = CommandConfiguration(
    commandName: "update", abstract: "Updates a software module, or all of them.",
    usage: "acsctl software update NAME [--uuid UUID] [--file SHA256 | --url URL]",
    discussion: "Without a UUID, file or address the device updates all modules by itself.")

  @Argument(help: "The device's name (without --selector).")
  var words: [String] = []

  @OptionGroup var source: SoftwareSourceOptions

  @Option(help: ArgumentHelp("The module.", valueName: "uuid"))
  var uuid: String?

  @Option(help: ArgumentHelp("Which version of it is updated.", valueName: "version"))
  var version: String?

  @OptionGroup var options: OrderOptions

  var patience: Double { Software.patience }

  func order() throws(ValidationError) -> (TaskOrder, TargetArguments.Target) {
    (
      Software.order(
        "update", ["uuid": uuid.map { .string($0) }, "version": version.map { .string($0) }]),
      try options.onlyTarget(words)
    )
  }

  func completed(_ order: TaskOrder, by client: ManagementClient) async throws -> TaskOrder {
    try await source.completed(order, by: client)
  }
}

struct SoftwareUninstall: OrderCommand {
  static let configuration = CommandConfiguration(
    commandName: "uninstall", abstract: "Removes a software module.",
    usage: "acsctl software uninstall NAME --uuid UUID [--version VERSION]")

  @Argument(help: "The device's name (without --selector).")
  var words: [String] = []

  @Option(help: ArgumentHelp("The module.", valueName: "uuid"))
  var uuid: String

  @Option(help: ArgumentHelp("Only this version; else every one.", valueName: "version"))
  var version: String?

  @Option(
    help: ArgumentHelp("Only in this execution environment; else in all.", valueName: "path"))
  var environment: String?

  @OptionGroup var options: OrderOptions

  var patience: Double { Software.patience }
  var question: String? { "Remove the software module \(uuid):" }

  func order() throws(ValidationError) -> (TaskOrder, TargetArguments.Target) {
    (
      Software.order(
        "uninstall",
        [
          "uuid": .string(uuid), "version": version.map { .string($0) },
          "environment": environment.map { .string($0) },
        ]), try options.onlyTarget(words)
    )
  }
}
