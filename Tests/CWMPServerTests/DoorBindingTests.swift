import CWMP
import Fleet
import FleetStore
import Testing

@testable import CWMPServer

/// The credential with which a device signs what it sends to the STUN server.
@Suite(.serialized) struct DoorBindingTests {
  private static let username = "Device.ManagementServer.STUNUsername"
  private static let password = "Device.ManagementServer.STUNPassword"
  private static let secret = [UInt8](repeating: 3, count: 32)

  /// Has a device's tree read, with these values, and gives what is asked of the device next.
  private static func afterReading(
    _ values: [String: String], in door: DoorFixture, withServer hasServer: Bool = true
  ) async throws -> (TestCPE, TestResponse, CWMPServer) {
    var settings = DoorSettings()
    settings.host = "127.0.0.1"
    settings.port = 0
    settings.enrolment = .open
    settings.provisionsCredential = false
    let credential: @Sendable (String) -> ConnectionCredential = {
      ConnectionCredential.stun(deviceName: $0, secret: secret)
    }
    let server = try await DoorFixture.start(
      settings, store: door.store, bindingCredential: hasServer ? credential : nil)
    let cpe = try await TestCPE(port: server.port)
    _ = try await cpe.post(TestCPE.inform("1", [Event(Event.bootstrap)]))
    _ = try await cpe.postNothing()
    let sorted = values.sorted { $0.key < $1.key }
    _ = try await cpe.post(
      .response(
        .getParameterNames(sorted.map { ParameterInfo(name: $0.key, writable: true) })))
    let next = try await cpe.post(
      .response(.getParameterValues(sorted.map { ParameterValue(name: $0.key, value: $0.value) })))
    return (cpe, next, server)
  }

  @Test func aDeviceThatHasTheParametersIsGivenIt() async throws {
    try await DoorFixture.run { door in
      let (cpe, next, server) = try await Self.afterReading(
        [Self.username: "", Self.password: ""], in: door)
      let credential = ConnectionCredential.stun(
        deviceName: "00D09E-Box-1", secret: Self.secret)
      #expect(
        next.message
          == .request(
            .setParameterValues(
              SetParameterValues(parameters: [
                ParameterValue(name: Self.username, value: credential.username),
                ParameterValue(name: Self.password, value: credential.password),
              ]))))
      _ = try await cpe.post(.response(.setParameterValues(.applied)))
      let end = try await cpe.post(.response(.getParameterValues([])))
      #expect(end.status == 204)
      // The password is nobody's business.
      let tree = try await door.store.tree(of: try await door.device("1"))
      #expect(!tree.contains { $0.value == credential.password })
      await server.stop(patience: 0)
    }
  }

  @Test(arguments: [
    ([username: "00D09E-Box-1", password: ""], true), (["Device.A": "1"], true),
    ([username: "", password: ""], false),
  ]) func othersAreNot(values: [String: String], hasServer: Bool) async throws {
    try await DoorFixture.run { door in
      let (_, next, server) = try await Self.afterReading(values, in: door, withServer: hasServer)
      #expect(next.status == 204)
      await server.stop(patience: 0)
    }
  }
}
