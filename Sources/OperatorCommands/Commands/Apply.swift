import ArgumentParser
import Foundation
import ManagementTypes
import Yams

/// What acsctl itself must know of a resource file; everything else is the server's to judge.
package struct ResourceOutline: Decodable, Equatable, Sendable {
  package struct Metadata: Decodable, Equatable, Sendable { package var name: String? }
  package struct Image: Decodable, Equatable, Sendable {
    package var file: String?
    package var version: String?
    package var sha256: String?
  }
  package struct Spec: Decodable, Equatable, Sendable { package var image: Image? }

  package var kind: String?
  package var metadata: Metadata?
  package var spec: Spec?

  /// The outline of a document; empty where it is not YAML of the expected shape, which the server explains better.
  package init(yaml: String) {
    self = (try? YAMLDecoder().decode(ResourceOutline.self, from: yaml)) ?? ResourceOutline()
  }

  private init() {}

  private enum Member: CodingKey { case kind, metadata, spec }

  /// What has not the expected shape is left out, so that the rest is still known.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Member.self)
    kind = try? container.decode(String.self, forKey: .kind)
    metadata = try? container.decode(Metadata.self, forKey: .metadata)
    spec = try? container.decode(Spec.self, forKey: .spec)
  }
}

/// A file with resources, or standard input.
struct ResourceSource {
  let name: String
  /// The directory that file names in the resources are relative to.
  let directory: String
  let documents: [String]

  init(_ path: String) throws {
    let text: String?
    if path == "-" {
      name = "<stdin>"
      directory = "."
      text = String(
        data: FileHandle.standardInput.readDataToEndOfFile(), encoding: .utf8)
    } else {
      name = path
      directory =
        path.contains("/") ? String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]) : "."
      text = try? String(contentsOfFile: path, encoding: .utf8)
    }
    guard let text else {
      let reason =
        path == "-" || FileManager.default.isReadableFile(atPath: path)
        ? "is not UTF-8 text" : "is not there or cannot be read"
      throw CommandFailure(.usage, "\(DisplayText.escaped(path)) \(reason)")
    }
    documents = YAMLDocuments(text).texts
    guard !documents.isEmpty else {
      throw CommandFailure(.usage, "\(DisplayText.escaped(name)) has no document in it")
    }
  }

  func path(of file: String) -> String {
    file.hasPrefix("/") ? file : (directory.isEmpty ? "/" : directory + "/") + file
  }
}

struct Apply: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Makes the server carry out what a file says.",
    discussion:
      "An image that a rollout names and the server does not have yet is uploaded first.")

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
    var applied: [RolloutApplied] = []
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
  ) async throws -> RolloutApplied {
    try await client.post(
      ["rollouts"], .init(["dryRun": dryRun ? "true" : nil]), text: document,
      contentType: "application/yaml", file: source.name)
  }

  private func line(_ result: RolloutApplied) -> String {
    let devices = "\(result.targets) device" + (result.targets == 1 ? "" : "s")
    let text =
      dryRun
      ? "rollout/\(result.name): would choose \(devices)"
      : "rollout/\(result.name): \(result.outcome), \(devices)"
    return DisplayText.escaped(text)
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
        guard let name = ResourceOutline(yaml: document).metadata?.name else {
          throw CommandFailure(
            .usage, DisplayText.escaped("\(source.name): a document has no metadata.name"))
        }
        let stored = try await storedDocument(name, client: client)
        let lines = LineDifference.lines(old: stored.trimmedLines, new: document.trimmedLines)
        guard !lines.isEmpty else { continue }
        differ += 1
        Terminal.write(
          ["--- server: rollout/\(name)", "+++ \(source.name)"].map(DisplayText.escaped)
            + lines.map(DisplayText.escaped))
      }
    }
    if differ > 0 { throw ExitCode(CommandFailure.Kind.failed.rawValue) }
  }

  /// The text as it was applied; empty if the server has no such rollout.
  private func storedDocument(_ name: String, client: ManagementClient) async throws -> String {
    do {
      let detail: RolloutDetail = try await client.get(["rollouts", name])
      return detail.document ?? ""
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
