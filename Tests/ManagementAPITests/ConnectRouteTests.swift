import Fleet
import FleetStore
import Foundation
import HTTPTypes
import ManagementTypes
import Testing

@testable import ManagementAPI

@Suite struct ConnectRouteTests {
  private static let path = "/devices/00D09E-Box-1/connect"

  @Test func askingDoesNotWait() async throws {
    try await APIFixture.run { fixture in
      let device = try await fixture.makeDevice()
      #expect(try await fixture.send(.post, Self.path, as: .operator).status == 202)
      #expect(try await fixture.send(.post, Self.path + "?wait=0", as: .operator).status == 202)
      #expect(fixture.woken.all == [device.id, device.id])
      #expect(fixture.connection.waits.isEmpty)
    }
  }

  @Test func whoWaitsIsToldWhatCameOfIt() async throws {
    try await APIFixture.run { fixture in
      try await fixture.makeDevice()
      fixture.connection.set(.called(method: "udp", milliseconds: 120))
      let called = try await fixture.send(.post, Self.path + "?wait=30", as: .operator)
      #expect(called.status == 200)
      #expect(
        try called.decoded(ConnectionResult.self)
          == ConnectionResult(called: true, method: "udp", milliseconds: 120))
      fixture.connection.set(.notCalled(reason: "no answer", milliseconds: 9))
      let silent = try await fixture.send(.post, Self.path + "?wait=5", as: .operator)
      #expect(silent.text == #"{"called":false,"milliseconds":9,"reason":"no answer"}"#)
      #expect(fixture.connection.waits == [30, 5])
      // Whoever waits asks; nothing else has to.
      #expect(fixture.woken.all.isEmpty)
    }
  }

  @Test func whatCanNotBeAskedIsRefused() async throws {
    try await APIFixture.run { fixture in
      try await fixture.makeDevice()
      #expect(try await fixture.send(.post, Self.path + "?wait=61").status == 400)
      #expect(try await fixture.send(.post, Self.path + "?wait=soon").status == 400)
      #expect(try await fixture.send(.post, Self.path + "?wait=5", as: .viewer).status == 403)
      #expect(try await fixture.send(.post, "/devices/nobody/connect?wait=5").status == 404)
      #expect(fixture.connection.waits.isEmpty)
    }
  }
}
