import CWMP
import Logging
import NIOConcurrencyHelpers
import NIOCore
import Refusals

/// What all connections and sessions of the CWMP door share.
final class Door: Sendable {
  let settings: DoorSettings
  let environment: DoorEnvironment
  let authenticator: DeviceAuthenticator
  let table: ConversationTable
  let logger: Logger
  let refusals: RefusalLog
  let counter: DoorCounter
  /// Bytes of bodies that are arriving and belong to no session yet.
  let arriving: Allotment
  /// Bytes of bodies that are arriving in sessions.
  let arrivingInSessions: Allotment
  /// TLS handshakes that may still be begun.
  let handshakes: Allotment
  /// How often the history of a device tells that its identity was claimed.
  let claims: ClaimAllowance
  let frequency: CallFrequency
  private let closing = NIOLockedValueBox(false)

  init(
    settings: DoorSettings, environment: DoorEnvironment, authenticator: DeviceAuthenticator,
    refusals: RefusalLog, counter: DoorCounter, logger: Logger
  ) {
    self.settings = settings
    self.environment = environment
    self.authenticator = authenticator
    self.logger = logger
    self.refusals = refusals
    self.counter = counter
    arriving = Allotment(limit: settings.maxArriving)
    arrivingInSessions = Allotment(limit: settings.maxArrivingInSessions)
    handshakes = Allotment(limit: settings.tls?.maxHandshakes ?? 0)
    claims = ClaimAllowance()
    frequency = CallFrequency(limit: settings.frequentCalls)
    table = ConversationTable(limit: settings.maxSessions)
  }

  /// True once no new session is taken.
  var isClosing: Bool { closing.withLockedValue { $0 } }

  func beginClosing() { closing.withLockedValue { $0 = true } }

  func encoded(_ envelope: Envelope, _ style: EnvelopeEncoder.Style) -> ByteBuffer {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(1_024)
    EnvelopeEncoder(style: style).encode(envelope, into: &bytes)
    return ByteBuffer(bytes: bytes)
  }

  /// Asks a device that would begin a session to come again later.
  func postponed() -> DoorReply {
    counter.add(to: \.postponedSessions)
    return .busy(retryAfter: retryDelay())
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
