import CWMP
import Testing

@testable import DeviceSimulator

@Suite struct AddressingTests {
  private let time = Devices.time

  private func tree() throws -> DeviceTree { try Devices.complete().tree }

  private func set(
    _ tree: inout DeviceTree, _ name: String, _ value: String, _ type: ValueType = .string
  ) throws {
    _ = try tree.set([ParameterValue(name: name, value: value, type: type)], at: time)
  }

  @Test func aliasesNameInstances() throws {
    var tree = try tree()
    let name = "Device.NAT.PortMapping.[cpe-1].Description"
    #expect(try tree.values(of: [name], at: time).map(\.name) == [name])
    try set(&tree, name, "door")
    #expect(tree.read("Device.NAT.PortMapping.1.Description", at: time)?.value == "door")
    try set(&tree, "Device.NAT.PortMapping.1.Alias", "a.b")
    #expect(
      try tree.values(of: ["Device.NAT.PortMapping.[a.b].Description"], at: time).first?.value
        == "door")
    #expect(throws: FaultDetail.cpeInvalidParameterName) { try tree.values(of: [name], at: time) }
    #expect(throws: FaultDetail.cpeInvalidParameterName) {
      try tree.values(of: ["Device.NAT.PortMapping.[a.b.Description"], at: time)
    }
  }

  @Test func aDeviceWithoutAliasesRefusesThem() throws {
    let tree = try Devices.complete("InternetGatewayDevice.").tree
    #expect(throws: FaultDetail.cpeInvalidParameterName) {
      try tree.values(of: ["InternetGatewayDevice.WANDevice.[cpe-1]."], at: time)
    }
    #expect(throws: FaultDetail.cpeInvalidParameterName) {
      try tree.values(of: ["InternetGatewayDevice.WANDevice.*.WANConnectionDevice."], at: time)
    }
  }

  @Test func instanceModeDecidesHowAnswersAreSpelled() throws {
    var tree = try tree()
    try set(&tree, "Device.ManagementServer.InstanceMode", "InstanceAlias")
    #expect(
      try tree.names(path: "Device.Firewall.Chain.", nextLevel: true).map(\.name) == [
        "Device.Firewall.Chain.[cpe-1]."
      ])
    let below = try tree.values(of: ["Device.Firewall.Chain.1.Rule."], at: time)
    #expect(below.first?.name == "Device.Firewall.Chain.1.Rule.[cpe-1].Enable")
    // Interfaces without an alias keep their number.
    let hosts = try tree.names(path: "Device.Hosts.Host.", nextLevel: true).map(\.name)
    #expect(hosts.first == "Device.Hosts.Host.1.")
  }

  @Test func wildcardsStandForAllInstances() throws {
    let tree = try tree()
    #expect(
      try tree.values(of: ["Device.WiFi.SSID.*.Enable"], at: time).map(\.name) == [
        "Device.WiFi.SSID.1.Enable", "Device.WiFi.SSID.2.Enable",
      ])
    #expect(
      try tree.values(of: ["Device.IP.Interface.*.IPv4Address.*.IPAddress"], at: time).map(\.name)
        == [
          "Device.IP.Interface.1.IPv4Address.1.IPAddress",
          "Device.IP.Interface.2.IPv4Address.1.IPAddress",
        ])
    #expect(try tree.names(path: "Device.WiFi.SSID.*.Stats.", nextLevel: true).count == 12)
    #expect(try tree.values(of: ["Device.DHCPv4.Client.*.Enable"], at: time).isEmpty)
    #expect(
      try tree.attributes(of: ["Device.WiFi.SSID.*.Enable"]).map(\.name) == [
        "Device.WiFi.SSID.1.Enable", "Device.WiFi.SSID.2.Enable",
      ])
    for wrong in ["Device.IP.Interface.*.", "Device.*.Enable", "Device.WiFi.SSID.*.Nothing"] {
      #expect(throws: FaultDetail.cpeInvalidParameterName, "\(wrong)") {
        try tree.values(of: [wrong], at: time)
      }
    }
    var writable = tree
    #expect(throws: SetFault.self) {
      try self.set(&writable, "Device.WiFi.SSID.*.Enable", "1", .boolean)
    }
  }

  @Test func addObjectTakesAnAlias() throws {
    var tree = try tree()
    #expect(try tree.addObject("Device.NAT.PortMapping.[mine].") == 2)
    #expect(tree.read("Device.NAT.PortMapping.2.Alias", at: time)?.value == "mine")
    #expect(throws: FaultDetail.cpeInvalidParameterName) {
      try tree.addObject("Device.NAT.PortMapping.[mine].")
    }
    #expect(try tree.addObject("Device.NAT.PortMapping.") == 3)
    #expect(tree.read("Device.NAT.PortMapping.3.Alias", at: time)?.value == "cpe-3")
    try tree.deleteObject("Device.NAT.PortMapping.[mine].")
    #expect(tree.read("Device.NAT.PortMapping.2.Alias", at: time) == nil)
  }

  @Test func instancesAreMadeOnlyWhereThatIsAsked() throws {
    var tree = try tree()
    let name = "Device.NAT.PortMapping.[new].Description"
    #expect(throws: SetFault.self) { try self.set(&tree, name, "x") }
    try set(&tree, "Device.ManagementServer.AutoCreateInstances", "1", .boolean)
    _ = try tree.set(
      [
        ParameterValue(name: name, value: "x"),
        ParameterValue(
          name: "Device.NAT.PortMapping.[new].InternalPort", value: "80", type: .unsignedInt),
      ], at: time)
    #expect(tree.read("Device.NAT.PortMapping.2.Alias", at: time)?.value == "new")
    #expect(tree.read("Device.NAT.PortMapping.2.InternalPort", at: time)?.value == "80")
    // All or nothing: a wrong value leaves no instance behind.
    #expect(throws: SetFault.self) {
      try tree.set(
        [
          ParameterValue(name: "Device.NAT.PortMapping.[other].Description", value: "x"),
          ParameterValue(name: "Device.NAT.PortMapping.[other].Nothing", value: "x"),
        ], at: self.time)
    }
    #expect(tree.instances(of: "Device.NAT.PortMapping.").count == 2)
  }

  @Test func twoNamesOfOneParameterAreOneTooMany() throws {
    var tree = try tree()
    #expect(throws: SetFault.self) {
      try tree.set(
        [
          ParameterValue(name: "Device.NAT.PortMapping.1.Description", value: "x"),
          ParameterValue(name: "Device.NAT.PortMapping.[cpe-1].Description", value: "y"),
        ], at: self.time)
    }
  }
}

