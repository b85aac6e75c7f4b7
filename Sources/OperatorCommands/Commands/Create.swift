import ArgumentParser
import Foundation
import ManagementTypes

/// `acsctl create …`: what is made by hand.
struct Create: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Creates tokens, devices and credentials.",
    subcommands: [CreateToken.self, CreateDevice.self, CreateCredential.self])
}

extension Role: ExpressibleByArgument {}

/// Where a device's password comes from: never only from a flag, which others on the machine can read.
struct PasswordOptions: ParsableArguments {
  @Flag(help: "Read the password from the first line of standard input.")
  var passwordStdin = false

  @Option(help: ArgumentHelp("The password; better use --password-stdin.", valueName: "password"))
  var password: String?

  func read() throws -> String {
    if let password { return password }
    if passwordStdin, let line = readLine(), !line.isEmpty { return line }
    guard !passwordStdin, isatty(STDIN_FILENO) == 1, let typed = getpass("Password: ") else {
      throw CommandFailure(.usage, "no password: use --password-stdin")
    }
    let password = String(cString: typed)
    guard !password.isEmpty else { throw CommandFailure(.usage, "the password is empty") }
    return password
  }
}

struct CreateToken: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "token", abstract: "Creates a token for the management API and shows it once.")

  @Argument(help: ArgumentHelp("A name that says whose it is.", valueName: "name"))
  var tokenName: String

  @Option(help: ArgumentHelp("What its bearer may do.", valueName: "role"))
  var role: Role

  @Option(
    help: ArgumentHelp(
      "How long it is good, for example 30d; else for ever.", valueName: "duration"))
  var expires: DurationArgument?

  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  func run() async throws {
    let created: TokenCreated = try await connection.client().post(
      ["tokens"],
      body: NewToken(
        name: tokenName, role: role,
        expiresAt: expires.map { Timestamp(currentTime() + $0.seconds) }))
    try output.show(created, name: created.name) { [DisplayText.escaped(created.token)] }
    if output.output == .table || output.output == .wide {
      Terminal.note("This is the only time that the token is shown.")
    }
  }
}

struct CreateDevice: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "device", abstract: "Makes a device known before it calls.")

  @Option(help: ArgumentHelp("Six hexadecimal digits.", valueName: "oui"))
  var oui: String

  @Option(help: ArgumentHelp("Empty where the device has none.", valueName: "class"))
  var productClass = ""

  @Option(help: ArgumentHelp("As the device tells it.", valueName: "serial"))
  var serialNumber: String

  @Option(help: ArgumentHelp("As the device tells it.", valueName: "name"))
  var manufacturer: String?

  @Option(help: ArgumentHelp("May be repeated.", valueName: "tag"))
  var tag: [String] = []

  @Option(
    help: ArgumentHelp(
      "What the device shows at the door; without it, the shared credential.",
      valueName: "username"))
  var username: String?

  @OptionGroup var secret: PasswordOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  func run() async throws {
    let credential = try username.map {
      NewDevice.Credential(username: $0, password: try secret.read())
    }
    let detail: DeviceDetail = try await connection.client().post(
      ["devices"],
      body: NewDevice(
        manufacturer: manufacturer, oui: oui, productClass: productClass,
        serialNumber: serialNumber, tags: tag.isEmpty ? nil : tag, credential: credential))
    try output.show(detail, name: detail.name) {
      [DisplayText.escaped("device/\(detail.name): created")]
    }
  }
}

struct CreateCredential: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "credential",
    abstract: "Creates or replaces what a device, or any device, shows at the door.")

  @Argument(help: ArgumentHelp("The username.", valueName: "username"))
  var username: String

  @Option(
    help: ArgumentHelp("The only device that may use it; without it, any may.", valueName: "name"))
  var device: String?

  @OptionGroup var secret: PasswordOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  func run() async throws {
    let password = try secret.read()
    let detail: CredentialDetail = try await connection.client().post(
      ["credentials"],
      body: NewCredential(username: username, password: password, device: device))
    try output.show(detail, name: detail.username) {
      [DisplayText.escaped("credential/\(detail.username): stored")]
    }
  }
}
