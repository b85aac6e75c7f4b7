import Fleet
import FleetStore
import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1

/// Keeps the messages of devices that are traced, off the way of their sessions.
///
/// Messages wait in a queue of limited length for a writer; what does not fit is counted and told in the log, never waited for.
package final class TraceRecorder: Sendable {
  package struct Limits: Sendable {
    /// Bytes of a body that are kept.
    package var bodyBytes = 256 << 10
    /// Messages that wait to be written.
    package var queue = 1_000
    /// Bytes that wait to be written.
    package var queueBytes = 64 << 20
    /// Exchanges a minute with devices that are turned away; whoever they are, they say that they are a traced one.
    package var claims = 60
    package var store = TraceLimits()

    package init() {}
  }

  private struct State {
    var traced: [Device.ID: TracedDevice] = [:]
    var named: [String: Device.ID] = [:]
    var queue: [TraceMessage] = []
    var queuedBytes = 0
    var dropped = 0
    var isWriting = false
    var claims = 0
    var claimsUntil = -Double.infinity
  }

  private let store: FleetStore
  private let limits: Limits
  private let logger: Logger
  private let state = NIOLockedValueBox(State())

  package init(store: FleetStore, limits: Limits = Limits(), logger: Logger) {
    self.store = store
    self.limits = limits
    self.logger = logger
  }

  /// Learns anew which devices are traced.
  package func refresh(now: Double) async throws {
    let traced = try await store.tracedDevices(now: now)
    state.withLockedValue { state in
      state.traced = Dictionary(traced.map { ($0.id, $0) }) { first, _ in first }
      state.named = Dictionary(traced.map { ($0.name, $0.id) }) { first, _ in first }
    }
  }

  /// Whether any device is traced.
  var isActive: Bool { state.withLockedValue { !$0.traced.isEmpty } }

  package func isTraced(_ device: Device.ID, now: Double) -> Bool {
    state.withLockedValue { ($0.traced[device]?.until ?? -.infinity) > now }
  }

  /// The traced device of a name.
  func tracedDevice(named name: String) -> Device.ID? { state.withLockedValue { $0.named[name] } }

  /// Whether somebody who is turned away may be looked at; anybody can have that happen as often as he likes.
  func hasRoomForClaim(now: Double) -> Bool {
    state.withLockedValue {
      !$0.traced.isEmpty && ($0.claims < limits.claims || now >= $0.claimsUntil)
    }
  }

  /// Counts one who is looked at.
  func takeClaim(now: Double) -> Bool {
    state.withLockedValue { state in
      guard !state.traced.isEmpty else { return false }
      if now >= state.claimsUntil {
        state.claimsUntil = now + 60
        state.claims = 0
      }
      guard state.claims < limits.claims else { return false }
      state.claims += 1
      return true
    }
  }

  /// Keeps a message; its credentials are blanked before it is stored, but not on the way of the session.
  package func record(_ message: TraceMessage) {
    let isFirst = state.withLockedValue { state in
      guard state.queue.count < limits.queue,
        state.queuedBytes + message.body.count <= limits.queueBytes
      else {
        state.dropped += 1
        return false
      }
      state.queue.append(message)
      state.queuedBytes += message.body.count
      guard !state.isWriting else { return false }
      state.isWriting = true
      return true
    }
    if isFirst { Task { await write() } }
  }

  private func redacted(_ message: TraceMessage) -> TraceMessage {
    var message = message
    // As a whole first: the end of a secret must not depend on where the body is cut.
    message.body = Array(TraceRedaction.body(message.body).prefix(limits.bodyBytes))
    return message
  }

  private func write() async {
    while true {
      let (batch, dropped) = state.withLockedValue { state in
        let batch = state.queue
        let dropped = state.dropped
        state.queue = []
        state.queuedBytes = 0
        state.dropped = 0
        if batch.isEmpty { state.isWriting = false }
        return (batch, dropped)
      }
      if dropped > 0 {
        logger.warning(
          "messages of traced devices were left out", metadata: ["count": "\(dropped)"])
      }
      guard !batch.isEmpty else { return }
      do {
        try await store.append(batch.map(redacted), limits: limits.store)
      } catch {
        logger.error(
          "messages of traced devices are lost",
          metadata: ["count": "\(batch.count)", "error": "\(error)"])
      }
    }
  }
}

extension TraceMessage {
  /// What a device sent.
  init(
    request head: HTTPRequestHead, body: ByteBuffer, of device: Device.ID, session: Int64,
    peer: String, at: Double
  ) {
    var lines =
      "\(head.method.rawValue) \(head.uri) HTTP/\(head.version.major).\(head.version.minor)"
    for (name, value) in head.headers {
      lines += "\n\(name): \(TraceRedaction.field(name, value))"
    }
    self.init(
      deviceID: device, at: at, session: session, isInbound: true, peer: peer, head: lines,
      body: Array(body.readableBytesView), bodySize: body.readableBytes)
  }

  /// What this server answered.
  init(
    status: HTTPResponseStatus, headers: HTTPHeaders, body: ByteBuffer?, of device: Device.ID,
    session: Int64, peer: String, at: Double
  ) {
    var lines = "HTTP/1.1 \(status.code) \(status.reasonPhrase)"
    for (name, value) in headers { lines += "\n\(name): \(TraceRedaction.field(name, value))" }
    self.init(
      deviceID: device, at: at, session: session, isInbound: false, peer: peer, head: lines,
      body: body.map { Array($0.readableBytesView) } ?? [], bodySize: body?.readableBytes ?? 0)
  }
}
