import Cryptography
import Foundation
import OperatorCommands
import Testing

/// Files that devices have sent, read back.
@Suite struct SavedFileTests {
  private static let moment = "2026-01-31T12:00:00.000Z"
  private static let content = String(repeating: "line of a log\n", count: 5000)
  private static let digest = SHA256.hexDigest(of: Array(content.utf8))

  private static func task(_ result: String) -> String {
    """
    {"id":7,"device":"N","order":{"kind":"upload","fileType":"2 Vendor Log File"},"state":"done","attempts":1,
    "maxAttempts":3,"dueAt":"\(moment)","deadline":"\(moment)","createdAt":"\(moment)","endedAt":"\(moment)",
    "orderedBy":"a"\(result)}
    """
  }

  private static func answers(result: String, content: String = content)
    -> [String: StubServer.Answer]
  {
    [
      "POST /api/v1/devices/N/tasks": .init(status: 201, body: task("")),
      "GET /api/v1/devices/N/tasks/7": .init(body: task(result)),
      "GET /api/v1/files?": .init(
        body: """
          {"items":[{"sha256":"\(digest)","name":"log","version":"","size":5,"createdBy":"a","createdAt":"\(moment)"}]}
          """),
      "GET /api/v1/files/\(digest)/content": .init(body: content),
    ]
  }

  /// Runs a command line in a directory of its own, and gives what is there afterwards.
  private func run(_ answers: [String: StubServer.Answer], _ line: [String], before: String? = nil)
    async throws -> (code: Int32, received: [String], names: [String], saved: String?)
  {
    let directory = NSTemporaryDirectory() + "saved-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let path = directory + "/box.log"
    try before?.write(toFile: path, atomically: true, encoding: .utf8)
    let server = try StubServer(answers)
    defer { server.stop() }
    let code = await Acsctl.run(
      arguments: line + ["--save", path, "--server", "http://127.0.0.1:\(server.port)"])
    if let mode = try? FileManager.default.attributesOfItem(atPath: path)[.posixPermissions],
      before == nil
    {
      #expect((mode as? NSNumber)?.intValue == 0o600)
    }
    return (
      code, server.received, try FileManager.default.contentsOfDirectory(atPath: directory),
      try? String(contentsOfFile: path, encoding: .utf8)
    )
  }

  @Test func whatADeviceSendsIsSaved() async throws {
    let run = try await run(
      Self.answers(result: #","result":{"file":"\#(Self.digest)"}"#),
      ["fetch", "N", "--type", "log"])
    #expect(run.code == 0)
    #expect(run.names == ["box.log"])
    #expect(run.saved == Self.content)
    #expect(run.received.count == 3)
  }

  @Test func aFileIsReadBackByItsFirstDigits() async throws {
    let run = try await run(
      Self.answers(result: ""), ["get", "file", String(Self.digest.prefix(8))], before: "old")
    #expect(run.code == 0)
    #expect(run.names == ["box.log"])
    #expect(run.saved == Self.content)
  }

  @Test func whatIsNotTheFileIsNotKept() async throws {
    let run = try await run(
      Self.answers(result: "", content: "something else"),
      ["get", "file", String(Self.digest.prefix(8))], before: "old")
    #expect(run.code == CommandFailure.Kind.failed.rawValue)
    #expect(run.names == ["box.log"])
    #expect(run.saved == "old")
  }

  @Test func aDeviceThatSentNothingIsAFailure() async throws {
    let run = try await run(
      Self.answers(result: #","result":{}"#), ["fetch", "N", "--type", "log"])
    #expect(run.code == CommandFailure.Kind.failed.rawValue)
    #expect(run.names.isEmpty)
  }

  @Test func aFileThatIsGoneLeavesNothing() async throws {
    var answers = Self.answers(result: "")
    answers["GET /api/v1/files/\(Self.digest)/content"] = nil
    let run = try await run(answers, ["get", "file", String(Self.digest.prefix(8))])
    #expect(run.code == CommandFailure.Kind.notFound.rawValue)
    #expect(run.names.isEmpty)
  }

  @Test func noDeviceIsAskedForWhatCanNotBeSaved() async throws {
    let server = try StubServer([:])
    defer { server.stop() }
    for path in ["/nowhere/at-all/box.log", NSTemporaryDirectory()] {
      let code = await Acsctl.run(arguments: [
        "fetch", "N", "--type", "log", "--save", path, "--server",
        "http://127.0.0.1:\(server.port)",
      ])
      #expect(code == CommandFailure.Kind.usage.rawValue)
    }
    #expect(server.received.isEmpty)
  }
}
