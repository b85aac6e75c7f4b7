import Cryptography
import Fleet
import FleetStore
import Testing
import USP
import USPTransports

@testable import USPController

/// Which device an agent is in, and what proves it.
extension AgentConversationTests {
  @Test func whoProvesNothingIsRefused() async throws {
    try await withController { fixture in
      let link = try link(proof: .nothing)
      link.connect(to: fixture.core.accept(link))
      guard case .refused = try await link.waitForClosing() else {
        Issue.record("\(String(describing: link.closing))")
        return
      }
      #expect(try await fixture.store.device(named: Self.name) == nil)
      #expect(fixture.core.table.links == 0)
    }
    try await withController({ $0.enrolment = .open }) { fixture in
      let link = try link(proof: .nothing)
      link.connect(to: fixture.core.accept(link))
      try await wait { try await fixture.store.device(named: Self.name) != nil }
    }
  }

  @Test func aCertificateBindsToItsEndpoints() async throws {
    try await withController { fixture in
      let other = try #require(EndpointID("os::02FA1E-2"))
      let link = try link(proof: .certificate([other]))
      link.connect(to: fixture.core.accept(link))
      guard case .refused = try await link.waitForClosing() else {
        Issue.record("\(String(describing: link.closing))")
        return
      }
      #expect(try await fixture.store.device(named: Self.name) == nil)
    }
  }

  @Test func aCredentialOfItsOwnIsForOneDevice() async throws {
    try await withController({ $0.enrolment = .known }) { fixture in
      _ = try await fixture.store.createDevice(
        DeviceIdentity(manufacturer: "M", oui: "02FA1E", productClass: "GW", serialNumber: "1"),
        tags: [],
        credential: NewCredentialRecord(
          username: "gateway-1", password: "secret word", realm: "fairlead", deviceName: Self.name),
        by: "test")
      let link = try link(proof: .credential(username: "gateway-1"))
      link.connect(to: fixture.core.accept(link))
      try await wait { try await fixture.store.device(named: Self.name)?.readAt != nil }
      // What comes later is proved by the same.
      var event = USPNotify.Event()
      event.objPath = "Device."
      event.eventName = "Boot!"
      event.params = ["Cause": "LocalReboot"]
      var notify = USPNotify()
      notify.subscriptionID = "values"
      notify.sendResp = true
      notify.notification = .event(event)
      link.tell(.request(id: "boot", .notify(notify)))
      try await link.wait { isAcknowledged("boot", $0) }
      #expect(try await fixture.store.device(named: Self.name)?.lastBoot != nil)

      let other = try self.link(
        "os::02FA1E-2", proof: .credential(username: "gateway-1"), serialNumber: "2")
      other.connect(to: fixture.core.accept(other))
      guard case .refused = try await other.waitForClosing() else {
        Issue.record("\(String(describing: other.closing))")
        return
      }
    }
  }

  @Test func whereOnlyKnownDevicesAreLetInOthersAreRefused() async throws {
    try await withController({ $0.enrolment = .known }) { fixture in
      let mine = try #require(EndpointID(Self.endpoint))
      let link = try link(proof: .certificate([mine]))
      link.connect(to: fixture.core.accept(link))
      guard case .refused = try await link.waitForClosing() else {
        Issue.record("\(String(describing: link.closing))")
        return
      }
      #expect(try await fixture.store.device(named: Self.name) == nil)
    }
  }

  @Test func aLinkIsNotTakenByWhoeverNamesItsEndpoint() async throws {
    try await withController({ $0.requestTimeout = 5 }) { fixture in
      let honest = try link()
      honest.connect(to: fixture.core.accept(honest))
      try await wait { try await fixture.store.device(named: Self.name)?.readAt != nil }
      let silent = try link(isSilent: { true })
      silent.connect(to: fixture.core.accept(silent))
      #expect(try await silent.waitForClosing() == .timedOut)
      // Another device under the same endpoint ID.
      let other = try link(serialNumber: "2")
      other.connect(to: fixture.core.accept(other))
      #expect(try await isRefused(other))
      #expect(try await fixture.store.device(named: "02FA1E-GW-2") == nil)
      #expect(try await fixture.store.device(named: Self.endpoint)?.identity.name == Self.name)
      #expect(honest.closing == nil)
      honest.tell(notification("n1", "a"))
      try await honest.wait { isAcknowledged("n1", $0) }
      try await wait { try await claims(Self.name, fixture) == 1 }
    }
  }

