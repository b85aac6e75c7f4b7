import Testing

@testable import CWMPServer

@Suite(.serialized) struct DoorAddressTests {
  @Test func anAddressInUseIsAnError() async throws {
    try await DoorFixture.run { door in
      _ = await #expect(throws: (any Error).self) {
        _ = try await DoorFixture.run({
          $0.enrolment = .open
          $0.port = door.server.port
        }) { _ in }
      }
    }
  }
}
