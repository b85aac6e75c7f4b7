import Foundation
import SwiftProtobuf
import Testing
import USP

/// A controller's exchange with an agent whose Records the test writes itself.
struct ExchangeFixture {
  static let controllerName = "self::controller"
  static let agentName = "os::012345-A1"

  static func configuration(
    own: String = controllerName, peer: String? = nil,
    sessionIDs: [UInt64] = [1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000]
  ) throws -> RecordExchange.Configuration {
    let source = NumberSource(sessionIDs)
    return RecordExchange.Configuration(
      own: try #require(EndpointID(own)), peer: try peer.map { try #require(EndpointID($0)) },
      sessionID: { source.next() }, random: { 0.5 })
  }

  static func get(_ id: String, paths: Int = 1) -> USPMsg {
    .request(
      id: id,
      .get(
        .with { $0.paramPaths = Array(repeating: "Device.DeviceInfo.SerialNumber", count: paths) })
    )
  }

  static func getResponse(_ id: String) -> USPMsg { .response(to: id, .getResp(USPGetResp())) }

  static func notify(_ id: String) -> USPMsg {
    .request(id: id, .notify(.with { $0.event.eventName = "Boot!" }))
  }

  /// What an agent sends.
  static func record(
    _ type: USPRecord.OneOf_RecordType?, to: String = controllerName, from: String = agentName,
    version: String = "1.3", _ change: (inout USPRecord) -> Void = { _ in }
  ) -> [UInt8] {
    var record = USPRecord()
    record.version = version
    record.toID = to
    record.fromID = from
    record.recordType = type
    change(&record)
    return RecordCodec.encode(record)
  }

  static func plain(_ message: USPMsg) -> USPRecord.OneOf_RecordType {
    .noSessionContext(.with { $0.payload = Data(MessageCodec.encode(message)) })
  }

  static func session(
    _ id: UInt64, _ sequence: UInt64, expects: UInt64, again: UInt64 = 0, _ message: USPMsg?,
    _ change: (inout USPSessionContextRecord) -> Void = { _ in }
  ) -> [UInt8] {
    var context = USPSessionContextRecord()
    context.sessionID = id
    context.sequenceID = sequence
    context.expectedID = expects
    context.retransmitID = again
    context.payload = [message.map { Data(MessageCodec.encode($0)) } ?? Data()]
    change(&context)
    return record(.sessionContext(context))
  }
}

final class NumberSource: Sendable {
  private let numbers: [UInt64]
  private let lock = NSLock()
  nonisolated(unsafe) private var index = 0

  init(_ numbers: [UInt64]) { self.numbers = numbers }

  func next() -> UInt64 {
    lock.withLock {
      defer { index += 1 }
      return numbers[index % numbers.count]
    }
  }
}

/// An event in a form that reads like a transcript.
enum Told: Equatable, CustomStringConvertible {
  case plain(String)
  /// Session, sequence, expected, retransmit, state, message ID.
  case session(UInt64, UInt64, expects: UInt64, again: UInt64 = 0, String = "")
  case segment(UInt64, UInt64, expects: UInt64, again: UInt64 = 0, Int)
  case sentError(String, UInt32)
  case sentConnect
  case sentDisconnect(UInt32)
  case message(String)
  case connected(RecordExchange.Connect, String)
  case disconnected(UInt32)
  case peer(String)
  case refused(UInt32)
  case undecodable(UInt32)
  case dead
  case unreadable

  static func of(_ events: [RecordExchange.Event]) -> [Told] { events.map(Told.init) }

  private init(_ event: RecordExchange.Event) {
    switch event {
    case .send(let bytes): self = Told(sent: bytes)
    case .message(let message, _): self = .message(message.id)
    case .connected(let connect, let version): self = .connected(connect, version)
    case .disconnected(_, let code): self = .disconnected(code)
    case .peer(let peer): self = .peer(peer.text)
    case .refused(let fault, let isUndecodable, _):
      self = isUndecodable ? .undecodable(fault.code.rawValue) : .refused(fault.code.rawValue)
    case .deadPeer: self = .dead
    }
  }

  private init(sent bytes: [UInt8]) {
    guard let record = try? RecordCodec.decode(bytes) else {
      self = .unreadable
      return
    }
    switch record.recordType {
    case .noSessionContext(let context): self = Told(message: context.payload) ?? .unreadable
    case .sessionContext(let context) where context.payloadSarState != .none:
      self = .segment(
        context.sessionID, context.sequenceID, expects: context.expectedID,
        again: context.retransmitID, context.payloadSarState.rawValue)
    case .sessionContext(let context):
      let id = context.payload.first.flatMap { try? MessageCodec.decode(Array($0)) }?.id ?? ""
      self = .session(
        context.sessionID, context.sequenceID, expects: context.expectedID,
        again: context.retransmitID, id)
    case .disconnect(let disconnect): self = .sentDisconnect(disconnect.reasonCode)
    case .websocketConnect, .mqttConnect, .stompConnect, .udsConnect: self = .sentConnect
    case nil: self = .unreadable
    }
  }

  private init?(message payload: Data) {
    guard let message = try? MessageCodec.decode(Array(payload)) else { return nil }
    if let failure = message.failure {
      self = .sentError(message.id, failure.errCode)
    } else {
      self = .plain(message.id)
    }
  }

  var description: String {
    switch self {
    case .plain(let id): "plain \(id)"
    case .session(let id, let sequence, let expects, let again, let message):
      "session \(id) seq \(sequence) exp \(expects) again \(again) \(message)"
    case .segment(let id, let sequence, let expects, let again, let state):
      "segment \(id) seq \(sequence) exp \(expects) again \(again) state \(state)"
    case .sentError(let id, let code): "error \(id) \(code)"
    case .sentConnect: "connect"
    case .sentDisconnect(let code): "disconnect \(code)"
    case .message(let id): "message \(id)"
    case .connected(let connect, let version): "connected \(connect) \(version)"
    case .disconnected(let code): "disconnected \(code)"
    case .peer(let text): "peer \(text)"
    case .refused(let code): "refused \(code)"
    case .undecodable(let code): "undecodable \(code)"
    case .dead: "dead"
    case .unreadable: "unreadable"
    }
  }
}
