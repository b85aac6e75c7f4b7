import CLibPQ
import Logging

/// Takes the warnings of the server, which libpq would write to standard error.
final class NoticeSink: Sendable {
  private let logger: Logger

  init(logger: Logger) {
    self.logger = logger
  }

  /// The sink must outlive the connection.
  func attach(to connection: OpaquePointer) {
    PQsetNoticeProcessor(
      connection,
      { argument, message in
        guard let argument, let message else { return }
        Unmanaged<NoticeSink>.fromOpaque(argument).takeUnretainedValue()
          .receive(String(cString: message))
      }, Unmanaged.passUnretained(self).toOpaque())
  }

  private func receive(_ message: String) {
    logger.debug("notice of PostgreSQL: \(PostgresError.trimmed(message))")
  }
}
