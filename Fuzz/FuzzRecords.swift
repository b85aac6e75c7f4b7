import SwiftProtobuf
import USP

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

private let names = (own: "self::c", peer: "os::012345-A")
private let limits: USPLimits = {
  var limits = USPLimits()
  limits.messageItems = 500
  limits.earlyRecords = 4
  limits.earlyBytes = 2000
  limits.keptRecords = 6
  limits.keptBytes = 2000
  limits.messageBytes = 3000
  return limits
}()

/// The first byte chooses how the exchange is set up. Then come steps: a byte that says what happens, and what it happens with.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard let data, count > 1 else { return 0 }
  var input = Input(bytes: Array(UnsafeBufferPointer(start: data, count: count)))
  guard var trial = Trial(input.byte()) else { return 0 }
  while !input.isAtEnd {
    switch input.byte() % 10 {
    case 0: trial.receive(input.block())
    case 1: trial.receive(sessionRecord(&input, in: trial.session.id))
    case 2: trial.receive(record(.noSessionContext(.with { $0.payload = Data(input.block()) })))
    case 3: trial.wait(Double(input.byte()) / 8)
    case 4: trial.send(paths: Int(input.byte()))
    case 5: trial.receive(record(connection(input.byte())))
    case 6: trial.disconnect(input.byte())
    case 7: readMessage(input.block())
    case 8: readFrames(input.block(), by: Int(input.byte()) + 1)
    default: readNames(input.block())
    }
  }
  return 0
}

private struct Input {
  var bytes: [UInt8]
  var position = 0

  var isAtEnd: Bool { position >= bytes.count }

  mutating func byte() -> UInt8 {
    guard !isAtEnd else { return 0 }
    position += 1
    return bytes[position - 1]
  }

  /// As many as a byte says, or all that are left.
  mutating func block() -> [UInt8] {
    let length = Int(byte())
    let end = length == 255 ? bytes.count : min(position + length, bytes.count)
    defer { position = max(end, position) }
    return Array(bytes[min(position, end)..<end])
  }
}

private func record(_ type: USPRecord.OneOf_RecordType) -> [UInt8] {
  var record = USPRecord()
  record.version = "1.3"
  record.toID = names.own
  record.fromID = names.peer
  record.recordType = type
  return RecordCodec.encode(record)
}

/// - Parameter session: the context that the exchange is in.
private func sessionRecord(_ input: inout Input, in session: UInt64) -> [UInt8] {
  let (first, second, states) = (input.byte(), input.byte(), input.byte())
  var context = USPSessionContextRecord()
  context.sessionID = first >> 5 == 7 ? session : UInt64(first >> 5)
  context.sequenceID = UInt64(first & 31)
  context.expectedID = UInt64(second & 15)
  context.retransmitID = UInt64(second >> 4)
  context.payloadSarState = .init(rawValue: Int(states & 3)) ?? .none
  context.payloadrecSarState =
    states & 0x80 == 0 ? context.payloadSarState : .init(rawValue: Int(states >> 2 & 7)) ?? .none
  if states & 0x40 != 0 { context.sequenceID = .max - UInt64(first) }
  context.payload = [Data(input.block())]
  return record(.sessionContext(context))
}

private func connection(_ choice: UInt8) -> USPRecord.OneOf_RecordType {
  switch choice % 6 {
  case 0: .websocketConnect(.init())
  case 1: .udsConnect(.init())
  case 2: .mqttConnect(.with { $0.subscribedTopic = "a/b" })
  case 3: .stompConnect(.init())
  default: .disconnect(.with { $0.reasonCode = 7100 + UInt32(choice / 6) })
  }
}

/// An exchange, and what must be true of whatever it does.
private struct Trial {
  private var exchange: RecordExchange
  private var now = 0.0
  private(set) var session: (id: UInt64, sent: [[UInt8]]) = (0, [])
  /// The same ID may stand for the old context or for a new one.
  private var isUncertain = false

  init?(_ choice: UInt8) {
    guard let own = EndpointID(names.own) else { return nil }
    nonisolated(unsafe) var last: UInt64 = 100
    var configuration = RecordExchange.Configuration(
      own: own,
      sessionID: {
        last += 1
        return last
      }, random: { 0.5 })
    configuration.limits = limits
    configuration.sessionMode = [.allow, .require, .forbid, .allow][Int(choice & 3)]
    configuration.maxRecordSize = choice & 4 == 0 ? 0 : 150
    configuration.sessionExpiration = choice & 8 == 0 ? 0 : 20
    exchange = RecordExchange(configuration)
  }

