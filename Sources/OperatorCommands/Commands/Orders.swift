import ArgumentParser
import ManagementTypes

struct Read: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Reads values from the device itself.",
    usage: "acsctl read NAME PATH ...\nacsctl read --selector SELECTOR PATH ...")

  @Argument(help: "The device's name (without --selector) and paths; a prefix ends with a dot.")
  var words: [String] = []

  @OptionGroup var options: OrderOptions

  private func order() throws(ValidationError) -> (TaskOrder, TargetArguments.Target) {
    let target = try options.target(words)
    guard !target.rest.isEmpty else { throw ValidationError("no path given") }
    return (TaskOrder(kind: "get", paths: target.rest), target.target)
  }

  func validate() throws { _ = try order() }

  func run() async throws {
    let (order, target) = try order()
    try await OrderRunner(options: options, client: options.connection.client()).run(
      order, on: target)
  }
}

struct SetValues: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "set", abstract: "Writes values to the device, all of them or none.",
    usage: "acsctl set NAME PATH[:TYPE]=VALUE ...\nacsctl set --selector SELECTOR PATH=VALUE ...")

  @Argument(help: "The device's name (without --selector) and assignments.")
  var words: [String] = []

  @Option(
    help: ArgumentHelp(
      "The type of values that do not name one; without it the device's tree tells.",
      valueName: "type"))
  var type: String?

  @OptionGroup var options: OrderOptions

  private func order() throws(ValidationError) -> (TaskOrder, TargetArguments.Target) {
    let target = try options.target(words)
    guard !target.rest.isEmpty else { throw ValidationError("no PATH=VALUE given") }
    let values = try Assignment.values(target.rest, defaultType: type)
    return (TaskOrder(kind: "set", values: values), target.target)
  }

  func validate() throws { _ = try order() }

  func run() async throws {
    let (order, target) = try order()
    try await OrderRunner(options: options, client: options.connection.client()).run(
      order, on: target)
  }
}

struct Add: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Creates an instance of a multi-instance object.",
    usage:
      "acsctl add NAME OBJECT. [PARAMETER=VALUE ...]\nacsctl add --selector SELECTOR OBJECT. [PARAMETER=VALUE ...]"
  )

  @Argument(help: "The device's name (without --selector), the object, values of the instance.")
  var words: [String] = []

  @OptionGroup var options: OrderOptions

  private func order() throws(ValidationError) -> (TaskOrder, TargetArguments.Target) {
    let target = try options.target(words)
    guard let object = target.rest.first else { throw ValidationError("no object given") }
    let values = try Assignment.values(target.rest.dropFirst())
    let order = TaskOrder(
      kind: "add", values: values.isEmpty ? nil : values, object: object.asObject)
    return (order, target.target)
  }

  func validate() throws { _ = try order() }

  func run() async throws {
    let (order, target) = try order()
    try await OrderRunner(options: options, client: options.connection.client()).run(
      order, on: target)
  }
}

extension String {
  /// The path with the dot that objects end with.
  var asObject: String { hasSuffix(".") ? self : self + "." }
}

struct Refresh: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Reads the device's tree, or a part of it, anew.",
    usage: "acsctl refresh NAME [PATH]\nacsctl refresh --selector SELECTOR [PATH]")

  @Argument(help: "The device's name (without --selector) and a path; none reads everything.")
  var words: [String] = []

  @OptionGroup var options: OrderOptions

  private func order() throws(ValidationError) -> (TaskOrder, TargetArguments.Target) {
    let target = try options.target(words)
    guard target.rest.count <= 1 else { throw ValidationError("more than one path given") }
    return (TaskOrder(kind: "refresh", path: target.rest.first), target.target)
  }

  func validate() throws { _ = try order() }

  func run() async throws {
    let (order, target) = try order()
    try await OrderRunner(options: options, client: options.connection.client()).run(
      order, on: target)
  }
}

struct Reboot: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Restarts devices.",
    usage: "acsctl reboot NAME\nacsctl reboot --selector SELECTOR")

  @Argument(help: "The device's name (without --selector).")
  var words: [String] = []

  @OptionGroup var options: OrderOptions

  func validate() throws { _ = try options.onlyTarget(words) }

  func run() async throws {
    let target = try options.onlyTarget(words)
    try await OrderRunner(options: options, client: options.connection.client()).run(
      TaskOrder(kind: "reboot"), on: target)
  }
}

