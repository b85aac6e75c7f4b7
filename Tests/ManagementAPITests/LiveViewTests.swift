import Fleet
import FleetStore
import Foundation
import HTTPTypes
import Hummingbird
import ManagementTypes
import Postgres
import Testing

@testable import ManagementAPI

@Suite struct LiveViewTests {
  private static func note(_ kind: String, of device: DeviceRecord, in fixture: APIFixture)
    async throws
  {
    try await fixture.store.pool.query(
      "INSERT INTO event (device_id, at, kind, detail) VALUES ($1, now(), $2, '{\"a\": \"b\\nc\"}')",
      .int8(device.id), .text(kind))
  }

  /// The data of each message.
  private static func messages<Value: Decodable>(_ text: String, of: Value.Type = Value.self) throws
    -> [Value]
  {
    try text.split(separator: "\n").filter { $0.hasPrefix("data: ") }.map {
      try JSONDecoder().decode(Value.self, from: Data($0.dropFirst(6).utf8))
    }
  }

  /// Opens a view, lets something happen, and gives what the view showed until its token was taken away.
  private static func view(
    _ path: String, _ fixture: APIFixture, lastEventID: String? = nil, until count: Int = 0,
    while happens: () async throws -> Void = {}
  ) async throws -> String {
    let (_, secret) = try await fixture.store.createToken(
      name: "watcher", role: .viewer, expiresAt: nil, by: "test")
    var headers: HTTPFields = [.authorization: "Bearer \(secret)"]
    if let lastEventID { headers[try #require(.init("Last-Event-ID"))] = lastEventID }
    let response = try await fixture.respond(.get, path, headers: headers)
    #expect(response.status == .ok)
    #expect(response.headers[.contentType] == "text/event-stream")
    let sink = CollectedResponse.Sink()
    async let end: Void = response.body.write(CollectedResponse.Writer(sink: sink))
    try await happens()
    while try Self.messages(await sink.text, of: JSONValue.self).count < count {
      try await Task.sleep(for: .milliseconds(5))
    }
    #expect(try await fixture.send(.delete, "/tokens/watcher").status == 204)
    try await end
    let text = await sink.text
    #expect(text.hasPrefix("retry: "))
    return text
  }

  /// Applies a rollout named spring.
  private static func applyRollout(_ fixture: APIFixture) async throws {
    let stored = try await fixture.send(
      .post, "/files?name=fw&version=2", headers: [.contentType: "application/octet-stream"],
      body: .init(buffer: .init(string: "firmware")))
    let file = try stored.decoded(FileDetail.self)
    let document = """
      apiVersion: fairlead/v1
      kind: FirmwareRollout
      metadata:
        name: spring
      spec:
        selector: "name=*"
        image:
          version: "2"
          sha256: \(file.sha256)
      """
    let applied = try await fixture.send(
      .post, "/rollouts", headers: [.contentType: "application/yaml"],
      body: .init(buffer: .init(string: document)))
    #expect(applied.status == 201)
  }

  @Test func eventsAreToldAsTheyHappenAndTheViewEndsWithItsToken() async throws {
    try await APIFixture.run(configure: { $0.streamPulse = 0.3 }) { fixture in
      let first = try await fixture.makeDevice("1", facts: ["DeviceInfo.SoftwareVersion": "1.0"])
      let second = try await fixture.makeDevice("2")
      let start = try await fixture.store.eventMark()
      let all = try await Self.view("/events", fixture, lastEventID: "\(start)", until: 2) {
        try await Self.note("boot", of: first, in: fixture)
        try await Self.note("task", of: second, in: fixture)
      }
      let events = try Self.messages(all, of: ManagementTypes.EventDetail.self)
      #expect(events.map(\.device) == [first.identity.name, second.identity.name])
      #expect(events.map(\.kind) == ["boot", "task"])
      #expect(events[0].detail == ["a": "b\nc"])
      // A reader that comes back goes on after the last one that it saw.
      // Pulses have ids as well, where nothing is told.
      let lines = all.split(separator: "\n")
      let ids = zip(lines, lines.dropFirst()).filter { $1.hasPrefix("data: ") }.map {
        $0.0.dropFirst(4)
      }
      for (query, expected) in [
        ("", ["task"]), ("?kind=boot", []), ("?kind=boot&kind=task", ["task"]),
        ("?device=\(first.identity.name)", []), ("?device=\(second.identity.name)", ["task"]),
        ("?selector=DeviceInfo.SoftwareVersion=1.*", []), ("?selector=name=*-2", ["task"]),
      ] {
        let rest = try await Self.view(
          "/events\(query)", fixture, lastEventID: String(ids[0]), until: expected.count)
        #expect(
          try Self.messages(rest, of: ManagementTypes.EventDetail.self).map(\.kind) == expected,
          "\(query)")
      }
    }
  }

  @Test func aRolloutIsToldWheneverItChangedUntilItHasEnded() async throws {
    try await APIFixture.run(configure: { $0.rolloutInterval = 0.02 }) { fixture in
      try await fixture.makeDevice()
      try await Self.applyRollout(fixture)
      async let answer = fixture.send(.get, "/rollouts/spring/watch", as: .viewer)
      #expect(try await fixture.send(.post, "/rollouts/spring/cancel").status == 200)
      let told = try Self.messages(try await answer.text, of: RolloutDetail.self)
      #expect(told.last?.state == "cancelled")
      #expect(told.allSatisfy { $0.document == nil })
      #expect(Set(told.map(\.state)).count == told.count || told.count > 1)
    }
  }

  @Test func viewsAreLimitedInNumber() async throws {
    try await APIFixture.run(configure: {
      $0.maximumStreams = 1
      $0.streamPulse = 0.1
    }) { fixture in
      _ = try await Self.view("/events", fixture) {
        let refused = try await fixture.send(.get, "/events")
        #expect(refused.status == 503)
        #expect(refused.headers[.retryAfter] != nil)
      }
      #expect(fixture.api.streams.hasFree)
    }
  }

  @Test func wrongQuestionsAreRefused() async throws {
    try await APIFixture.run { fixture in
      for (query, status) in [
        ("?device=nobody", 404), ("?selector=%3D", 400), ("?selector=Unknown.Parameter=1", 400),
        ("?odd=1", 400), ("?" + String(repeating: "kind=a&", count: 101) + "kind=b", 400),
      ] {
        #expect(try await fixture.send(.get, "/events\(query)").status == status, "\(query)")
      }
      let mark = try await fixture.send(
        .get, "/events",
        headers: [
          .authorization: "Bearer \(fixture.tokens[.viewer] ?? "")",
          try #require(.init("Last-Event-ID")): "x",
        ])
      #expect(mark.status == 400)
      #expect(try await fixture.send(.get, "/rollouts/none/watch").status == 404)
      #expect(try await fixture.send(.get, "/events", as: nil).status == 401)
    }
  }

  @Test func aSilentViewLivesLongerThanAnIdleConnection() async throws {
    try await APIFixture.run(configure: {
      $0.idleTimeout = 2
      $0.stallTimeout = 2
      $0.rolloutInterval = 0.02
    }) { fixture in
      try await fixture.makeDevice()
      try await Self.applyRollout(fixture)
      try await LiveServer.run({ fixture.api.application(onListening: $0) }) { port in
        async let answer = RawClient.exchange(
          port: port,
          "GET /api/v1/rollouts/spring/watch HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(fixture.tokens[.viewer] ?? "")\r\nConnection: close\r\n\r\n"
        )
        // Longer than an idle connection or a stalled reader would be borne.
        try await Task.sleep(for: .seconds(5))
        #expect(try await fixture.send(.post, "/rollouts/spring/cancel").status == 200)
        let text = String(decoding: try await answer.body, as: UTF8.self)
        #expect(text.contains(": alive"))
        #expect(text.contains("\"state\":\"cancelled\""))
      }
    }
  }
}
