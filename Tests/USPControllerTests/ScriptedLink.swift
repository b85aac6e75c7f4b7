import Foundation
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import USP
import USPTransports

/// A link at whose other end an agent answers by rules; all of it on one event loop, without a socket.
final class ScriptedLink: Link {
  let kind: TransportKind
  let eventLoop: any EventLoop = MultiThreadedEventLoopGroup.singleton.next()
  let peerAddress = "192.0.2.7"
  let claimedEndpoint: EndpointID?
  let proof: LinkProof
  let localAddress = "192.0.2.1"

  struct State {
    var exchange: RecordExchange
    var receiver: (any LinkReceiver)?
    var isClosed = false
    var closing: LinkClosing?
    /// What the controller has asked and answered, the oldest first.
    var messages: [USPMsg] = []
  }

  private let state: NIOLockedValueBox<State>
  private let answer: @Sendable (USPRequest.OneOf_ReqType) -> USPResponse.OneOf_RespType?

  init(
    _ endpoint: String, controller: EndpointID, proof: LinkProof = .fileSystem,
    kind: TransportKind = .webSocket,
    answer: @escaping @Sendable (USPRequest.OneOf_ReqType) -> USPResponse.OneOf_RespType?
  ) {
    claimedEndpoint = EndpointID(endpoint)
    self.proof = proof
    self.kind = kind
    self.answer = answer
    state = NIOLockedValueBox(
      State(
        exchange: RecordExchange(
          RecordExchange.Configuration(
            own: EndpointID(endpoint) ?? controller, peer: controller))))
  }

  /// The agent says that it has connected.
  func connect(to receiver: any LinkReceiver) {
    state.withLockedValue { $0.receiver = receiver }
    act { $0.connect(.webSocket) }
  }

  /// Takes the receiver, and says nothing.
  func attach(_ receiver: any LinkReceiver) {
    state.withLockedValue { $0.receiver = receiver }
  }

  /// The agent says that it leaves.
  func leave() {
    act { $0.disconnect("bye", code: nil) }
  }

  /// The agent connects again over the same link.
  func connectAgain() {
    act { $0.connect(.webSocket) }
  }

  /// The agent sends a message.
  func tell(_ message: USPMsg) {
    act { $0.send(message, now: Date().timeIntervalSince1970) }
  }

  /// Records of the agent, as they are.
  func push(_ record: [UInt8]) {
    let receiver = state.withLockedValue { $0.receiver }
    eventLoop.execute { receiver?.received(record) }
  }

  private func act(_ body: (inout RecordExchange) -> [RecordExchange.Event]) {
    for event in state.withLockedValue({ body(&$0.exchange) }) {
      if case .send(let record) = event { push(record) }
    }
  }

  func send(_ record: [UInt8]) {
    let events = state.withLockedValue {
      $0.exchange.received(record, now: Date().timeIntervalSince1970)
    }
    for case .message(let message, _) in events {
      state.withLockedValue { $0.messages.append(message) }
      if let request = message.request, let response = answer(request) {
        tell(.response(to: message.id, response))
      }
    }
  }

  func close(_ reason: LinkClosing) {
    let receiver = state.withLockedValue { state -> (any LinkReceiver)? in
      guard !state.isClosed else { return nil }
      state.isClosed = true
      state.closing = reason
      return state.receiver
    }
    eventLoop.execute { receiver?.closed("closed") }
  }

  var closing: LinkClosing? { state.withLockedValue { $0.closing } }
  var messages: [USPMsg] { state.withLockedValue { $0.messages } }

  /// Waits until what the controller has sent is as it should be.
  func wait(until isReached: ([USPMsg]) -> Bool) async throws {
    while !isReached(messages) { try await Task.sleep(for: .milliseconds(5)) }
  }

  func waitForClosing() async throws -> LinkClosing {
    while true {
      if let closing { return closing }
      try await Task.sleep(for: .milliseconds(5))
    }
  }
}
