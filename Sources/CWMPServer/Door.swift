import CWMP
import Logging
import NIOConcurrencyHelpers
import NIOCore

/// What all connections and sessions of the CWMP door share.
final class Door: Sendable {
  let settings: DoorSettings
  let environment: DoorEnvironment
  let authenticator: DeviceAuthenticator
  let table: ConversationTable
  let logger: Logger
  private let encoder: EnvelopeEncoder
  private let closing = NIOLockedValueBox(false)

  init(
    settings: DoorSettings, environment: DoorEnvironment, authenticator: DeviceAuthenticator,
    logger: Logger
  ) {
    self.settings = settings
    self.environment = environment
    self.authenticator = authenticator
    self.logger = logger
    table = ConversationTable(limit: settings.maxSessions)
    encoder = EnvelopeEncoder(style: settings.style)
  }

  /// True once no new session is taken.
  var isClosing: Bool { closing.withLockedValue { $0 } }

  func beginClosing() { closing.withLockedValue { $0 = true } }

  func encoded(_ envelope: Envelope) -> ByteBuffer {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(1_024)
    encoder.encode(envelope, into: &bytes)
    return ByteBuffer(bytes: bytes)
  }

  /// Seconds after which a device that was turned away shall come again.
  func retryDelay() -> Double {
    let spread = settings.retrySpread
    return spread.lowerBound
      + environment.random() * (spread.upperBound - spread.lowerBound)
  }
}

/// What the connections of one event loop share; touched on that loop only.
final class DoorLoop {
  let decoder: EnvelopeDecoder
  private var connections: [ObjectIdentifier: ConnectionHandler] = [:]

  init(settings: DoorSettings) {
    decoder = EnvelopeDecoder(limits: settings.decoder)
  }

  func add(_ handler: ConnectionHandler) { connections[ObjectIdentifier(handler)] = handler }
  func remove(_ handler: ConnectionHandler) { connections[ObjectIdentifier(handler)] = nil }

  /// Closes connections on which nothing has come for too long.
  func sweep(now: NIODeadline) {
    for handler in connections.values { handler.expire(now: now) }
  }
}
