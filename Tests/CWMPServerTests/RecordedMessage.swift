import CWMP
import Foundation
import Testing

/// One HTTP request that a device was recorded to send.
struct RecordedMessage: Sendable {
  /// The recording's name says what was sent.
  var name: String
  /// The header lines, without those that depend on the connection.
  var headers: [String]
  /// The Cookie header as it came; its token belongs to another server.
  var cookie: String?
  var body: [UInt8]

  /// Nil where the body is empty, or no envelope.
  var message: Message? { (try? EnvelopeDecoder().decode(body))?.message }

  /// The header lines with that token where the device put the one it had got.
  func headers(with token: String?) -> [String] {
    guard let token, let cookie else { return headers }
    let parts = cookie.split(separator: "; ").map {
      $0.hasPrefix("session=") ? "session=\(token)" : String($0)
    }
    return headers + ["Cookie: \(parts.joined(separator: "; "))"]
  }

  // MARK: Where they are

  static let root: URL = {
    if let path = ProcessInfo.processInfo.environment["FAIRLEAD_TEST_DATA"] {
      return URL(fileURLWithPath: path)
    }
    return URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("../shared/data").standardized
  }()

  static var arePresent: Bool { FileManager.default.fileExists(atPath: root.path) }

  static let absence: Comment =
    "the test data is absent; FAIRLEAD_TEST_DATA says where it is looked for"

  static let folders = [
    "cwmp-captures/evcpe", "cwmp-captures/genieacs-sim", "cwmp-captures/icwmp-tr181",
    "cwmp-captures/mhils-honeyclient", "cwmp-captures/netcwmp", "cwmp-device-samples",
  ]

  /// What was sent to the ACS in the recordings of a folder, in their order; connection requests and file transfers are left out.
  static func all(below folder: String) throws -> [RecordedMessage] {
    let files = try FileManager.default.contentsOfDirectory(
      at: root.appendingPathComponent(folder), includingPropertiesForKeys: nil)
    return try files.sorted { $0.path < $1.path }.flatMap { file in
      let data = [UInt8](try Data(contentsOf: file))
      if file.pathExtension == "xml" {
        return [
          RecordedMessage(
            name: file.lastPathComponent, headers: ["Content-Type: text/xml"], cookie: nil,
            body: data)
        ]
      }
      return try requests(in: data, name: file.lastPathComponent)
    }
  }

  /// The requests of one recording: `#### REQUEST … (N bytes)`, a newline, then N bytes.
  private static func requests(in data: [UInt8], name: String) throws -> [RecordedMessage] {
    let mark = Array("#### ".utf8)
    var messages: [RecordedMessage] = []
    var index = 0
    while index < data.count {
      guard data[index...].starts(with: mark), let lineEnd = data[index...].firstIndex(of: 0x0A)
      else {
        index += 1
        continue
      }
      let heading = String(decoding: data[index..<lineEnd], as: UTF8.self)
      let count = heading.split(separator: "(").last.flatMap { Int($0.prefix { $0.isNumber }) }
      let bytes = data[(lineEnd + 1)...].prefix(try #require(count))
      index = bytes.endIndex
      let separator = Array("\r\n\r\n".utf8)
      guard heading.contains("REQUEST"),
        let end = bytes.indices.first(where: { bytes[$0...].starts(with: separator) })
      else { continue }
      let lines = String(decoding: bytes[..<end], as: UTF8.self).components(separatedBy: "\r\n")
      guard lines[0].hasPrefix("POST ") else { continue }
      let ours = ["content-length", "host", "cookie", "connection", "authorization"]
      messages.append(
        RecordedMessage(
          name: name,
          headers: lines.dropFirst().filter { line in
            !ours.contains(line.prefix { $0 != ":" }.lowercased())
          },
          cookie: lines.first { $0.hasPrefix("Cookie: ") }.map { String($0.dropFirst(8)) },
          body: Array(bytes[(end + 4)...])))
    }
    return messages
  }
}