@Suite struct AttributeTests {
  @Test func whatMustBeNotifiedStaysNotified() throws {
    let name = "Device.DeviceInfo.SoftwareVersion"
    let (transcript, session) = Transcript.afterFirstSession(
      try Devices.complete(),
      [
        .setParameterAttributes([SetParameterAttributes(name: name, notification: 0)]),
        .setParameterAttributes([
          SetParameterAttributes(name: "Device.DeviceInfo.", notification: 1)
        ]),
        .getParameterAttributes(names: ["Device.DeviceInfo."]),
      ])
    #expect(session.answers.fault(0) == 9009)
    #expect(session.answers[1] == .response(.setParameterAttributes))
    #expect(transcript.cpe.tree.notification(name) == 2)
    #expect(transcript.cpe.tree.notification("Device.DeviceInfo.HardwareVersion") == 1)
    guard case .response(.getParameterAttributes(let attributes)) = session.answers[2] else {
      Issue.record("no attributes")
      return
    }
    #expect(attributes.count > 20)
  }

  @Test func whatChangesAllTheTimeCannotBeActive() throws {
    let (_, session) = Transcript.afterFirstSession(
      try Devices.complete(),
      [
        .setParameterAttributes([
          SetParameterAttributes(name: "Device.DeviceInfo.UpTime", notification: 2)
        ]),
        .setParameterAttributes([
          SetParameterAttributes(name: "Device.DeviceInfo.UpTime", notification: 1)
        ]),
        .setParameterAttributes([
          SetParameterAttributes(name: "Device.WiFi.SSID.1.SSID", accessList: ["Subscriber"])
        ]),
        .setParameterAttributes([
          SetParameterAttributes(name: "Device.WiFi.SSID.1.SSID", accessList: ["Everybody"])
        ]),
        .setParameterAttributes([
          SetParameterAttributes(name: "Device.WiFi.SSID.1.SSID", notification: 7)
        ]),
      ])
    #expect((0...4).map(session.answers.fault) == [9009, nil, nil, 9003, 9003])
  }

