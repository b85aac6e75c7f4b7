import Fleet
import FleetStore
import Foundation
import HTTPTypes
import Hummingbird
import ManagementTypes
import Testing

@testable import ManagementAPI

@Suite struct SwitchesAndTraceRouteTests {
  private static func document(_ literal: String, kind: String = "DeviceSwitches") -> String {
    """
    apiVersion: fairlead/v1
    kind: \(kind)
    metadata:
      name: maker
    spec:
      selector: DeviceInfo.Manufacturer=Maker
      messages:
        booleans: \(literal)
    """
  }

  private static func apply(
    _ document: String, _ query: String = "", as role: Role = .operator, to fixture: APIFixture
  ) async throws -> CollectedResponse {
    try await fixture.send(
      .post, "/switches\(query)", as: role, headers: [.contentType: "application/yaml"],
      body: .init(buffer: .init(string: document)))
  }

  @Test func switchesAreAppliedShownAndRemoved() async throws {
    try await APIFixture.run { fixture in
      let dry = try await Self.apply(Self.document("digits"), "?dryRun=true", to: fixture)
      #expect(dry.status == 200)
      #expect(try dry.decoded(SwitchesApplied.self).outcome == "created")
      #expect(
        try await fixture.send(.get, "/switches").decoded(Page<SwitchesDetail>.self).items.isEmpty)
      #expect(try await Self.apply(Self.document("digits"), to: fixture).status == 201)
      let again = try await Self.apply(Self.document("digits"), to: fixture)
      #expect(again.status == 200)
      #expect(try again.decoded(SwitchesApplied.self).outcome == "unchanged")
      let changed = try await Self.apply(Self.document("words"), to: fixture)
      #expect(try changed.decoded(SwitchesApplied.self).outcome == "changed")
      let shown = try await fixture.send(.get, "/switches/maker", as: .viewer)
      let detail = try shown.decoded(SwitchesDetail.self)
      #expect(detail.selector == "DeviceInfo.Manufacturer=Maker")
      #expect(detail.document.contains("words") && detail.appliedBy == "the-operator")
      #expect(try await fixture.send(.delete, "/switches/maker", as: .operator).status == 204)
      #expect(try await fixture.send(.delete, "/switches/maker").status == 404)
      #expect(try await fixture.send(.get, "/switches/maker").status == 404)
    }
  }

  @Test func whatIsWrongWithADocumentIsTold() async throws {
    try await APIFixture.run { fixture in
      let wrong = try await Self.apply(Self.document("numbers"), to: fixture)
      #expect(wrong.status == 422)
      #expect(try wrong.decoded(Problem.self).diagnostics?.first?.line == 8)
      #expect(
        try await Self.apply(Self.document("digits", kind: "FirmwareRollout"), to: fixture).status
          == 422)
      #expect(try await Self.apply(Self.document("digits"), as: .viewer, to: fixture).status == 403)
      #expect(try await fixture.store.switches().isEmpty)
    }
  }

  private static func message(_ device: DeviceRecord, isInbound: Bool) -> TraceMessage {
    TraceMessage(
      deviceID: device.id, at: 1_000_000, session: 9, isInbound: isInbound, peer: "192.0.2.1",
      head: isInbound ? "POST / HTTP/1.1\nContent-Type: text/xml\nX:" : "HTTP/1.1 200 OK",
      body: Array("<a/>".utf8) + [0xFF], bodySize: 99)
  }

  @Test func aTraceIsStartedReadAndStopped() async throws {
    try await APIFixture.run { fixture in
      let device = try await fixture.makeDevice()
      let path = "/devices/\(device.identity.name)/trace"
      let started = try await fixture.send(.put, path, as: .operator, json: #"{"seconds":60}"#)
      #expect(started.status == 200)
      #expect(try started.decoded(TraceState.self).until != nil)
      let now = Date().timeIntervalSince1970
      #expect(try await fixture.store.tracedDevices(now: now).map(\.id) == [device.id])
      for body in [#"{"seconds":0}"#, #"{"seconds":999999999}"#, "{}"] {
        #expect(try await fixture.send(.put, path, json: body).status == 400)
      }
      try await fixture.store.append([
        Self.message(device, isInbound: true), Self.message(device, isInbound: false),
      ])
      let first = try await fixture.send(.get, path + "?limit=1", as: .operator)
        .decoded(Page<TraceEntry>.self)
      let entry = try #require(first.items.first)
      #expect(entry.direction == "in" && entry.head == "POST / HTTP/1.1")
      #expect(
        entry.headers == [
          .init(name: "Content-Type", value: "text/xml"), .init(name: "X", value: ""),
        ])
      #expect(entry.body == "<a/>\u{FFFD}" && entry.bodySize == 99)
      let cursor = try #require(first.nextCursor)
      let rest = try await fixture.send(.get, path + "?cursor=\(cursor)")
        .decoded(Page<TraceEntry>.self)
      #expect(rest.items.map(\.direction) == ["out"])
      #expect(try await fixture.send(.get, path, as: .viewer).status == 403)
      #expect(try await fixture.send(.delete, path, as: .operator).status == 204)
      #expect(try await fixture.store.tracedDevices(now: now).isEmpty)
      #expect(try await fixture.send(.get, "/devices/nobody/trace").status == 404)
    }
  }

  @Test func aTraceIsWatchedLive() async throws {
    try await APIFixture.run(configure: { $0.streamPulse = 0.2 }) { fixture in
      let device = try await fixture.makeDevice()
      let (_, secret) = try await fixture.store.createToken(
        name: "watcher", role: .operator, expiresAt: nil, by: "test")
      let path = "/devices/\(device.identity.name)/trace/watch"
      var headers: HTTPFields = [.authorization: "Bearer \(secret)"]
      headers[try #require(.init("Last-Event-ID"))] = "0"
      let response = try await fixture.respond(.get, path, headers: headers)
      let sink = CollectedResponse.Sink()
      async let end: Void = response.body.write(CollectedResponse.Writer(sink: sink))
      try await fixture.store.append([Self.message(device, isInbound: true)])
      while await !sink.text.contains("POST / HTTP") { try await Task.sleep(for: .milliseconds(5)) }
      #expect(try await fixture.send(.delete, "/tokens/watcher").status == 204)
      try await end
    }
  }
}
