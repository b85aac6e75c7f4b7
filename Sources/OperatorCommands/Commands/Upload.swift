import ArgumentParser
import ManagementTypes

struct Upload: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Stores files on the server.", subcommands: [UploadFile.self])
}

struct UploadFile: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "file", abstract: "Stores a file on the server.")

  @Argument(help: "The file.", completion: .file())
  var path: String

  @Option(
    help: ArgumentHelp(
      "The SoftwareVersion that devices report once they run it.", valueName: "version"))
  var version: String?

  @Option(help: ArgumentHelp("The name to store it under; else its own.", valueName: "name"))
  var name: String?

  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  func run() async throws {
    let client = try connection.client()
    let sha256 = try StoredFile.sha256(ofFile: path)
    let file = try await StoredFile.upload(
      path, name: name, version: version, sha256: sha256, client: client)
    try output.show(file, name: file.sha256) {
      [DisplayText.escaped("\(file.sha256)  \(file.name)  \(SizeText.bytes(file.size))")]
    }
  }
}
