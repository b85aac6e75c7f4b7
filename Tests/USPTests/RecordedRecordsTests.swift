import Foundation
import SwiftProtobuf
import Testing
import USP

/// Records that a controller and the reference agent have exchanged.
@Suite(.enabled(if: RecordedRecords.arePresent, RecordedRecords.absence))
struct RecordedRecordsTests {
  @Test(arguments: RecordedRecords.files) func allAreReadAndWrittenAgain(_ file: String) throws {
    let records = try RecordedRecords.read(file)
    #expect(records.count > 20)
    var messages = 0
    for recorded in records {
      let record = try RecordCodec.decode(recorded.bytes)
      #expect(EndpointID(record.fromID) != nil)
      #expect(EndpointID(record.toID) != nil)
      let again = RecordCodec.encode(record)
      #expect(try RecordCodec.decode(again) == record)
      if recorded.isOfController { #expect(again == recorded.bytes, "\(recorded.type)") }
      guard case .noSessionContext(let context)? = record.recordType else { continue }
      messages += 1
      let payload = Array(context.payload)
      let message = try MessageCodec.decode(payload)
      #expect(message.header.msgType.name == recorded.type)
      let written = MessageCodec.encode(message)
      // The order of a map's entries is the sender's own, and whether an empty value is written.
      if recorded.isOfController { #expect(written == payload, "\(recorded.type)") }
      #expect(try MessageCodec.decode(written) == message)
    }
    #expect(
      messages == records.filter { $0.type == $0.type.uppercased() && !$0.type.isEmpty }.count)
  }

  /// What our side sends in the place of the recorded controller is what that has sent.
  @Test(arguments: RecordedRecords.files) func anExchangeIsReplayed(_ file: String) throws {
    let records = try RecordedRecords.read(file)
    let first = try RecordCodec.decode(try #require(records.first).bytes)
    var configuration = RecordExchange.Configuration(
      own: try #require(EndpointID(first.toID)), sessionID: { 99 }, random: { 0 })
    configuration.maxRecordSize = 133
    var exchange = RecordExchange(configuration)
    var pending = PendingRequests<USPHeader.MsgType>()
    var recent = RecentMessages()
    var counts = (sent: 0, messages: 0, segments: 0, connects: 0, disconnects: 0, repeated: 0)
    var others = 0
    var outgoing = Data()
    for recorded in records {
      let record = try RecordCodec.decode(recorded.bytes)
      guard [record.toID, record.fromID].contains(first.toID) else {
        // Another controller's, in the same recording.
        others += 1
        guard !recorded.isOfController else { continue }
        #expect(Told.of(exchange.received(recorded.bytes, now: 0)) == [.refused(7104)])
        continue
      }
      // Here the controller left a number out, to see what happens.
      if recorded.isOfController, record.sessionContext.sequenceID == 9 { break }
      guard recorded.isOfController else {
        for event in exchange.received(recorded.bytes, now: 0) {
          switch event {
          case .message(let message, _) where message.request == nil:
            #expect(pending.take(message.id) != nil, "\(message.id)")
            counts.messages += 1
          case .message(let message, _):
            counts.messages += 1
            if recent.received(message.id, now: 0) != .new { counts.repeated += 1 }
          case .connected: counts.connects += 1
          case .disconnected(_, let code):
            counts.disconnects += 1
            #expect([7105, 7106].contains(code))
          case .peer(let peer): #expect(peer.text == first.fromID)
          case .send, .refused, .deadPeer: Issue.record("\(event)")
          }
        }
        continue
      }
      let message: USPMsg
      switch record.recordType {
      case .noSessionContext(let context): message = try MessageCodec.decode(Array(context.payload))
      case .sessionContext(let context):
        outgoing.append(contentsOf: context.payload.flatMap(\.self))
        guard [.none, .complete].contains(context.payloadSarState) else { continue }
        message = try MessageCodec.decode(Array(outgoing))
        outgoing = Data()
      default:
        Issue.record("\(recorded.type)")
        return
      }
      if message.request != nil { pending.add(message.id, message.header.msgType, deadline: 30) }
      let sent = exchange.send(message, now: 0)
      counts.sent += 1
      if case .noSessionContext? = record.recordType, file != RecordedRecords.sessions {
        #expect(sent == [.send(recorded.bytes)], "\(recorded.type)")
      }
      counts.segments += sent.count - 1
      guard case .sessionContext(let context)? = record.recordType, sent.count == 1,
        case .send(let bytes)? = sent.first
      else { continue }
      let ours = try RecordCodec.decode(bytes).sessionContext
      #expect(ours.sessionID == context.sessionID)
      #expect(ours.expectedID == context.expectedID)
      #expect(ours.payload == context.payload)
    }
    if file == RecordedRecords.sessions {
      #expect(counts.sent == 4)
      #expect(counts.segments > 0)
      #expect(counts.messages == 3)
      #expect(counts.disconnects == 1)
      // Its first request was refused for want of a session context.
      #expect(pending.count == 1)
    } else {
      #expect(pending.isEmpty)
      #expect(counts.messages + counts.sent + counts.connects + others == records.count)
    }
    #expect(counts.connects > 0)
  }
}

enum RecordedRecords {
  static let sessions = "session-context-ws.jsonl"
  static let files = ["mqtt5.jsonl", "ws-agent-server.jsonl", sessions]
  static let absence: Comment =
    "the test data is absent; FAIRLEAD_TEST_DATA says where it is looked for"

  private static let folder: URL = {
    let root =
      ProcessInfo.processInfo.environment["FAIRLEAD_TEST_DATA"].map(URL.init(fileURLWithPath:))
      ?? URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("../shared/data").standardized
    return root.appendingPathComponent("usp-records")
  }()

  static var arePresent: Bool { FileManager.default.fileExists(atPath: folder.path) }

  struct Recorded: Decodable {
    var dir: String
    var type: String
    var len: Int
    var hex: String

    var isOfController: Bool { dir == "controller->agent" }
    var bytes: [UInt8] {
      let digits = hex.utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
      return stride(from: 0, to: digits.count - 1, by: 2).map {
        UInt8(digits[$0] << 4 | digits[$0 + 1])
      }
    }
  }

  static func read(_ file: String) throws -> [Recorded] {
    let text = try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
    return try text.split(separator: "\n").map { line in
      let recorded = try JSONDecoder().decode(Recorded.self, from: Data(line.utf8))
      #expect(recorded.bytes.count == recorded.len)
      return recorded
    }
  }
}
