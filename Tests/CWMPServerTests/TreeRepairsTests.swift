import CWMP
import Fleet
import FleetStore
import Testing

@testable import CWMPServer

@Suite struct TreeRepairsTests {
  private static let tree = TreeKnowledge(
    [
      "Device.", "Device.NAT.", "Device.NAT.PortMapping.", "Device.NAT.PortMapping.1.",
      "Device.NAT.PortMapping.1.Enable", "Device.NAT.PortMapping.3.",
      "Device.NAT.PortMapping.3.Enable", "Device.NAT.PortMappingNumberOfEntries",
    ].map {
      StoredParameter(path: $0, value: $0.hasSuffix(".") ? nil : "1", changedAt: 0)
    }, root: "Device.")

  private static func value(_ path: String, _ value: String) -> ReportedValue {
    ReportedValue(path: path, value: value)
  }

  @Test func theTableOfAMissingInstanceIsReadOnce() {
    var repairs = TreeRepairs()
    repairs.note(missing: [
      "Device.NAT.PortMapping.4.Enable", "Device.NAT.PortMapping.4.Protocol",
      "Device.NAT.PortMapping.5.",
    ])
    #expect(repairs.next() == "Device.NAT.PortMapping.")
    #expect(repairs.next() == nil)
    repairs.note(missing: ["Device.NAT.PortMapping.6.Enable"])
    #expect(repairs.next() == nil)
  }

  @Test func withoutAnInstanceTheObjectIsRead() {
    var repairs = TreeRepairs()
    repairs.note(missing: ["Device.NAT.Bogus", "Device.Bogus"])
    #expect(repairs.next() == "Device.NAT.")
    // The whole tree is not read again for a parameter below the root.
    #expect(repairs.next() == nil)
  }

  @Test func whatIsGoneAltogetherLeadsUpwards() {
    var repairs = TreeRepairs()
    repairs.note(missing: ["Device.IP.Interface.3.IPv4Address.1.IPAddress"])
    #expect(repairs.next() == "Device.IP.Interface.3.IPv4Address.")
    repairs.note(gone: "Device.IP.Interface.3.IPv4Address.")
    #expect(repairs.next() == "Device.IP.Interface.3.")
    repairs.note(gone: "Device.IP.Interface.3.")
    #expect(repairs.next() == "Device.IP.Interface.")
    repairs.note(gone: "Device.IP.Interface.")
    #expect(repairs.next() == "Device.IP.")
    repairs.note(gone: "Device.IP.")
    #expect(repairs.next() == nil)
  }

  @Test func anObjectTakesInWhatLiesBelowIt() {
    var repairs = TreeRepairs()
    repairs.note(object: "Device.A.B.")
    repairs.note(object: "Device.A.")
    repairs.note(object: "Device.A.C.")
    #expect(repairs.next() == "Device.A.")
    #expect(repairs.next() == nil)
  }

  @Test func aDeviceThatMisleadsCostsLittle() {
    var repairs = TreeRepairs()
    repairs.note(missing: (0..<1_000).map { "Device.T\($0).1.X" })
    var count = 0
    while repairs.next() != nil { count += 1 }
    #expect(count == TreeRepairs.limit)
  }

  @Test func aNumberOfInstancesThatContradictsTheTreeIsLookedInto() {
    var repairs = TreeRepairs()
    repairs.note([Self.value("Device.NAT.PortMappingNumberOfEntries", "2")], against: Self.tree)
    #expect(repairs.next() == nil)
    repairs.note([Self.value("Device.NAT.PortMappingNumberOfEntries", "3")], against: Self.tree)
    #expect(repairs.next() == "Device.NAT.PortMapping.")
    // No table has this name, or it counts something else.
    repairs.note([Self.value("Device.NAT.OtherNumberOfEntries", "3")], against: Self.tree)
    repairs.note([Self.value("Device.NAT.PortMappingNumberOfEntries", "?")], against: Self.tree)
    #expect(repairs.next() == nil)
  }

  @Test func anInstanceThatTheTreeHasNotIsLookedInto() {
    var repairs = TreeRepairs()
    repairs.note(
      [
        Self.value("Device.NAT.PortMapping.3.New", "1"),
        Self.value("Device.NAT.PortMapping.1.Enable", "0"), Self.value("Device.NAT.New", "1"),
      ], against: Self.tree)
    #expect(repairs.next() == nil)
    repairs.note([Self.value("Device.NAT.PortMapping.7.Enable", "0")], against: Self.tree)
    #expect(repairs.next() == "Device.NAT.PortMapping.")
  }

  @Test func aTreeThatWasNeverReadContradictsNothing() {
    var repairs = TreeRepairs()
    let unread = TreeKnowledge(
      [StoredParameter(path: "Device.A.1.B", value: "", changedAt: 0)], root: "Device.")
    repairs.note([Self.value("Device.C.1.D", "1")], against: unread)
    #expect(repairs.next() == nil)
  }
}