  /// Of two entries about one parameter the later counts; of a wrong one nothing is done.
  @Test func allOrNothing() throws {
    let name = "Device.WiFi.SSID.1.SSID"
    let (transcript, session) = Transcript.afterFirstSession(
      try Devices.complete(),
      [
        .setParameterAttributes([
          SetParameterAttributes(name: name, notification: 1),
          SetParameterAttributes(name: "Device.Nothing", notification: 1),
        ])
      ])
    #expect(session.answers.fault(0) == 9005)
    #expect(transcript.cpe.tree.notification(name) == 0)
  }

  @Test func countersRideWithTheNextInform() throws {
    var (transcript, _) = Transcript.afterFirstSession(
      try Devices.complete(),
      [
        .setParameterAttributes([
          SetParameterAttributes(
            name: "Device.Ethernet.Interface.1.Stats.BytesSent", notification: 1)
        ])
      ])
    // The first session after the change learns the value, the ones after that the differences.
    _ = transcript.waitForSession()
    _ = transcript.session()
    _ = transcript.waitForSession()
    let inform = try #require(transcript.session().inform)
    #expect(Set(inform.codes) == ["2 PERIODIC", "4 VALUE CHANGE"])
    #expect(inform.parameters.last?.name == "Device.Ethernet.Interface.1.Stats.BytesSent")
  }

  @Test func theThrottleKeepsNotificationsApart() throws {
    let throttle = "Device.ManagementServer.DefaultActiveNotificationThrottle"
    var (transcript, _) = Transcript.afterFirstSession(
      try Devices.complete(),
      [
        .set((throttle, "50", .unsignedInt)),
        .setParameterAttributes([
          SetParameterAttributes(name: "Device.WiFi.SSID.1.SSID", notification: 2)
        ]),
      ])
    func change(_ value: String) {
      transcript.cpe.change("Device.WiFi.SSID.1.SSID", to: value, transcript.now)
    }
    change("one")
    let start = transcript.now
    _ = transcript.wait()
    #expect(transcript.session().inform?.codes == ["4 VALUE CHANGE"])
    change("two")
    _ = transcript.waitForSession()
    let inform = try #require(transcript.session().inform)
    #expect(inform.codes.contains(Event.valueChange))
    // A periodic Inform that comes earlier takes the change with it.
    #expect(inform.codes.contains(Event.periodic) || transcript.now == start + .seconds(50))
  }

  @Test func lightweightNotificationsAreSignedPackets() throws {
    let server = "Device.ManagementServer."
    var (transcript, session) = Transcript.afterFirstSession(
      try Devices.complete(),
      [
        .set(
          (server + "LightweightNotificationProtocolsUsed", "UDP", .string),
          (server + "UDPLightweightNotificationHost", "127.0.0.1", .string),
          (server + "Password", "secret", .string)),
        .setParameterAttributes([
          SetParameterAttributes(name: "Device.WiFi.SSID.1.SSID", notification: 5)
        ]),
      ])
    #expect(session.answers.fault(1) == nil)
    transcript.cpe.change("Device.WiFi.SSID.1.SSID", to: "a<b", transcript.now)
    guard case .send(let notification) = transcript.wait().first else {
      Issue.record("no packet")
      return
    }
    let text = String(decoding: notification.packet, as: UTF8.self)
    #expect(notification.port == 7547)
    #expect(text.hasPrefix("POST / HTTP/1.1\r\nHost: 127.0.0.1:7547\r\n"))
    #expect(text.contains("<Value>a&lt;b</Value>"))
    #expect(text.contains("<SerialNumber>S1</SerialNumber>"))
    // It makes no session.
    #expect(!transcript.cpe.pending.contains { $0.event.code == Event.valueChange })
  }
}
