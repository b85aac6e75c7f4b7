import ManagementTypes
import Testing

@testable import OperatorCommands

@Suite struct ConnectTests {
  private func run(_ answers: [String: StubServer.Answer], _ line: String...) async throws
    -> (code: Int32, received: [String])
  {
    let server = try StubServer(answers)
    defer { server.stop() }
    let code = await Acsctl.run(
      arguments: line + ["--server", "http://127.0.0.1:\(server.port)"])
    return (code, server.received)
  }

  @Test(arguments: [
    (#"{"called":true,"method":"http","milliseconds":120}"#, Int32(0)),
    (#"{"called":false,"milliseconds":30000,"reason":"no route"}"#, 6),
  ]) func theExitCodeTellsWhetherItCalled(body: String, expected: Int32) async throws {
    for more in [[], ["-o", "json"]] {
      let server = try StubServer(["POST /api/v1/devices/N/connect?wait=30 ": .init(body: body)])
      defer { server.stop() }
      let code = await Acsctl.run(
        arguments: ["connect", "N", "--server", "http://127.0.0.1:\(server.port)"] + more)
      #expect(code == expected)
      #expect(server.received.count == 1)
    }
  }

  @Test func askingAloneDoesNotWait() async throws {
    let (code, received) = try await run(
      ["POST /api/v1/devices/N/connect ": .init(status: 202, body: "")], "connect", "N",
      "--timeout", "0")
    #expect(code == 0)
    #expect(received.count == 1)
  }

  @Test func aPersonReadsWhatCameOfIt() {
    #expect(
      Connect.line(.init(called: true, method: "udp", milliseconds: 12), device: "N")
        == "N: called after 12 ms, reached by udp")
    #expect(
      Connect.line(.init(called: true, milliseconds: 12), device: "N")
        == "N: called after 12 ms, by itself")
    #expect(
      Connect.line(.init(called: false, milliseconds: 12, reason: "no\u{1B} route"), device: "N")
        == #"N: has not called within 12 ms: no\u{1B} route"#)
  }
}
