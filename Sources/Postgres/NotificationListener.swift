import CLibPQ
import Glibc
import Logging

/// Hears what others send with `pg_notify`, on a connection and a thread of its own.
package final class NotificationListener: Sendable {
  package enum Event: Sendable, Equatable {
    /// From now on notifications are heard. After a gap, some may have been missed, so whatever
    /// depends on them must be looked up again.
    case listening(afterGap: Bool)
    case notification(channel: String, payload: String)
    /// The connection is lost or was not to be had; another attempt follows.
    case lost(PostgresError)
  }

  private let stopping: WakeUp

  /// The names of PostgreSQL have no more bytes than this.
  static let longestChannelName = 63

  /// - Parameter receive: Is called on the listener's thread, one event after the other; it should
  ///   return soon.
  /// - Throws: `.configuration` if a channel can't have that name; `.insufficientResources` if there's
  ///   no thread to be had.
  package init(
    _ configuration: ConnectionConfiguration, channels: [String],
    logger: Logger = Logger(label: "postgres"),
    receive: @escaping @Sendable (Event) -> Void
  ) throws(PostgresError) {
    for channel in channels
    where channel.isEmpty || channel.utf8.count > Self.longestChannelName || channel.contains("\0")
    {
      throw PostgresError(
        .configuration,
        "a channel's name must have 1 to \(Self.longestChannelName) bytes, none of them zero")
    }
    var configuration = configuration
    configuration.settings["idle_session_timeout"] = "0"
    stopping = try WakeUp()
    let loop = ListeningLoop(
      configuration: configuration, channels: channels, logger: logger, stopping: stopping,
      receive: receive)
    try OwnThread.start(name: "postgres listen") { loop.run() }
  }

  deinit {
    close()
  }

  /// Ends the thread and its connection soon; `receive` may be called once more.
  package func close() {
    stopping.wake()
  }
}

/// What the thread of a listener does.
private struct ListeningLoop: Sendable {
  let configuration: ConnectionConfiguration
  let channels: [String]
  let logger: Logger
  let stopping: WakeUp
  let receive: @Sendable (NotificationListener.Event) -> Void

  func run() {
    var failures = 0
    var hasListened = false
    while !stopping.isAwake {
      do throws(PostgresError) {
        let connection = try Connection(configuration, logger: logger)
        try listen(on: connection)
        failures = 0
        receive(.listening(afterGap: hasListened))
        hasListened = true
        try hear(connection)
        return
      } catch {
        failures += 1
        logger.warning(
          "not listening for notifications of PostgreSQL", metadata: ["reason": "\(error)"])
        receive(.lost(error))
        stopping.wait(until: .now + configuration.backoff.pause(failures: failures))
      }
    }
  }

  private func listen(on connection: Connection) throws(PostgresError) {
    for channel in channels {
      try connection.runScript("LISTEN \(connection.quotedIdentifier(channel))")
    }
  }

  /// Returns when the listener is closed.
  private func hear(_ connection: Connection) throws(PostgresError) {
    while !stopping.isAwake {
      for notification in try connection.notifications() {
        receive(.notification(channel: notification.channel, payload: notification.payload))
      }
      stopping.wait(orReadable: connection.socket)
    }
  }
}
