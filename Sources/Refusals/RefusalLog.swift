import Logging
import NIOConcurrencyHelpers
import NIOCore

/// Tells what a door refused, and to whom: a line each, as far as the allowance goes.
package final class RefusalLog: Sendable {
  private let logger: Logger
  private let allowance: NIOLockedValueBox<LogAllowance>

  package init(logger: Logger, limits: LogAllowance.Limits = .init()) {
    self.logger = logger
    allowance = NIOLockedValueBox(LogAllowance(limits: limits))
  }

  /// - Parameter peer: the IP address.
  package func note(
    _ message: Logger.Message, peer: String, level: Logger.Level = .notice,
    _ details: @autoclosure () -> Logger.Metadata = [:], now: NIODeadline = .now()
  ) {
    guard logger.logLevel <= level else { return }
    let verdict = allowance.withLockedValue {
      $0.take(peer: peer, now: Int64(clamping: now.uptimeNanoseconds / 1_000_000_000))
    }
    guard case .write(let unsaid) = verdict else { return }
    var metadata = details()
    metadata["peer"] = "\(peer)"
    if unsaid > 0 { metadata["lines kept back"] = "\(unsaid)" }
    logger.log(level: level, message, metadata: metadata)
  }
}

/// How often the history of a device tells that its identity was claimed: the database must not be filled by whoever repeats it.
package final class ClaimAllowance: Sendable {
  private let allowance = NIOLockedValueBox(
    LogAllowance(limits: LogAllowance.Limits(linesPerPeer: 1, linesInAll: 1_000, window: 300)))

  package init() {}

  package func take(_ deviceName: String, now: NIODeadline = .now()) -> Bool {
    allowance.withLockedValue {
      $0.take(peer: deviceName, now: Int64(clamping: now.uptimeNanoseconds / 1_000_000_000))
    } != .keepBack
  }
}
