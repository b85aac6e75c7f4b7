import Foundation
import ManagementTypes
import Testing

@testable import OperatorCommands

@Suite struct TraceTests {
  private static let moment = "2026-01-31T12:00:00.000Z"
  private static let entry = """
    {"id":3,"at":"\(moment)","session":9,"direction":"in","peer":"192.0.2.1","head":"POST / HTTP/1.1",\
    "headers":[{"name":"A","value":"b"}],"body":"<x/>","bodySize":4}
    """

  private func run(_ answers: [String: StubServer.Answer], _ line: String...) async throws
    -> (code: Int32, received: [String])
  {
    let server = try StubServer(answers)
    defer { server.stop() }
    let code = await Acsctl.run(
      arguments: line + ["--server", "http://127.0.0.1:\(server.port)"])
    return (code, server.received)
  }

  @Test func aTraceIsSwitchedOnAndFollowed() async throws {
    let (code, received) = try await run(
      [
        "PUT /api/v1/devices/N/trace ": .init(body: #"{"until":"\#(Self.moment)"}"#),
        "GET /api/v1/devices/N/trace/watch": .init(
          body: "retry: 10\n\ndata: \(Self.entry)\n\n"),
      ], "trace", "N", "--for", "1h", "--count", "1")
    #expect(code == 0)
    #expect(received.count == 2)
    #expect(received[0].hasSuffix(#"{"seconds":3600}"#))
  }

  @Test func aTraceCanBeSwitchedOnAndOffAlone() async throws {
    let on = try await run(
      ["PUT /api/v1/devices/N/trace": .init(body: "{}")], "trace", "N", "--no-follow")
    #expect(on.code == 0 && on.received.count == 1)
    #expect(on.received[0].hasSuffix(#"{"seconds":600}"#))
    let off = try await run(
      ["DELETE /api/v1/devices/N/trace": .init(status: 204, body: "")], "trace", "N", "--off")
    #expect(off.code == 0 && off.received.count == 1)
  }

  @Test func aTraceThatIsRefusedIsNotFollowed() async throws {
    let (code, received) = try await run([:], "trace", "N")
    #expect(code == CommandFailure.Kind.notFound.rawValue)
    #expect(received.count == 1)
  }

  @Test func whatWasKeptIsListed() async throws {
    let (code, received) = try await run(
      ["GET /api/v1/devices/N/trace?limit=100": .init(body: #"{"items":[\#(Self.entry)]}"#)],
      "get", "trace", "N", "-o", "wide")
    #expect(code == 0)
    #expect(received.count == 1)
  }

  @Test func messagesAreShownInFullAndHarmless() {
    let entry = TraceEntry(
      id: 3, at: Timestamp(0), session: 9, direction: "out", peer: "192.0.2.1",
      head: "HTTP/1.1 200 OK", headers: [.init(name: "A", value: "b\u{1B}[2J")],
      body: "<a>\r\n\u{7}</a>", bodySize: 2048)
    #expect(
      TraceText.lines(entry) == [
        "── 1970-01-01T00:00:00.000Z  server  session 9  192.0.2.1", "HTTP/1.1 200 OK",
        "A: b\\u{1B}[2J", "", "<a>", "\\u{7}</a>", "… 2.0 KiB in all", "",
      ])
  }

  @Test func theMethodIsShownInAColumnAndAboveTheMessage() {
    let entry = TraceEntry(
      id: 3, at: Timestamp(0), session: 9, direction: "in", peer: "192.0.2.1",
      head: "POST / HTTP/1.1", method: "Inform", headers: [], body: "", bodySize: 0)
    let lines = TraceText.table([entry]).lines()
    #expect(
      lines[0].split(separator: " ") == ["ID", "AT", "SESSION", "FROM", "METHOD", "SIZE", "HEAD"])
    #expect(lines[1].contains("device   Inform   0 B"), "\(lines)")
    #expect(
      TraceText.lines(entry)[0]
        == "── 1970-01-01T00:00:00.000Z  device  Inform  session 9  192.0.2.1")
  }
}
