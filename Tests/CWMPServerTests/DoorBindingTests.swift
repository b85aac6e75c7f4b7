import CWMP
import Fleet
import FleetStore
import Testing

@testable import CWMPServer

/// The credential with which a device signs what it sends to the STUN server.
@Suite(.serialized) struct DoorBindingTests {
  private static let username = "Device.ManagementServer.STUNUsername"
  private static let password = "Device.ManagementServer.STUNPassword"
  private static let server = "Device.ManagementServer.STUNServerAddress"
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
    try await Self.expect(false, values, withServer: hasServer)
  }

  private static func expect(
    _ isGiven: Bool, _ values: [String: String], withServer hasServer: Bool = true
  ) async throws {
    try await DoorFixture.run { door in
      let (_, next, server) = try await afterReading(values, in: door, withServer: hasServer)
      if isGiven {
        guard case .request(.setParameterValues(let set)) = next.message else {
          Issue.record("no credential was given")
          return
        }
        #expect(set.parameters.map(\.name) == [username, password])
      } else {
        #expect(next.status == 204)
      }
      await server.stop(patience: 0)
    }
  }

  /// What another has set is for his own STUN server.
  @Test(arguments: ["customer", "00d09e-box-1", "00D09E-Box-2"])
  func aCredentialOfSomebodyElseStaysAsItIs(name: String) async throws {
    try await Self.expect(false, [Self.username: name, Self.password: ""])
    try await Self.expect(
      false, [Self.username: name, Self.password: "", Self.server: "127.0.0.1"])
  }

  @Test(arguments: [
    ("", true), (" ", true), ("127.0.0.1", true), ("ACS.example.net", true),
    ("stun.example.net", false), ("192.0.2.1", false), ("acs.example.net.example.com", false),
  ]) func onlyAClientOfTheOwnServerIsGivenIt(address: String, isGiven: Bool) async throws {
    for isEnabled in ["0", "1"] {
      try await Self.expect(
        isGiven,
        [
          Self.username: "", Self.password: "", Self.server: address,
          "Device.ManagementServer.STUNEnable": isEnabled,
          "Device.ManagementServer.URL": "http://acs.example.net:7547/",
        ])
    }
  }

  @Test(arguments: [
    ("http://acs.example.net:7547/x", "acs.example.net"),
    ("https://[2001:db8::1]:1/", "2001:db8::1"),
    ("http://u:p@h?x", "h"), (" http://h ", "h"), ("h:7547", ""), ("", ""), ("http://", ""),
    ("http://[", ""), ("http://@", ""),
  ]) func theHostOfAURL(url: String, host: String) {
    #expect(Conversation.host(ofURL: url) == host)
  }
}
