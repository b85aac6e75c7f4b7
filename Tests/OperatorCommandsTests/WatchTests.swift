import Foundation
import OperatorCommands
import Testing

@Suite struct WatchTests {
  private static let moment = "2026-01-31T12:00:00.000Z"

  private func run(_ answers: [String: StubServer.Answer], _ arguments: String...) async throws
    -> (code: Int32, received: [String])
  {
    let server = try StubServer(answers)
    defer { server.stop() }
    let code = await Acsctl.run(
      arguments: arguments + ["--server", "http://127.0.0.1:\(server.port)", "--token", "secret"])
    return (code, server.received)
  }

  private static func event(_ id: String) -> String {
    "id: \(id)\ndata: {\"device\":\"N\",\"at\":\"\(moment)\",\"kind\":\"boot\",\"detail\":{}}\n\n"
  }

  @Test func aLostConnectionIsTakenUpWhereItBroke() async throws {
    let (code, received) = try await run(
      ["GET /api/v1/events": .init(body: "retry: 10\n\n" + Self.event("5.1"))],
      "watch", "N", "-l", "Vendor=A", "--kind", "boot", "--count", "2")
    #expect(code == 0)
    #expect(received.count == 2)
    #expect(
      received.allSatisfy {
        $0.hasPrefix("GET /api/v1/events?selector=Vendor%3DA&device=N&kind=boot HTTP/1.1\r\n")
      })
    #expect(!received[0].contains("Last-Event-ID"))
    #expect(received[1].contains("Last-Event-ID: 5.1\r\n"))
  }

  @Test func whatTheServerRefusesIsToldAtOnce() async throws {
    let (code, received) = try await run([:], "watch", "events", "N")
    #expect(code == CommandFailure.Kind.notFound.rawValue)
    #expect(received.count == 1)
  }

  @Test func watchingEndsInTime() async throws {
    let (code, _) = try await run(
      ["GET /api/v1/events": .init(body: "retry: 10\n\n")], "watch", "--timeout", "1")
    #expect(code == 0)
  }

  @Test(arguments: [
    ("done", 0, Int32(0)), ("done", 2, 1), ("paused", 0, 1), ("cancelled", 0, 1),
  ]) func theEndOfARolloutIsTheExitCode(state: String, failed: Int, expected: Int32) async throws {
    func message(_ state: String) -> String {
      """
      data: {"name":"r","state":"\(state)","appliedBy":"a","createdAt":"\(Self.moment)","selector":"name=*","version":"2",\
      "file":"00","counts":{"pending":0,"active":0,"done":1,"skipped":0,"failed":\(failed),"cancelled":0}}


      """
    }
    let body = "retry: 10\n\n" + message("running") + message(state)
    for arguments in [["watch", "rollout", "r"], ["rollout", "status", "r", "--watch"]] {
      let server = try StubServer(["GET /api/v1/rollouts/r/watch": .init(body: body)])
      defer { server.stop() }
      let code = await Acsctl.run(
        arguments: arguments + ["--server", "http://127.0.0.1:\(server.port)", "--token", "secret"])
      #expect(code == expected)
      #expect(server.received.count == 1)
    }
  }
}
