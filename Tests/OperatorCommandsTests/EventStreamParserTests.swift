import OperatorCommands
import Testing

@Suite struct EventStreamParserTests {
  private static let stream =
    "retry: 1500\n\n: alive\nid: 7.1\n\nid: 7.2\ndata: {\"a\":\ndata: 1}\n\ndata:x\r\n\r\ndata: half"

  @Test(arguments: [1, 2, 3, 7, 1000]) func piecesOfAnySizeGiveTheSame(size: Int) {
    var parser = EventStreamParser()
    var messages: [EventStreamParser.Message] = []
    var rest = Array(Self.stream.utf8)[...]
    while !rest.isEmpty {
      messages += parser.receive(Array(rest.prefix(size))) ?? []
      rest = rest.dropFirst(size)
    }
    #expect(messages.map(\.data) == ["{\"a\":\n1}", "x"])
    #expect(parser.lastEventID == "7.2")
    #expect(parser.retry == 1500)
  }

  @Test func aMarkWithoutDataIsRememberedToo() {
    var parser = EventStreamParser()
    #expect(parser.receive(Array(": alive\nid: 9.0\n\n".utf8)) == [])
    #expect(parser.lastEventID == "9.0")
  }

  @Test func whatBrokeOffIsForgottenAtANewConnection() {
    var parser = EventStreamParser()
    _ = parser.receive(Array("id: 1.1\ndata: a\n\nid: 1.2\ndata: b".utf8))
    parser.restart()
    #expect(parser.receive(Array("\n\ndata: c\n\n".utf8))?.map(\.data) == ["c"])
    #expect(parser.lastEventID == "1.1")
  }

  @Test func aLineWithoutEndIsNotKept() {
    var parser = EventStreamParser()
    let piece = [UInt8](repeating: 0x61, count: 1 << 20)
    var pieces = 0
    while parser.receive(piece) != nil { pieces += 1 }
    #expect(pieces == EventStreamParser.maximumLine >> 20)
  }
}
