import ArgumentParser
import ManagementTypes

struct Fetch: OrderCommand {
  static let configuration = CommandConfiguration(
    abstract: "Makes devices send a file, for example their configuration or log.",
    usage:
      "acsctl fetch NAME --type TYPE [--save PATH]\nacsctl fetch --selector SELECTOR --type TYPE",
    discussion: """
      The type is config, log, or in the standard's words “3 Vendor Configuration File <number>”, “4 Vendor Log File \
      <number>” (the numbers of the device's VendorConfigFile and VendorLogFile objects), or a vendor's own: “X <vendor> \
      <name>”. What arrives is stored on the server; “acsctl get files SHA256 --save PATH” reads it back later.

        acsctl fetch NAME --type log --save box.log
        acsctl fetch NAME --type "3 Vendor Configuration File 2"
        acsctl fetch -l tag=pilot --type config
      """)

  private static let types = [
    "config": "1 Vendor Configuration File", "log": "2 Vendor Log File",
  ]

  @Argument(help: "The device's name (without --selector).")
  var words: [String] = []

  @Option(help: ArgumentHelp("config, log, or a type in the standard's words.", valueName: "type"))
  var type: String

  @Option(
    help: ArgumentHelp("Where to put the file here; - writes it out.", valueName: "path"),
    completion: .file())
  var save: String?

  @Option(
    help: ArgumentHelp(
      "How long the device waits before it begins, for example 90s, 10m or 2h.",
      valueName: "duration"))
  var delay: DurationArgument?

  @OptionGroup var remote: RemoteFileOptions
  @OptionGroup var options: OrderOptions

  // A file on standard output must be that file alone.
  var showsDone: Bool { save == nil }

  var patience: Double { 600 + (delay?.seconds ?? 0) }

  func order() throws(ValidationError) -> (TaskOrder, TargetArguments.Target) {
    let target = try options.onlyTarget(words)
    if save != nil {
      guard options.selector == nil else { throw ValidationError("--save goes with one device") }
      guard options.wait else { throw ValidationError("--save has to wait for the file") }
      guard remote.url == nil else {
        throw ValidationError("--save goes with files that are stored here, not with --url")
      }
    }
    var order = TaskOrder(kind: "upload", remote.arguments)
    order.arguments["fileType"] = .string(Self.types[type.lowercased()] ?? type)
    order.arguments["delay"] = delay.map { .integer(Int64($0.seconds)) }
    return (order, target)
  }

  func completed(_ order: TaskOrder, by client: ManagementClient) async throws -> TaskOrder {
    var order = order
    order.arguments["password"] = try remote.password()
    return order
  }

  func run() async throws {
    if let save { try SavedFile.check(save) }
    let tasks = try await carryOut()
    guard let save, let task = tasks.first else { return }
    guard let file = task.result?.file else {
      throw CommandFailure(
        .failed, DisplayText.escaped("\(task.device) did it, but no file has arrived"))
    }
    try await SavedFile.save(file, at: save, client: options.connection.client())
    if save != "-" { Terminal.note(DisplayText.escaped("\(task.device): saved in \(save)")) }
  }
}
