import ArgumentParser
import ManagementTypes

struct Diff: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compares a file with what the server has.",
    discussion: "The exit code is 0 if they are the same and 1 if they differ.")

  @Option(
    name: [.customShort("f"), .long],
    help: ArgumentHelp("A YAML file; - reads standard input. May be repeated.", valueName: "file"),
    completion: .file(extensions: ["yaml", "yml"]))
  var file: [String]

  @OptionGroup var connection: ConnectionOptions

  func validate() throws {
    guard !file.isEmpty else { throw ValidationError("no file given: write -f FILE") }
  }

  func run() async throws {
    let client = try connection.client()
    var differ = 0
    for path in file {
      let source = try ResourceSource(path)
      for document in source.documents {
        let outline = ResourceOutline(yaml: document)
        let kind = outline.resourceKind
        guard let name = outline.metadata?.name else {
          throw CommandFailure(
            .usage, DisplayText.escaped("\(source.name): a document has no metadata.name"))
        }
        let stored = try await storedDocument(name, of: kind, client: client)
        let lines = LineDifference.lines(old: stored.trimmedLines, new: document.trimmedLines)
        guard !lines.isEmpty else { continue }
        differ += 1
        Terminal.write(
          ["--- server: \(kind.word)/\(name)", "+++ \(source.name)"].map(DisplayText.escaped)
            + lines.map(DisplayText.escaped))
      }
    }
    if differ > 0 { throw ExitCode(CommandFailure.Kind.failed.rawValue) }
  }

  private struct Stored: Decodable { var document: String? }

  /// The text as it was applied; empty if the server has no such resource.
  private func storedDocument(_ name: String, of kind: ResourceKind, client: ManagementClient)
    async throws -> String
  {
    do {
      let stored: Stored = try await client.get([kind.path, name])
      return stored.document ?? ""
    } catch let failure as CommandFailure where failure.kind == .notFound { return "" }
  }
}

extension String {
  /// Without the empty lines at the beginning, which only keep a document's place in its file, and at the end.
  fileprivate var trimmedLines: String {
    var text = drop { $0.isNewline }
    while text.last?.isNewline == true { text = text.dropLast() }
    return String(text)
  }
}
