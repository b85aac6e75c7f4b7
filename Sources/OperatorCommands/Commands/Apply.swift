import ArgumentParser
import ManagementTypes

struct Apply: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Makes the server carry out what a file says.",
    discussion: """
      A file has documents of the kinds FirmwareRollout and DeviceSwitches. An image that a rollout names and the \
      server does not have yet is uploaded first.

        acsctl apply -f rollout.yaml --dry-run
      """)

  @Option(
    name: [.customShort("f"), .long],
    help: ArgumentHelp("A YAML file; - reads standard input. May be repeated.", valueName: "file"),
    completion: .file(extensions: ["yaml", "yml"]))
  var file: [String]

  @Flag(help: "Only say what would happen.")
  var dryRun = false

  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  func validate() throws {
    guard !file.isEmpty else { throw ValidationError("no file given: write -f FILE") }
  }

  func run() async throws {
    let client = try connection.client()
    var applied: [AppliedResource] = []
    for path in file {
      let source = try ResourceSource(path)
      for document in source.documents {
        // A document with mistakes is not worth the upload of its image.
        var result = try await post(document, of: source, dryRun: true, client: client)
        if !dryRun {
          try await uploadImage(of: document, in: source, client: client)
          result = try await post(document, of: source, dryRun: false, client: client)
        }
        for diagnostic in result.diagnostics {
          Terminal.note(
            DisplayText.escaped(CommandFailure.line(diagnostic, file: source.name)))
        }
        result.kind = ResourceOutline(yaml: document).resourceKind.name
        applied.append(result)
      }
    }
    let results = applied
    if output.isStructured || output.output == .name {
      try output.show(results, table: { TextTable() }, name: \.name)
    } else {
      Terminal.write(results.map(line))
    }
  }

  private func post(
    _ document: String, of source: ResourceSource, dryRun: Bool, client: ManagementClient
  ) async throws -> AppliedResource {
    try await client.post(
      [ResourceOutline(yaml: document).resourceKind.path], .init(["dryRun": dryRun ? "true" : nil]),
      text: document,
      contentType: "application/yaml", file: source.name)
  }

  private func line(_ result: AppliedResource) -> String {
    let word = ResourceKind.of(result.kind).word
    let devices = result.targets.map { "\($0) device" + ($0 == 1 ? "" : "s") }
    let text =
      if dryRun {
        devices.map { "would choose \($0)" } ?? "would be \(result.outcome)"
      } else {
        result.outcome + (devices.map { ", " + $0 } ?? "")
      }
    return DisplayText.escaped("\(word)/\(result.name): \(text)")
  }

  private func uploadImage(
    of document: String, in source: ResourceSource, client: ManagementClient
  ) async throws {
    guard let image = ResourceOutline(yaml: document).spec?.image, let file = image.file,
      let sha256 = image.sha256?.lowercased(), sha256.utf8.count == 64
    else { return }
    do {
      let _: FileDetail = try await client.get(["files", sha256])
      return
    } catch let failure as CommandFailure where failure.kind == .notFound {}
    let path = source.path(of: file)
    let actual = try StoredFile.sha256(ofFile: path)
    guard actual == sha256 else {
      throw CommandFailure(
        .usage,
        DisplayText.escaped(
          "\(path) is not the image that \(source.name) names: its SHA-256 is \(actual)"))
    }
    let stored = try await StoredFile.upload(
      path, name: nil, version: image.version, sha256: sha256, client: client)
    Terminal.note(
      DisplayText.escaped("file/\(stored.sha256.prefix(12)): uploaded \(stored.name)"))
  }
}
