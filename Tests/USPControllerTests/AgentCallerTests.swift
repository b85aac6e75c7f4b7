import Fleet
import FleetStore
import Testing
import USP

@testable import USPController

/// Of which device an agent may be.
@Suite struct AgentCallerTests {
  @Test(arguments: [
    ("os::02FA1E-1", true), ("os::02fa1e-1", true), ("os::02FA1E-2", false),
    ("os::02FA1F-1", false), ("ops::02FA1E-Box%20A-1", true), ("ops::02FA1E-Box-1", false),
  ])
  func anEndpointWithAnOUIAndASerialNumberIsThatOfOneDevice(text: String, isOf: Bool) throws {
    let endpoint = try #require(EndpointID(text))
    let identity = DeviceIdentity(
      manufacturer: "M", oui: "02FA1E", productClass: "Box A", serialNumber: "1")
    #expect(endpoint.isOf(identity) == isOf)
    #expect(endpoint.namesDevice)
  }

  @Test func otherEndpointsAreNotTold() throws {
    let endpoint = try #require(EndpointID("self::02FA1E-1"))
    let identity = DeviceIdentity(
      manufacturer: "M", oui: "02FA1E", productClass: "", serialNumber: "1")
    #expect(endpoint.isOf(identity) == nil)
    var caller = AgentCaller(endpoint: endpoint, proof: .certificate)
    var standing = AgentStanding()
    #expect(caller.proof(standing) == .shared)
    #expect(caller.mayBe(identity, standing, enrolment: .known))
    standing.certifiedEndpoints = ["self::other"]
    #expect(!caller.mayBe(identity, standing, enrolment: .open))
    caller.endpoint = nil
    #expect(caller.mayBe(identity, standing, enrolment: .shared))
    #expect(!caller.mayBe(identity, standing, enrolment: .known))
  }
}
