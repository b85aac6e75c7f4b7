import Foundation
import ManagementTypes
import OperatorCommands
import Testing

/// What is easily written wrong, and what acsctl makes of it.
@Suite struct MistakeTests {
  private static let moment = "2026-01-31T12:00:00.000Z"
  private static let task = """
    {"id":8,"device":"N-P-1","order":{"kind":"set"},"state":"queued","attempts":0,"maxAttempts":3,
    "dueAt":"\(moment)","deadline":"\(moment)","createdAt":"\(moment)","orderedBy":"a"}
    """

  private func run(_ answers: [String: StubServer.Answer], _ line: [String]) async throws
    -> (code: Int32, received: [String])
  {
    let server = try StubServer(answers)
    defer { server.stop() }
    let code = await Acsctl.run(
      arguments: line + ["--server", "http://127.0.0.1:\(server.port)"])
    return (code, server.received)
  }

  private func problem(_ words: [String]) -> String? {
    do throws(Assignment.Problem) {
      _ = try TaskArguments.one(words, command: "acsctl describe task")
      return nil
    } catch {
      return error.description
    }
  }

  @Test func tasksAreNamedByTheirDeviceAndTheirNumber() {
    #expect(problem(["N-P-1", "8"]) == nil)
    #expect(
      problem(["8"])
        == "“8” is no device; a task is named by its device and its number: acsctl describe task NAME 8"
    )
    #expect(problem(["8", "N-P-1"])?.contains("acsctl describe task NAME 8") == true)
    #expect(
      problem(["N-P-1"]) == "no number of a task given; “acsctl get tasks N-P-1” lists them")
    #expect(problem([]) == "no task given: write acsctl describe task NAME 8")
    #expect(problem(["N-P-1", "x"])?.contains("“x” is not the number of a task") == true)
    #expect(problem(["N-P-1", "8", "9"]) == "more than one task given")
    #expect(problem(["N-P-1", "99999999999999999999"]) != nil)
  }

  @Test(arguments: [
    ["describe", "task", "8"], ["describe", "task", "N-P-1"], ["delete", "task", "8"],
    ["get", "task", "8"], ["get", "tasks", "N-P-1", "x"],
    ["get", "tasks", "N-P-1", "8", "--state", "open"],
  ]) func whatNamesNoTaskIsNotSent(line: [String]) async throws {
    let (code, received) = try await run([:], line)
    #expect(code == CommandFailure.Kind.usage.rawValue)
    #expect(received.isEmpty)
  }

  @Test func tasksAreListedByTheirNumbers() async throws {
    let (code, received) = try await run(
      [
        "GET /api/v1/devices/N-P-1/tasks/8": .init(body: Self.task),
        "GET /api/v1/devices/N-P-1/tasks/9": .init(body: Self.task),
      ], ["get", "task", "N-P-1", "8", "9"])
    #expect(code == 0 && received.count == 2)
  }

  @Test func namesThatBeginWithADashAreGivenAfterTwo() async throws {
    let hint = try #require(Acsctl.hint(for: ["get", "device", "-Box-1"]))
    #expect(hint.contains("-- -Box-1"))
    for line in [
      ["get", "device", "--", "-Box-1"], ["get", "devices", "-l", "tag=a-b"],
      ["get", "devices", "--no-headings"], ["get", "devices", "-ltag=a-b"], ["get", "-x"],
    ] { #expect(Acsctl.hint(for: line) == nil, "\(line)") }
    let server = try StubServer([:])
    defer { server.stop() }
    let code = await Acsctl.run(arguments: [
      "get", "device", "--server", "http://127.0.0.1:\(server.port)", "--", "-Box-1",
    ])
    #expect(code == CommandFailure.Kind.notFound.rawValue)
    #expect(server.received.first?.hasPrefix("GET /api/v1/devices/-Box-1 ") == true)
  }

  private struct Sent: Decodable { var confirmed: Bool? }

  @Test(
    arguments: [
      ("Device.ManagementServer.URL=http://x/", [], Int32(2), 0, nil),
      ("Device.ManagementServer.URL=http://x/", ["--yes"], 0, 1, true),
      ("Device.ManagementServer.Password=x", [], 2, 0, nil),
      ("Device.ManagementServer.PeriodicInformInterval=5", [], 0, 1, nil),
    ] as [(String, [String], Int32, Int, Bool?)])
  func whatMayShutADeviceOutIsAskedFor(
    assignment: String, flags: [String], code expected: Int32, count: Int, isConfirmed: Bool?
  ) async throws {
    let (code, received) = try await run(
      ["POST /api/v1/devices/N-P-1/tasks": .init(status: 201, body: Self.task)],
      ["set", "N-P-1", assignment, "--no-wait"] + flags)
    #expect(code == expected && received.count == count)
    guard let request = received.first, let end = request.range(of: "\r\n\r\n") else { return }
    let sent = try JSONDecoder().decode(Sent.self, from: Data(request[end.upperBound...].utf8))
    #expect(sent.confirmed == isConfirmed)
  }
}
