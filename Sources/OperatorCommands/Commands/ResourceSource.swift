import Foundation
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
