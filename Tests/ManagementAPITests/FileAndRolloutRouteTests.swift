import Cryptography
import Fleet
import FleetStore
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import ManagementTypes
import NIOCore
import Testing

@testable import ManagementAPI

@Suite struct FileAndRolloutRouteTests {
  private static let content = "firmware image"
  private static let digest = SHA256.hexDigest(of: Array(content.utf8))

  private static func names(in fixture: APIFixture) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: fixture.directory))?.sorted() ?? []
  }

  private static func upload(
    _ query: String, _ content: String = content, to fixture: APIFixture,
    headers: HTTPFields = [:]
  ) async throws -> CollectedResponse {
    try await fixture.send(
      .post, "/files\(query)", as: .operator, headers: headers,
      body: .init(buffer: ByteBuffer(string: content)))
  }

  @Test func aFileIsStoredAndRemoved() async throws {
    try await APIFixture.run { fixture in
      let made = try await Self.upload(
        "?name=fw%20a.bin&version=2.0&sha256=\(Self.digest.uppercased())", to: fixture)
      #expect(made.status == 201)
      let file = try made.decoded(FileDetail.self)
      #expect(file.sha256 == Self.digest && file.name == "fw a.bin" && file.size == 14)
      #expect(try await Self.upload("?name=fw.bin", to: fixture).status == 200)
      #expect(
        try await fixture.send(.get, "/files/\(Self.digest)").decoded(FileDetail.self).name
          == "fw.bin")
      #expect(
        try await fixture.send(.get, "/files").decoded(Page<FileDetail>.self).items.count == 1)
      #expect(Self.names(in: fixture) == [Self.digest])
      #expect(try await fixture.send(.delete, "/files/\(Self.digest)").status == 204)
      #expect(Self.names(in: fixture) == [])
      #expect(try await fixture.send(.get, "/files/\(Self.digest)").status == 404)
      #expect(try await fixture.send(.get, "/files/..").status == 400)
    }
  }

  @Test func whatIsInAFileIsGivenAndToldInTheAuditLog() async throws {
    try await APIFixture.run { fixture in
      // More than is read at a time.
      let content = String(repeating: "0123456789abcdef", count: 20_000)
      let digest = SHA256.hexDigest(of: Array(content.utf8))
      #expect(try await Self.upload("?name=config", content, to: fixture).status == 201)
      let path = "/files/\(digest)/content"
      let given = try await fixture.send(.get, path, as: .operator)
      #expect(given.status == 200)
      #expect(given.text == content)
      #expect(given.headers[.contentType] == "application/octet-stream")
      #expect(given.headers[.cacheControl] == "no-store")
      let log = try await fixture.send(.get, "/audit").decoded(Page<AuditDetail>.self)
      #expect(log.items.first?.action == "file.read")
      #expect(log.items.first?.actor == "the-operator")
      #expect(log.items.first?.target == "file/\(digest)")
      #expect(try await fixture.send(.get, path, as: .viewer).status == 403)
      #expect(try await fixture.send(.get, "/files/\(Self.digest)/content").status == 404)
      // A file whose content is gone.
      try FileManager.default.removeItem(atPath: fixture.directory + "/" + digest)
      #expect(try await fixture.send(.get, path).status == 404)
    }
  }

  @Test func otherKindsAreNoRollouts() async throws {
    try await APIFixture.run { fixture in
      let response = try await fixture.send(
        .post, "/rollouts", as: .operator, headers: [.contentType: "application/yaml"],
        body: .init(
          buffer: ByteBuffer(
            string: """
              apiVersion: fairlead/v1
              kind: DeviceSwitches
              metadata: {name: s}
              spec:
                selector: DeviceInfo.Manufacturer=Maker
                reading: {batchSize: 10}
              """)))
      #expect(response.status == 422)
      #expect(
        try response.decoded(Problem.self).diagnostics?.first?.message
          == "kind: DeviceSwitches is taken by another route")
    }
  }

  @Test func whatIsNotTakenLeavesNothing() async throws {
    try await APIFixture.run(configure: { $0.maximumFileSize = 20 }) { fixture in
      let wrong = try await Self.upload(
        "?name=a&sha256=\(String(repeating: "00", count: 32))", to: fixture)
      #expect(wrong.status == 422)
      #expect(try wrong.decoded(Problem.self).code == "checksum-mismatch")
      let large = String(repeating: "x", count: 21)
      #expect(try await Self.upload("?name=a", large, to: fixture).status == 413)
      #expect(
        try await Self.upload("?name=a", "", to: fixture, headers: [.contentLength: "21"]).status
          == 413)
      #expect(try await Self.upload("?name=a", "", to: fixture).status == 400)
      #expect(try await Self.upload("", to: fixture).status == 400)
      #expect(try await Self.upload("?name=a&sha256=xyz", to: fixture).status == 400)
      #expect(try await Self.upload("?name=a%0Ab", to: fixture).status == 400)
      #expect(Self.names(in: fixture) == [])
      #expect(try await fixture.store.files(limit: 1).isEmpty)
    }
  }

  private static func document(_ rest: String = "", selector: String = "name=*") -> String {
    """
    apiVersion: fairlead/v1
    kind: FirmwareRollout
    metadata:
      name: spring
    spec:
      selector: "\(selector)"
      image:
        version: "2.0"
        sha256: \(digest)
    \(rest)
    """
  }

  private static func apply(
    _ document: String, _ query: String = "", to fixture: APIFixture,
    type: String = "application/yaml; charset=utf-8"
  ) async throws -> CollectedResponse {
    try await fixture.send(
      .post, "/rollouts\(query)", as: .operator, headers: [.contentType: type],
      body: .init(buffer: ByteBuffer(string: document)))
  }

  @Test func aRolloutIsAppliedAndSteered() async throws {
    try await APIFixture.run { fixture in
      let device = try await fixture.makeDevice()
      let dry = try await Self.apply(Self.document(), "?dryRun=true", to: fixture)
      #expect(dry.status == 200)
      let preview = try dry.decoded(RolloutApplied.self)
      #expect(preview.targets == 1 && preview.outcome == "created")
      #expect(preview.diagnostics.map(\.severity) == ["warning"])
      let missing = try await Self.apply(Self.document(), to: fixture)
      #expect(missing.status == 422)
      #expect(try await Self.upload("?name=fw", to: fixture).status == 201)
      let made = try await Self.apply(Self.document(), to: fixture)
      #expect(made.status == 201)
      #expect(fixture.woken.all == [device.id])
      let again = try await Self.apply(Self.document(), to: fixture)
      #expect(again.status == 200)
      #expect(try again.decoded(RolloutApplied.self).outcome == "unchanged")
      let changed = try await Self.apply(Self.document("  concurrency: 3"), to: fixture)
      #expect(changed.status == 409)
      #expect(try await fixture.send(.delete, "/files/\(Self.digest)").status == 409)

      let shown = try await fixture.send(.get, "/rollouts/spring", as: .viewer)
      let detail = try shown.decoded(RolloutDetail.self)
      #expect(detail.state == "running" && detail.counts.active == 1)
      #expect(detail.document?.contains("FirmwareRollout") == true)
      #expect(detail.file == Self.digest)
      #expect(detail.document?.contains(detail.version) == true && !detail.version.isEmpty)
      #expect(detail.document?.contains(detail.selector) == true && !detail.selector.isEmpty)
      #expect(
        try await fixture.send(
          .get, "/rollouts/spring", headers: [.ifNoneMatch: shown.headers[.eTag] ?? ""]
        ).status == 304)
      let list = try await fixture.send(.get, "/rollouts").decoded(Page<RolloutDetail>.self)
      #expect(list.items.map(\.name) == ["spring"] && list.items[0].document == nil)
      let targets = try await fixture.send(.get, "/rollouts/spring/targets?state=active")
        .decoded(Page<RolloutTargetDetail>.self)
      #expect(targets.items.map(\.device) == ["00D09E-Box-1"])
      #expect(try await fixture.send(.get, "/rollouts/spring/targets?state=odd").status == 400)
      #expect(try await fixture.send(.get, "/rollouts/autumn/targets").status == 404)

      let steps = [("pause", "paused"), ("resume", "running"), ("cancel", "cancelled")]
      for (action, state) in steps {
        let response = try await fixture.send(.post, "/rollouts/spring/\(action)", as: .operator)
        #expect(try response.decoded(RolloutDetail.self).state == state)
      }
      #expect(try await fixture.send(.post, "/rollouts/spring/resume").status == 409)
      #expect(try await fixture.send(.post, "/rollouts/autumn/pause").status == 404)
      #expect(try await fixture.send(.delete, "/rollouts/spring").status == 204)
      #expect(try await fixture.send(.get, "/rollouts/spring").status == 404)
    }
  }

  @Test func errorsOfADocumentSayWhere() async throws {
    try await APIFixture.run { fixture in
      let response = try await Self.apply(Self.document("  concurency: 3"), to: fixture)
      #expect(response.status == 422)
      let problem = try response.decoded(Problem.self)
      #expect(problem.code == "invalid-document")
      #expect(problem.diagnostics?.first?.line == 10)
      #expect(problem.diagnostics?.first?.column == 3)
      #expect(problem.diagnostics?.first?.message.contains("concurency") == true)
      let two = try await Self.apply(
        Self.document() + "\n---\n"
          + Self.document().replacingOccurrences(of: "spring", with: "autumn"), to: fixture)
      #expect(two.status == 422)
      #expect(try two.decoded(Problem.self).diagnostics?.first?.line ?? 0 > 10)
      #expect(try await Self.apply("", to: fixture).status == 422)
      #expect(
        try await Self.apply(Self.document(), to: fixture, type: "application/json").status == 415)
      #expect(try await Self.apply(Self.document(), "?dryRun=perhaps", to: fixture).status == 400)
      let none = try await Self.apply(
        Self.document(selector: "tag=none"), "?dryRun=true", to: fixture)
      #expect(none.status == 422)
      let large = Self.document() + String(repeating: "#", count: 300_000)
      #expect(try await Self.apply(large, to: fixture).status == 413)
      #expect(try await fixture.store.rollouts(limit: 1).isEmpty)
    }
  }
}
