import Foundation
import Logging
import ServerConfiguration

/// The server's log on standard error: a line an entry, for people or for programs.
enum LogOutput {
  static func install(_ settings: Settings.Log) {
    let level = Logger.Level(rawValue: settings.level.rawValue) ?? .info
    let format = settings.format
    LoggingSystem.bootstrap { label in
      LineLogHandler(label: label, format: format, logLevel: level)
    }
  }
}

/// Writes entries as `time level message key=value …`, or as JSON objects.
struct LineLogHandler: LogHandler {
  let label: String
  let format: Settings.Log.Format
  var logLevel: Logger.Level
  var metadata = Logger.Metadata()

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let all = metadata.merging(event.metadata ?? [:]) { $1 }
    let time = Date().formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    let line =
      switch format {
      case .text: text(event, all, time: time)
      case .json: json(event, all, time: time)
      }
    FileHandle.standardError.write(Data((line + "\n").utf8))
  }

  private func text(_ event: LogEvent, _ all: Logger.Metadata, time: String) -> String {
    var line = "\(time) \(event.level.rawValue) \(event.message.description.escapedForLog)"
    for (key, value) in all.sorted(by: { $0.key < $1.key }) {
      line += " \(key)=\(value.description.quotedForLog)"
    }
    return line
  }

  private func json(_ event: LogEvent, _ all: Logger.Metadata, time: String) -> String {
    var object = all.mapValues(\.description)
    object["time"] = time
    object["level"] = event.level.rawValue
    object["message"] = event.message.description
    object["logger"] = label
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(object)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
  }
}

extension String {
  /// Without characters that would break the line or drive a terminal: what devices send ends up in logs.
  var escapedForLog: String {
    guard unicodeScalars.contains(where: { $0.value < 0x20 || (0x7f...0x9f).contains($0.value) })
    else { return self }
    return unicodeScalars.reduce(into: "") { result, scalar in
      if scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value) {
        result += "\\u{\(String(scalar.value, radix: 16))}"
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
  }

  var quotedForLog: String {
    let escaped = escapedForLog
    guard escaped.isEmpty || escaped.contains(where: { $0 == " " || $0 == "\"" || $0 == "=" })
    else { return escaped }
    return "\"" + escaped.replacing("\"", with: "\\\"") + "\""
  }
}
