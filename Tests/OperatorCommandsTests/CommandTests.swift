import Cryptography
import Foundation
import OperatorCommands
import Testing

/// Whole command lines against prepared answers: what is sent, and the exit code.
@Suite struct CommandTests {
  private static let moment = "2026-01-31T12:00:00.000Z"

  private static func task(_ kind: String, state: String, more: String = "") -> String {
    """
    {"id":7,"device":"N","order":{"kind":"\(kind)"},"state":"\(state)","attempts":1,"maxAttempts":3,
    "dueAt":"\(moment)","deadline":"\(moment)","createdAt":"\(moment)","orderedBy":"a"\(more)}
    """
  }

  private static let ended = #","endedAt":"\#(moment)""#

  private func run(_ answers: [String: StubServer.Answer], _ arguments: String...) async throws
    -> (code: Int32, received: [String])
  {
    let server = try StubServer(answers)
    defer { server.stop() }
    let code = await Acsctl.run(
      arguments: arguments + ["--server", "http://127.0.0.1:\(server.port)", "--token", "secret"])
    return (code, server.received)
  }

  @Test func namesAreEncodedAndTheTokenIsSent() async throws {
    let (code, received) = try await run([:], "get", "device", "00D09E-My%20Box-1")
    #expect(code == CommandFailure.Kind.notFound.rawValue)
    #expect(received.count == 1)
    #expect(received[0].hasPrefix("GET /api/v1/devices/00D09E-My%2520Box-1 HTTP/1.1\r\n"))
    #expect(received[0].contains("Authorization: Bearer secret\r\n"))
  }

