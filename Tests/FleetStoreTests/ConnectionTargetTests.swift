import Fleet
import Testing

@testable import FleetStore

/// Where devices can be asked to call, as the store knows it.
@Suite struct ConnectionTargetTests {
  private static let secret = Array(UInt8(0)..<32)

  private func contact(_ values: [String: String], session: Int64, at: Double) -> Contact {
    Contact(
      identity: DeviceIdentity(
        name: "00D09E-Box-1", manufacturer: "Acme", oui: "00D09E", productClass: "Box",
        serialNumber: "1"),
      protocolName: "cwmp", root: "Device.", reasons: .periodic, reasonTexts: ["2 PERIODIC"],
      values: values.map {
        ReportedValue(path: "Device.ManagementServer.\($0.key)", value: $0.value)
      },
      session: session, address: "192.0.2.1", at: at)
  }

  @Test func everythingThatTheDeviceToldIsGiven() async throws {
    try await StoreFixture.run { fixture in
      let start = StoreFixture.start
      let first = try await fixture.store.admit(
        contact(["ParameterKey": ""], session: 1, at: start), mayCreate: true)
      let id = first.deviceID
      #expect(try await fixture.store.connectionTarget(of: id, secret: Self.secret) == nil)
      #expect(try await fixture.store.lastContact(of: id) == start)

      _ = try await fixture.store.admit(
        contact(
          [
            "ConnectionRequestURL": "http://192.0.2.1:7547/x",
            "UDPConnectionRequestAddress": "198.51.100.1:40000",
            "ConnReqJabberID": "cpe@example.net/x",
          ], session: 2, at: start + 1), mayCreate: true)
      let target = try #require(
        try await fixture.store.connectionTarget(of: id, secret: Self.secret))
      #expect(target.deviceName == "00D09E-Box-1")
      #expect(target.identity.productClass == "Box")
      #expect(target.softwareVersion == nil)
      #expect(target.url == "http://192.0.2.1:7547/x")
      #expect(target.udpAddress == "198.51.100.1:40000")
      #expect(target.jabberID == "cpe@example.net/x")
      #expect(target.contactAddress == "192.0.2.1")
      #expect(target.contactedAt == start + 1)
      #expect(try await fixture.store.lastContact(of: id) == start + 1)
    }
  }

  @Test func aDeviceWithoutAnXMPPConnectionIsNotAskedThroughOne() async throws {
    try await StoreFixture.run { fixture in
      let admitted = try await fixture.store.admit(
        contact(
          ["ConnReqJabberID": "cpe@example.net/x", "ConnReqXMPPConnection": ""], session: 1,
          at: StoreFixture.start), mayCreate: true)
      #expect(
        try await fixture.store.connectionTarget(of: admitted.deviceID, secret: Self.secret) == nil)
      _ = try await fixture.store.admit(
        contact(
          ["ConnReqXMPPConnection": "Device.XMPP.Connection.1."], session: 2,
          at: StoreFixture.start + 1), mayCreate: true)
      let target = try await fixture.store.connectionTarget(
        of: admitted.deviceID, secret: Self.secret)
      #expect(target?.jabberID == "cpe@example.net/x")
      #expect(target?.url == "")
    }
  }

  @Test func unknownDevicesHaveNoTarget() async throws {
    try await StoreFixture.run { fixture async throws in
      #expect(try await fixture.store.connectionTarget(of: 404, secret: Self.secret) == nil)
      #expect(try await fixture.store.lastContact(of: 404) == nil)
    }
  }

  @Test func credentialsOfEachPurposeDeviceAndFleetDiffer() {
    let requests = ConnectionCredential(deviceName: "a", secret: Self.secret)
    let stun = ConnectionCredential.stun(deviceName: "a", secret: Self.secret)
    let other = ConnectionCredential.stun(deviceName: "b", secret: Self.secret)
    let elsewhere = ConnectionCredential.stun(
      deviceName: "a", secret: [1] + Self.secret.dropFirst())
    let all = [requests, stun, other, elsewhere].map(\.password)
    #expect(Set(all).count == 4)
    #expect(all.allSatisfy { $0.utf8.count == 24 })
    #expect(stun.username == "a")
    #expect(stun == ConnectionCredential.stun(deviceName: "a", secret: Self.secret))
  }
}
