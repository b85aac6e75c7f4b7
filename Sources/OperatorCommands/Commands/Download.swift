import ArgumentParser
import ManagementTypes

extension WindowArgument: ExpressibleByArgument {
  package init?(argument: String) { self.init(argument) }
}

struct Download: OrderCommand {
  static let configuration = CommandConfiguration(
    abstract: "Makes devices fetch a file, for example firmware.",
    usage: """
      acsctl download NAME --file SHA256
      acsctl download NAME --url URL [--username USERNAME --password-file FILE]
      acsctl download --selector SELECTOR --file SHA256
      """,
    discussion: """
      The file is one that is stored here (acsctl upload file), or lies on another server. A window says from when to \
      when after the order a device may begin, and how: anyTime, immediately, whenIdle, confirmationNeeded. Times have \
      the unit s, m, h or d; without one they are seconds.

        acsctl download NAME --file 3f2a9c
        acsctl download NAME --url https://files.example.net/fw.bin
        acsctl download NAME --file 3f2a9c --window 1h-3h:whenIdle --window 3h-24h
      """)

  @Argument(help: "The device's name (without --selector).")
  var words: [String] = []

  @Option(
    help: ArgumentHelp(
      "The SHA-256 of a stored file, or its first digits (6 or more).", valueName: "sha256"))
  var file: String?

  @OptionGroup var remote: RemoteFileOptions

  @Option(help: ArgumentHelp("Default: 1 Firmware Upgrade Image.", valueName: "type"))
  var fileType: String?

  @Option(help: ArgumentHelp("The name that the file has on the device.", valueName: "name"))
  var targetFileName: String?

  @Option(
    help: ArgumentHelp(
      "The SoftwareVersion that the device must report afterwards; without it the version of the file, if it has one.",
      valueName: "version"))
  var expectedVersion: String?

  @Option(
    help: ArgumentHelp(
      "How long the device waits before it begins, for example 90s, 10m or 2h.",
      valueName: "duration"))
  var delay: DurationArgument?

  @Option(
    help: ArgumentHelp(
      "When the device may begin, for example 1h-3h:whenIdle; may be given twice.",
      valueName: "start-end[:mode]"))
  var window: [WindowArgument] = []

  @Option(
    help: ArgumentHelp("Where the device sends its user's browser afterwards.", valueName: "url"))
  var successURL: String?

  @Option(help: ArgumentHelp("The same after a failure.", valueName: "url"))
  var failureURL: String?

  @Option(
    help: ArgumentHelp(
      "load: the device only loads the firmware, if it can; start: it starts what it has loaded, or loads it now.",
      valueName: "load|start"))
  var stage: String?

  @OptionGroup var options: OrderOptions

  /// A transfer, a restart and a call take their time.
  var patience: Double { 1800 + max(delay?.seconds ?? 0, Double(window.map(\.end).max() ?? 0)) }

  func order() throws(ValidationError) -> (TaskOrder, TargetArguments.Target) {
    let target = try options.onlyTarget(words)
    guard (file == nil) != (remote.url == nil) else {
      throw ValidationError(
        file == nil ? "no file given: write --file or --url" : "give --file or --url, not both")
    }
    guard delay == nil || window.isEmpty else {
      throw ValidationError("give --delay or --window: the first window may begin later")
    }
    var order = TaskOrder(kind: "download", remote.arguments)
    for (member, text) in [
      ("file", file), ("fileType", fileType), ("targetFileName", targetFileName),
      ("expectedVersion", expectedVersion), ("successURL", successURL), ("failureURL", failureURL),
      ("stage", stage),
    ] { order.arguments[member] = text.map { .string($0) } }
    order.arguments["delay"] = delay.map { .integer(Int64($0.seconds)) }
    if !window.isEmpty { order.arguments["windows"] = .array(window.map(\.json)) }
    return (order, target)
  }

  func completed(_ order: TaskOrder, by client: ManagementClient) async throws -> TaskOrder {
    var order = order
    order.arguments["password"] = try remote.password()
    guard let file else { return order }
    let stored = try await StoredFile.find(file, client: client)
    order.arguments["file"] = .string(stored.sha256)
    let isFirmware = fileType?.hasPrefix("1 ") ?? true
    if expectedVersion == nil, isFirmware, !stored.version.isEmpty {
      order.arguments["expectedVersion"] = .string(stored.version)
    }
    return order
  }
}