  @Test func listsGoOverPages() async throws {
    let device = #"{"name":"N","tags":[],"facts":{}}"#
    let (code, received) = try await run(
      [
        "GET /api/v1/devices?": .init(body: #"{"items":[\#(device)],"nextCursor":"c"}"#),
        "GET /api/v1/devices?limit=999&cursor=c": .init(body: #"{"items":[\#(device)]}"#),
      ], "get", "devices", "--limit", "1000", "-o", "name")
    #expect(code == 0)
    #expect(received.count == 2)
  }

  @Test(arguments: [
    ("done", "", Int32(0)),
    ("failed", #","fault":{"code":"cwmp.9003","text":"Invalid arguments"}"#, 1),
    ("expired", "", 1), ("cancelled", "", 1),
  ]) func theEndOfATaskIsTheExitCode(state: String, more: String, expected: Int32) async throws {
    let (code, received) = try await run(
      [
        "POST /api/v1/devices/N/tasks": .init(
          status: 201, body: Self.task("set", state: "queued")),
        "GET /api/v1/devices/N/tasks/7?wait=": .init(
          body: Self.task("set", state: state, more: more + Self.ended)),
      ], "set", "N", "Device.X:int=5")
    #expect(code == expected)
    #expect(received.count == 2)
    #expect(received[0].contains(#""path":"Device.X""#))
    #expect(received[0].contains(#""type":"int""#))
  }

  @Test func aTaskThatDoesNotEndIsATimeOut() async throws {
    let (code, _) = try await run(
      [
        "POST /api/v1/devices/N/tasks": .init(
          status: 201, body: Self.task("reboot", state: "queued")),
        "GET /api/v1/devices/N/tasks/7?wait=": .init(
          body: Self.task("reboot", state: "waiting", more: #","waitingFor":"boot""#)),
      ], "reboot", "N", "--timeout", "1")
    #expect(code == CommandFailure.Kind.timedOut.rawValue)
  }

  @Test func notWaitingAsksOnce() async throws {
    let (code, received) = try await run(
      [
        "POST /api/v1/devices/N/tasks": .init(
          status: 201, body: Self.task("reboot", state: "queued"))
      ], "reboot", "N", "--no-wait", "--no-connect", "--expires", "1h")
    #expect(code == 0)
    #expect(received.count == 1)
    #expect(received[0].contains(#""connect":false"#))
    #expect(received[0].contains(#""expiresIn":3600"#))
  }

  @Test func severalDevicesAreCountedBeforeAndLimitedToWhatWasAgreed() async throws {
    let (code, received) = try await run(
      [
        "GET /api/v1/devices/count?selector=tag%3Dx": .init(body: #"{"count":2}"#),
        "POST /api/v1/tasks": .init(
          status: 201,
          body: #"{"matched":2,"tasks":[{"device":"N","id":7},{"device":"M","id":8}]}"#),
        "GET /api/v1/devices/N/tasks/7": .init(
          body: Self.task("reboot", state: "done", more: Self.ended)),
        "GET /api/v1/devices/M/tasks/8": .init(
          body: Self.task("reboot", state: "failed", more: Self.ended)),
      ], "reboot", "--selector", "tag=x", "--yes")
    #expect(code == CommandFailure.Kind.failed.rawValue)
    #expect(received.count == 4)
    #expect(received[1].contains(#""limit":2"#))
  }

  @Test(arguments: [(401, Int32(4)), (403, 4), (503, 3), (500, 1), (422, 2)])
  func refusalsAreTheExitCode(status: Int, expected: Int32) async throws {
    let (code, _) = try await run(["GET": .init(status: status, body: "<html>")], "whoami")
    #expect(code == expected)
  }

  @Test func anAnswerThatIsNotUnderstoodIsAFailure() async throws {
    let (code, _) = try await run(["GET": .init(body: "[]")], "whoami")
    #expect(code == CommandFailure.Kind.failed.rawValue)
  }

  @Test(arguments: ["read", "refresh"])
  func whatOnlyReadsSeveralDevicesNeedsNobodysConsent(verb: String) async throws {
    let (code, received) = try await run(
      [
        "GET /api/v1/devices/count?selector=tag%3Dx": .init(body: #"{"count":1}"#),
        "POST /api/v1/tasks": .init(
          status: 201, body: #"{"matched":1,"tasks":[{"device":"N","id":7}]}"#),
      ], verb, "-l", "tag=x", "Device.X", "--no-wait")
    #expect(code == 0)
    #expect(received.count == 2)
    #expect(received.last?.contains(#""limit":1"#) == true)
  }

  @Test func parametersThatAreNotStoredAreNotFound() async throws {
    let parameter = #"{"path":"Device.A.X","value":"1","type":"int","changedAt":"\#(Self.moment)"}"#
    func get(_ items: String, _ more: String...) async throws -> Int32 {
      let server = try StubServer([
        "GET /api/v1/devices/N/parameters": .init(body: #"{"items":[\#(items)]}"#)
      ])
      defer { server.stop() }
      return await Acsctl.run(
        arguments: ["get", "parameters", "N", "--server", "http://127.0.0.1:\(server.port)"] + more)
    }
    #expect(try await get("", "Device.B.") == CommandFailure.Kind.notFound.rawValue)
    #expect(try await get("", "Device.B.", "-o", "json") == CommandFailure.Kind.notFound.rawValue)
    #expect(try await get(parameter, "Device.A.", "Device.A.X") == 0)
    #expect(try await get(parameter, "Device.A") == CommandFailure.Kind.notFound.rawValue)
    #expect(
      try await get(parameter, "Device.A.", "Device.B.") == CommandFailure.Kind.notFound.rawValue)
    // A device without a tree, none of whose paths was asked for.
    #expect(try await get("") == 0)
  }

  @Test func listsAreShownAsTheDeviceHasThem() async throws {
    let server = try StubServer([
      "GET /api/v1/devices/N/parameters": .init(body: #"{"items":[]}"#)
    ])
    defer { server.stop() }
    let address = "http://127.0.0.1:\(server.port)"
    _ = await Acsctl.run(arguments: ["get", "parameters", "N", "--server", address])
    #expect(server.received.last?.contains("raw=true") == true)
    _ = await Acsctl.run(arguments: ["get", "parameters", "N", "-o", "json", "--server", address])
    #expect(server.received.last?.contains("raw=") == false)
  }

  @Test func tagsAreAddedAndRemoved() async throws {
    let (code, received) = try await run([:], "tag", "N", "+pilot", "-old")
    #expect(code == CommandFailure.Kind.notFound.rawValue)
    #expect(received[0].hasPrefix("PATCH /api/v1/devices/N "))
    #expect(received[0].contains(#""addTags":["pilot"]"#))
    #expect(received[0].contains(#""removeTags":["old"]"#))
  }

  @Test func applyUploadsTheImageThatIsMissing() async throws {
    let directory = NSTemporaryDirectory() + "apply-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let digest = SHA256.hexDigest(of: "image".utf8)
    try "image".write(toFile: directory + "/i.img", atomically: true, encoding: .utf8)
    func write(_ sha256: String) throws {
      try """
      kind: FirmwareRollout
      metadata: {name: r}
      spec:
        image: {file: i.img, version: "2", sha256: \(sha256)}
      """.write(toFile: directory + "/r.yaml", atomically: true, encoding: .utf8)
    }
    let answers: [String: StubServer.Answer] = [
      "POST /api/v1/files?name=i.img&version=2&sha256=\(digest)": .init(
        status: 201,
        body:
          #"{"sha256":"\#(digest)","name":"i.img","version":"2","size":5,"createdBy":"a","createdAt":"\#(Self.moment)"}"#
      ),
      "POST /api/v1/rollouts": .init(
        status: 201,
        body: #"{"name":"r","outcome":"created","targets":1,"diagnostics":[]}"#),
    ]
    try write(digest)
    let (code, received) = try await run(answers, "apply", "-f", directory + "/r.yaml")
    #expect(code == 0)
    #expect(
      received.map { $0.prefix { $0 != "?" && $0 != "\r\n" } } == [
        "POST /api/v1/rollouts", "GET /api/v1/files/\(digest) HTTP/1.1", "POST /api/v1/files",
        "POST /api/v1/rollouts HTTP/1.1",
      ])
    #expect(received[0].contains("dryRun=true"))
    #expect(received[2].hasSuffix("\r\n\r\nimage"))
    #expect(received[3].contains("Content-Type: application/yaml\r\n"))

    // Another image than the one named is not sent.
    try write(String(repeating: "0", count: 64))
    let (refused, sent) = try await run(answers, "apply", "-f", directory + "/r.yaml")
    #expect(refused == CommandFailure.Kind.usage.rawValue)
    #expect(!sent.contains { $0.hasPrefix("POST /api/v1/files") })
  }

  @Test func eachResourceGoesWhereItsKindIsTaken() async throws {
    let path = NSTemporaryDirectory() + "kinds-\(UUID().uuidString).yaml"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try """
    kind: DeviceSwitches
    metadata: {name: s}
    ---
    kind: FirmwareRollout
    metadata: {name: r}
    ---
    kind: Odd
    metadata: {name: o}
    """.write(toFile: path, atomically: true, encoding: .utf8)
    let applied = #""outcome":"created","diagnostics":[]}"#
    let answers: [String: StubServer.Answer] = [
      "POST /api/v1/switches": .init(status: 201, body: #"{"name":"s",\#(applied)"#),
      "POST /api/v1/rollouts": .init(status: 201, body: #"{"name":"r","targets":3,\#(applied)"#),
    ]
    let (code, received) = try await run(answers, "apply", "-f", path, "--dry-run", "-o", "json")
    #expect(code == 0)
    #expect(
      received.map { $0.prefix { $0 != "?" } } == [
        "POST /api/v1/switches", "POST /api/v1/rollouts", "POST /api/v1/rollouts",
      ])
    let (differ, asked) = try await run(
      [
        "GET /api/v1/switches/s ": .init(
          body: #"{"document":"kind: DeviceSwitches\nmetadata: {name: s}"}"#)
      ],
      "diff", "-f", path)
    #expect(differ == 1)
    #expect(
      asked.map { $0.prefix { $0 != "\r\n" } } == [
        "GET /api/v1/switches/s HTTP/1.1", "GET /api/v1/rollouts/r HTTP/1.1",
        "GET /api/v1/rollouts/o HTTP/1.1",
      ])
    let (deleted, sent) = try await run(
      ["DELETE /api/v1/switches/s ": .init(status: 204, body: "")], "delete", "switches", "s",
      "--yes")
    #expect(deleted == 0 && sent.count == 1)
    let switches =
      #"{"name":"s","selector":"name=*","document":"d","appliedBy":"a","updatedAt":"\#(Self.moment)"}"#
    let listed = try await run(
      ["GET /api/v1/switches ": .init(body: #"{"items":[\#(switches)]}"#)], "get", "switches")
    #expect(listed.code == 0 && listed.received.count == 1)
    let one = try await run(
      ["GET /api/v1/switches/s ": .init(body: switches)], "get", "switches", "s", "-o", "wide")
    #expect(one.code == 0 && one.received.count == 1)
  }

  @Test func diffTellsByItsExitCode() async throws {
    let path = NSTemporaryDirectory() + "diff-\(UUID().uuidString).yaml"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try "---\nmetadata: {name: r}\nspec: 1\n".write(
      toFile: path, atomically: true, encoding: .utf8)
    func rollout(_ document: String) -> [String: StubServer.Answer] {
      [
        "GET /api/v1/rollouts/r ": .init(
          body: """
            {"name":"r","state":"done","selector":"tag=x","version":"2","file":"f","counts":{"pending":0,"active":0,"done":1,"skipped":0,"failed":0,
            "cancelled":0},"appliedBy":"a","createdAt":"\(Self.moment)","document":"\(document)"}
            """)
      ]
    }
    #expect(try await run(rollout(#"metadata: {name: r}\nspec: 1"#), "diff", "-f", path).code == 0)
    #expect(try await run(rollout(#"metadata: {name: r}\nspec: 2"#), "diff", "-f", path).code == 1)
    #expect(try await run([:], "diff", "-f", path).code == 1)
  }
}