  @Test func theEndpointOfADeviceThatHasProvedItselfStaysWithIt() async throws {
    try await withController { fixture in
      _ = try await fixture.store.createDevice(
        DeviceIdentity(manufacturer: "M", oui: "02FA1E", productClass: "GW", serialNumber: "1"),
        tags: [],
        credential: NewCredentialRecord(
          username: "gateway-1", password: "secret word", realm: "fairlead", deviceName: Self.name),
        by: "test")
      let honest = try link(proof: .credential(username: "gateway-1"))
      honest.connect(to: fixture.core.accept(honest))
      try await wait { try await fixture.store.device(named: Self.name)?.readAt != nil }
      honest.close(.finished)
      try await wait { fixture.core.table.links == 0 }
      for serialNumber in ["1", "2"] {
        let other = try link(serialNumber: serialNumber)
        other.connect(to: fixture.core.accept(other))
        #expect(try await isRefused(other))
      }
      #expect(try await fixture.store.device(named: Self.endpoint)?.identity.name == Self.name)
    }
  }

  @Test func aCertificateWithAnOUIAndASerialNumberIsForThatDevice() async throws {
    try await withController { fixture in
      let second = try #require(EndpointID("os::02FA1E-2"))
      let victim = try link()
      victim.connect(to: fixture.core.accept(victim))
      try await wait { try await fixture.store.device(named: Self.name)?.readAt != nil }
      let other = try link(second.text, proof: .certificate([second]))
      other.connect(to: fixture.core.accept(other))
      #expect(try await isRefused(other))
      try await wait { try await claims(Self.name, fixture) == 1 }
      let right = try link(second.text, proof: .certificate([second]), serialNumber: "2")
      right.connect(to: fixture.core.accept(right))
      try await wait { try await fixture.store.device(named: "02FA1E-GW-2")?.readAt != nil }
    }
  }

  @Test func aCertificateWithoutThemIsForTheDeviceWithWhichItCameFirst() async throws {
    try await withController { fixture in
      let id = try #require(EndpointID("uuid::3f2a9c1e-0000-4000-8000-00000000b0c5"))
      // Somebody has used the ID without the certificate.
      let squatter = try link(id.text, serialNumber: "9")
      squatter.connect(to: fixture.core.accept(squatter))
      try await wait { try await fixture.store.device(named: "02FA1E-GW-9")?.readAt != nil }
      let first = try link(id.text, proof: .certificate([id]))
      first.connect(to: fixture.core.accept(first))
      try await wait { try await fixture.store.device(named: Self.name)?.readAt != nil }
      #expect(try await isRefused(squatter))
      #expect(try await fixture.store.device(named: id.text)?.identity.name == Self.name)
      let other = try link(id.text, proof: .certificate([id]), serialNumber: "2")
      other.connect(to: fixture.core.accept(other))
      #expect(try await isRefused(other))
      #expect(first.closing == nil)
      // Nor does another such certificate become the device.
      let another = try #require(EndpointID("uuid::3f2a9c1e-0000-4000-8000-00000000b0c6"))
      let taker = try link(another.text, proof: .certificate([another]))
      taker.connect(to: fixture.core.accept(taker))
      #expect(try await isRefused(taker))
      // It comes back itself.
      let again = try link(id.text, proof: .certificate([id]))
      again.connect(to: fixture.core.accept(again))
      #expect(try await isRefused(first))
      again.tell(notification("n1", "a"))
      try await again.wait { isAcknowledged("n1", $0) }
    }
  }

  @Test func aCertificateWithoutAnEndpointProvesNoDevice() async throws {
    try await withController({ $0.enrolment = .known }) { fixture in
      _ = try await fixture.store.createDevice(
        DeviceIdentity(manufacturer: "M", oui: "02FA1E", productClass: "GW", serialNumber: "1"),
        tags: [], by: "test")
      let link = try link(proof: .certificate([]))
      link.connect(to: fixture.core.accept(link))
      #expect(try await isRefused(link))
    }
  }
}
