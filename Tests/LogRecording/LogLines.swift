import Logging
import NIOConcurrencyHelpers

/// Gathers the lines of a log.
package final class LogLines: Sendable {
  private let content = NIOLockedValueBox<[String]>([])

  package var all: [String] { content.withLockedValue { $0 } }

  package init() {}

  package func logger(_ level: Logger.Level = .notice) -> Logger {
    var logger = Logger(label: "test") { _ in Handler(lines: self) }
    logger.logLevel = level
    return logger
  }

  private struct Handler: LogHandler {
    let lines: LogLines
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.notice

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      let details = (event.metadata ?? [:]).map { "\($0)=\($1)" }.sorted()
      let text = "\(event.level) \(event.message) \(details.joined(separator: " "))"
      lines.content.withLockedValue { $0.append(text) }
    }
  }
}
