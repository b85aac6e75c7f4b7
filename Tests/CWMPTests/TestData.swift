import Foundation
import Testing

/// The recorded exchanges and the Informs of real devices, which live beside the package.
enum TestData {
  static let root: URL = {
    if let path = ProcessInfo.processInfo.environment["FAIRLEAD_TEST_DATA"] {
      return URL(fileURLWithPath: path)
    }
    return URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("../shared/data").standardized
  }()

  static func isPresent(_ folder: String) -> Bool {
    FileManager.default.fileExists(atPath: root.appendingPathComponent(folder).path)
  }

  static let absence: Comment =
    "the test data is absent; FAIRLEAD_TEST_DATA says where it is looked for"

  /// The files below a folder, by name.
  static func files(below folder: String) throws -> [URL] {
    let folder = root.appendingPathComponent(folder)
    return try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted()
      .map { folder.appendingPathComponent($0) }
      .filter { ["txt", "xml"].contains($0.pathExtension) }
  }

  /// One HTTP message of a recording: `#### REQUEST … (N bytes)`, a newline, then N bytes.
  struct Recorded {
    var isRequest: Bool
    var body: [UInt8]
  }

  static func recordings(in file: URL) throws -> [Recorded] {
    let data = [UInt8](try Data(contentsOf: file))
    let mark = Array("#### ".utf8)
    var messages: [Recorded] = []
    var index = 0
    while index < data.count {
      guard data[index...].starts(with: mark), let lineEnd = data[index...].firstIndex(of: 0x0A)
      else {
        index += 1
        continue
      }
      let heading = String(decoding: data[index..<lineEnd], as: UTF8.self)
      let count = heading.split(separator: "(").last.flatMap { Int($0.prefix { $0.isNumber }) }
      let message = data[(lineEnd + 1)...].prefix(try #require(count))
      let separator = Array("\r\n\r\n".utf8)
      let bodyStart = message.indices.first { message[$0...].starts(with: separator) }
      messages.append(
        Recorded(
          isRequest: heading.contains("REQUEST"),
          body: bodyStart.map { Array(message[($0 + 4)...]) } ?? []))
      index = message.endIndex
    }
    return messages
  }
}