  mutating func receive(_ bytes: [UInt8]) { check(exchange.received(bytes, now: now)) }

  mutating func wait(_ seconds: Double) {
    now += seconds
    check(exchange.timerFired(now: now))
    if let timer = exchange.nextTimer { precondition(timer > now, "a timer that never rests") }
  }

  mutating func send(paths: Int) {
    let get = USPGet.with { $0.paramPaths = Array(repeating: "Device.", count: paths) }
    check(exchange.send(.request(id: "1", .get(get)), now: now))
  }

  mutating func disconnect(_ choice: UInt8) {
    check(exchange.disconnect("r", code: USPErrorCode(rawValue: 7000 + UInt32(choice))))
  }

  private mutating func check(_ events: [RecordExchange.Event]) {
    precondition(events.count < 1000, "a flood of events")
    for event in events {
      switch event {
      case .send(let bytes): check(sent: bytes)
      case .message(let message, _): checkMessage(message)
      case .refused(let fault, _, _): precondition(fault.text.utf8.count < 200, "a long text")
      case .disconnected(let reason, _):
        precondition(reason.count <= 256, "a long reason")
        session = (0, [])
      case .connected: isUncertain = true
      case .peer, .deadPeer: break
      }
    }
  }

  private mutating func check(sent bytes: [UInt8]) {
    guard let record = try? RecordCodec.decode(bytes) else {
      preconditionFailure("what is sent can't be read")
    }
    precondition(record.fromID == names.own && record.toID == exchange.peer?.text, "misaddressed")
    if case .disconnect? = record.recordType { session = (0, []) }
    guard case .sessionContext(let context)? = record.recordType else { return }
    if isUncertain {
      guard session.id != 0, context.sessionID != session.id else {
        session.id = context.sessionID
        return
      }
      isUncertain = false
    }
    if context.sequenceID == 1 {
      // Sent again, or of a new context to whose ID the peer has come back.
      guard session.id != context.sessionID || session.sent.first != bytes else {
        isUncertain = true
        return
      }
      session = (context.sessionID, [])
    }
    precondition(context.sessionID == session.id, "a context that does not begin with 1")
    if context.sequenceID == UInt64(session.sent.count) + 1 {
      session.sent.append(bytes)
    } else {
      precondition(
        session.sent.indices.contains(Int(clamping: context.sequenceID) - 1)
          && session.sent[Int(context.sequenceID) - 1] == bytes, "sent again, but not the same")
    }
  }
}

private func checkMessage(_ message: USPMsg) {
  precondition(!message.id.isEmpty, "a message without an ID")
  precondition(message.header.msgType == message.typeOfBody, "the header has won")
  let bytes = MessageCodec.encode(message)
  do throws(USPFault) {
    let again = try MessageCodec.decode(bytes)
    precondition(again == message, "a message changes on its way")
  } catch {
    preconditionFailure("what was written can't be read: \(error)")
  }
}

private func readMessage(_ bytes: [UInt8]) {
  guard let message = try? MessageCodec.decode(bytes, limits: limits) else { return }
  checkMessage(message)
}

private func readFrames(_ bytes: [UInt8], by size: Int) {
  var whole = UnixFrame.Decoder(limit: 300)
  var pieces = UnixFrame.Decoder(limit: 300)
  let once = try? whole.received(bytes)
  var read: [UnixFrame.Element]? = []
  for start in stride(from: 0, to: bytes.count, by: size) {
    guard let more = try? pieces.received(bytes[start..<min(start + size, bytes.count)]) else {
      read = nil
      break
    }
    read? += more
    precondition(pieces.buffered <= 308 + size, "too much is kept")
  }
  precondition(once == read, "what is read depends on the pieces")
  guard let read, !read.isEmpty else { return }
  var again = UnixFrame.Decoder()
  precondition((try? again.received(UnixFrame.encode(read))) == read, "a frame changes on its way")
}

private func readNames(_ bytes: [UInt8]) {
  let text = String(decoding: bytes, as: UTF8.self)
  if let id = EndpointID(text) {
    precondition("\(id.scheme.rawValue):\(id.authority):\(id.instance)" == text, "misread")
    precondition(EndpointID.fromURN(id.urn) == id && EndpointID(queryValue: id.queryEncoded) == id)
  }
  if let id = EndpointID(queryValue: text) { precondition(EndpointID(id.text) == id) }
  if let id = EndpointID.fromURN(text) { precondition(EndpointID(id.text) == id) }
}
