import CWMP
import Testing

@testable import CWMPServer

extension DoorFixture {
  /// Waits for something that another thread does.
  static func eventually(_ holds: () async throws -> Bool) async throws -> Bool {
    for _ in 0..<1_200 {
      if try await holds() { return true }
      try await Task.sleep(for: .milliseconds(50))
    }
    return false
  }

  /// That a device which behaves is served as if nothing were.
  func expectService(serial: String = "99") async throws {
    let cpe = try await connect()
    #expect(try await cpe.post(TestCPE.inform(serial)).message == .response(.inform))
  }
}

extension TestCPE {
  /// Sends pieces until the server answers or closes, or all are sent.
  func sendUntilRefused(_ pieces: Int, _ piece: String) async throws -> TestResponse? {
    for _ in 0..<pieces {
      do {
        try await send(piece)
      } catch is TestError {
        // The server has closed; its answer may still be there.
        break
      }
    }
    return try? await receive()
  }
}
