import Fleet
import FleetStore
import NIOCore
import NIOHTTP1

/// A request of a device whose messages may be kept, until its answer is there and the device is known.
struct TracedRequest: Sendable {
  private let head: HTTPRequestHead
  /// Without its content coding.
  private let body: ByteBuffer
  private let peer: String
  private let at: Double
  private let recorder: TraceRecorder

  /// - Returns: nil where no device is traced.
  init?(_ head: HTTPRequestHead, body: ByteBuffer, peer: String, door: Door) {
    guard let recorder = door.environment.traces, recorder.isActive else { return nil }
    self.head = head
    self.body = body
    self.peer = peer
    self.recorder = recorder
    at = door.environment.now()
  }

  /// The exchange that the request becomes part of; nil where its device is not traced. To be called on the session's loop.
  func exchange(in conversation: Conversation) -> Exchange? {
    var latest = conversation
    while let next = latest.successor { latest = next }
    if let device = latest.device?.deviceID {
      return exchange(of: device, session: latest.token)
    }
    // One that was refused has no device, but a name that it claimed.
    return recorder.takeClaim(now: at) ? exchange(withClaimant: latest.name) : nil
  }

  /// The exchange with a device that was not let in; nil where the one that it says it is is not traced.
  func exchange(withClaimant name: String) -> Exchange? {
    exchange(of: recorder.tracedDevice(named: name), session: 0)
  }

  private func exchange(of device: Device.ID?, session: Int64) -> Exchange? {
    guard let device, recorder.isTraced(device, now: at) else { return nil }
    return Exchange(
      request: TraceMessage(
        request: head, body: body, of: device, session: session, peer: peer, at: at),
      recorder: recorder)
  }

  /// A request that will be kept together with its response.
  struct Exchange: Sendable {
    fileprivate let request: TraceMessage
    fileprivate let recorder: TraceRecorder

    /// The connection broke before the answer could leave.
    func recordUnanswered() { recorder.record(request) }

    func record(status: HTTPResponseStatus, headers: HTTPHeaders, body: ByteBuffer?, now: Double) {
      recorder.record(request)
      recorder.record(
        TraceMessage(
          status: status, headers: headers, body: body, of: request.deviceID,
          session: request.session, peer: request.peer, at: now))
    }
  }
}
