import ArgumentParser
import ManagementTypes

/// `acsctl delete …`: what is removed by hand.
struct Delete: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Removes things from the server, or an object from a device.",
    subcommands: [
      DeleteDevice.self, DeleteFile.self, DeleteRollout.self, DeleteSwitches.self,
      DeleteToken.self, DeleteCredential.self, DeleteTask.self, DeleteObject.self,
    ])
}

/// What commands share that remove things from the server by name.
struct RemovalOptions: ParsableArguments {
  @Argument(help: "What to remove.")
  var names: [String]

  @Flag(name: [.customShort("y"), .long], help: "Do not ask whether it is meant.")
  var yes = false

  @OptionGroup var connection: ConnectionOptions

  func remove(
    _ word: String, resolve: (String, ManagementClient) async throws -> [String]
  ) async throws {
    let client = try connection.client()
    if !yes {
      try Terminal.confirm(
        "Remove \(word) \(names.map(DisplayText.escaped).joined(separator: ", "))?")
    }
    for name in names {
      try await client.delete(try await resolve(name, client))
      Terminal.write(DisplayText.escaped("\(word)/\(name): removed"))
    }
  }

  func remove(_ kind: ResourceKind) async throws {
    try await remove(kind.word) { name, _ in [kind.path, name] }
  }
}

struct DeleteDevice: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "device", abstract: "Forgets devices with their tasks and events.",
    usage: "acsctl delete device NAME ... [--yes]")
  @OptionGroup var options: RemovalOptions
  func run() async throws {
    try await options.remove("device") { name, _ in ["devices", name] }
  }
}

struct DeleteFile: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "file", abstract: "Removes stored files, named by their SHA-256.",
    usage: "acsctl delete file SHA256 ... [--yes]")
  @OptionGroup var options: RemovalOptions
  func run() async throws {
    try await options.remove("file") { name, client in
      ["files", try await StoredFile.find(name, client: client).sha256]
    }
  }
}

struct DeleteRollout: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollout", abstract: "Forgets rollouts that have ended.",
    usage: "acsctl delete rollout NAME ... [--yes]")
  @OptionGroup var options: RemovalOptions
  func run() async throws { try await options.remove(.rollout) }
}

struct DeleteSwitches: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "switches", abstract: "Removes documents of switches.",
    usage: "acsctl delete switches NAME ... [--yes]")
  @OptionGroup var options: RemovalOptions
  func run() async throws { try await options.remove(.switches) }
}

struct DeleteToken: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "token", abstract: "Withdraws tokens of the management API.",
    usage: "acsctl delete token NAME ... [--yes]")
  @OptionGroup var options: RemovalOptions
  func run() async throws {
    try await options.remove("token") { name, _ in ["tokens", name] }
  }
}

struct DeleteCredential: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "credential", abstract: "Withdraws what devices show at the door.",
    usage: "acsctl delete credential USERNAME ... [--yes]")
  @OptionGroup var options: RemovalOptions
  func run() async throws {
    try await options.remove("credential") { name, _ in ["credentials", name] }
  }
}

struct DeleteTask: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "task", abstract: "Cancels a task that the device has not begun.",
    usage: "acsctl delete task NAME TASK")

  @OptionGroup var task: TaskOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  func validate() throws { _ = try task.named(by: Self.command) }

  private static let command = "acsctl delete task"

  func run() async throws {
    let (device, id) = try task.named(by: Self.command)
    let task: TaskDetail = try await connection.client().delete(
      ["devices", device, "tasks", String(id)])
    try output.show(task, name: String(task.id)) {
      [DisplayText.escaped("task/\(task.id): \(task.state)")]
    }
  }
}

struct DeleteObject: OrderCommand {
  static let configuration = CommandConfiguration(
    commandName: "object", abstract: "Removes an instance of a multi-instance object on a device.",
    usage:
      "acsctl delete object NAME OBJECT.INSTANCE.\nacsctl delete object --selector SELECTOR OBJECT.INSTANCE."
  )

  @Argument(help: "The device's name (without --selector) and the instance.")
  var words: [String] = []

  @OptionGroup var options: OrderOptions

  func order() throws(ValidationError) -> (TaskOrder, TargetArguments.Target) {
    let target = try options.target(words)
    guard let object = target.rest.first, target.rest.count == 1 else {
      throw ValidationError(
        target.rest.isEmpty ? "no OBJECT.INSTANCE. given" : "more than one object given")
    }
    return (TaskOrder(kind: "delete", ["object": .string(object.asObject)]), target.target)
  }
}