struct FactoryReset: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Makes devices forget their configuration.",
    usage: "acsctl factory-reset NAME\nacsctl factory-reset --selector SELECTOR")

  @Argument(help: "The device's name (without --selector).")
  var words: [String] = []

  @OptionGroup var options: OrderOptions

  func validate() throws { _ = try options.onlyTarget(words) }

  func run() async throws {
    let target = try options.onlyTarget(words)
    try await OrderRunner(options: options, client: options.connection.client()).run(
      TaskOrder(kind: "factoryReset"), on: target,
      question: "Reset to factory settings:")
  }
}

struct Download: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Makes devices fetch a stored file, for example firmware.",
    usage: "acsctl download NAME --file SHA256\nacsctl download --selector SELECTOR --file SHA256")

  /// A transfer, a restart and a call take their time.
  private static let timeout: Double = 1800

  @Argument(help: "The device's name (without --selector).")
  var words: [String] = []

  @Option(
    help: ArgumentHelp(
      "The SHA-256 of a stored file, or its first digits (6 or more).", valueName: "sha256"))
  var file: String

  @Option(help: ArgumentHelp("Default: 1 Firmware Upgrade Image.", valueName: "type"))
  var fileType: String?

  @Option(help: ArgumentHelp("The name that the file has on the device.", valueName: "name"))
  var targetFileName: String?

  @Option(
    help: ArgumentHelp(
      "The SoftwareVersion that the device must report afterwards; without it the version of the file, if it has one.",
      valueName: "version"))
  var expectedVersion: String?

  @OptionGroup var options: OrderOptions

  func validate() throws { _ = try options.onlyTarget(words) }

  func run() async throws {
    let target = try options.onlyTarget(words)
    let client = try options.connection.client()
    let stored = try await StoredFile.find(file, client: client)
    let isFirmware = fileType?.hasPrefix("1 ") ?? true
    let version = expectedVersion ?? (isFirmware && !stored.version.isEmpty ? stored.version : nil)
    var runner = OrderRunner(options: options, client: client)
    runner.defaultTimeout = Self.timeout
    try await runner.run(
      TaskOrder(
        kind: "download", file: stored.sha256, fileType: fileType, targetFileName: targetFileName,
        expectedVersion: version),
      on: target)
  }
}

struct Connect: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Asks a device to call now, and waits until it has.",
    discussion: "The exit code is 6 if it has not called in the time given.")

  @Argument(help: ArgumentHelp("The device.", valueName: "name"))
  var device: String

  @OptionGroup var connection: ConnectionOptions

  @Option(help: ArgumentHelp("Seconds to wait; 0 only asks.", valueName: "seconds"))
  var timeout = 30

  func run() async throws {
    let client = try connection.client()
    let before: DeviceDetail = try await client.get(["devices", device])
    try await client.post(["devices", device, "connect"])
    guard timeout > 0 else {
      Terminal.write(DisplayText.escaped("\(device): asked to call"))
      return
    }
    defer { Terminal.clearStatus() }
    let clock = ContinuousClock()
    let start = clock.now
    while clock.now - start < .seconds(timeout) {
      let now: DeviceDetail = try await client.get(["devices", device])
      if now.lastContact != before.lastContact {
        let waited = (clock.now - start) / .milliseconds(1)
        Terminal.write(DisplayText.escaped("\(device): called after \(Int(waited)) ms"))
        return
      }
      Terminal.status(DisplayText.escaped("\(device): asked to call"))
      try await clock.sleep(for: Self.pause)
    }
    throw CommandFailure(
      .timedOut,
      DisplayText.escaped(
        "\(device) has not called within \(timeout) s; acsd's log says what became of the request"))
  }

  private static let pause = Duration.milliseconds(200)
}

struct Tag: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Adds tags to a device and removes others.",
    usage: "acsctl tag NAME +TAG -TAG ...")

  @Argument(help: "The device's name, then +TAG to add and -TAG (or TAG-) to remove.")
  var words: [String] = []

  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  private func changes() throws(ValidationError) -> (device: String, TagChanges) {
    guard let device = words.first, !device.hasPrefix("+"), !device.hasPrefix("-") else {
      throw ValidationError("no device given: write its NAME first")
    }
    do { return (device, try TagChanges(Array(words.dropFirst()))) } catch {
      throw ValidationError(error)
    }
  }

  func validate() throws { _ = try changes() }

  func run() async throws {
    let (device, changes) = try changes()
    let detail: DeviceDetail = try await connection.client().patch(
      ["devices", device],
      body: DevicePatch(
        addTags: changes.added.isEmpty ? nil : changes.added,
        removeTags: changes.removed.isEmpty ? nil : changes.removed))
    try output.show(detail, name: detail.name) {
      let tags = detail.tags.isEmpty ? "no tags" : detail.tags.joined(separator: ", ")
      return [DisplayText.escaped("\(detail.name): \(tags)")]
    }
  }
}
