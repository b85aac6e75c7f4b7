import CWMP
import Testing

@testable import DeviceSimulator

@Suite struct DeviceTreeTests {
  private let time = Devices.time

  @Test func namesOfTheNextLevel() throws {
    let tree = try Devices.tree()
    #expect(
      try tree.names(path: "", nextLevel: true) == [ParameterInfo(name: "Device.", writable: false)]
    )
    #expect(
      try tree.names(path: "Device.NAT.", nextLevel: true) == [
        ParameterInfo(name: "Device.NAT.RuleNumberOfEntries", writable: false),
        ParameterInfo(name: "Device.NAT.Rule.", writable: true),
      ])
    #expect(
      try tree.names(path: "Device.NAT.Rule.", nextLevel: true).map(\.name) == [
        "Device.NAT.Rule.1.", "Device.NAT.Rule.2.",
      ])
    #expect(throws: FaultDetail.cpeInvalidArguments) {
      try tree.names(path: "Device.IP.Label", nextLevel: true)
    }
    #expect(throws: FaultDetail.cpeInvalidParameterName) {
      try tree.names(path: "Device.Nothing.", nextLevel: true)
    }
  }

  @Test func namesOfEverything() throws {
    let tree = try Devices.tree()
    let all = try tree.names(path: "", nextLevel: false)
    #expect(all.map(\.name) == tree.model.paths)
    #expect(all.first?.name == "Device.")
    #expect(
      try tree.names(path: "Device.IP.Label", nextLevel: false) == [
        ParameterInfo(name: "Device.IP.Label", writable: true)
      ])
    let below = try tree.names(path: "Device.NAT.Rule.2.", nextLevel: false).map(\.name)
    #expect(
      below == [
        "Device.NAT.Rule.2.", "Device.NAT.Rule.2.Enable", "Device.NAT.Rule.2.Protocol",
        "Device.NAT.Rule.2.Port", "Device.NAT.Rule.2.Host.", "Device.NAT.Rule.2.Host.1.",
        "Device.NAT.Rule.2.Host.1.Name",
      ])
  }

  @Test func valuesOfPartialPaths() throws {
    let tree = try Devices.tree()
    let values = try tree.values(
      of: ["Device.NAT.Rule.2.", "Device.NAT.RuleNumberOfEntries"], at: time)
    #expect(
      values == [
        ParameterValue(name: "Device.NAT.Rule.2.Enable", value: "true", type: .boolean),
        ParameterValue(name: "Device.NAT.Rule.2.Protocol", value: "UDP"),
        ParameterValue(name: "Device.NAT.Rule.2.Port", value: "80", type: .unsignedInt),
        ParameterValue(name: "Device.NAT.Rule.2.Host.1.Name", value: "h2-1"),
        ParameterValue(name: "Device.NAT.RuleNumberOfEntries", value: "2", type: .unsignedInt),
      ])
    #expect(throws: FaultDetail.cpeInvalidParameterName) {
      try tree.values(of: ["Device.IP.Label", "Device.IP.label"], at: time)
    }
  }

  /// A partial path ends with a dot (TR-069 A.3.2.2, A.3.2.3); without it, it is the name of a parameter that is not there.
  @Test(arguments: ["Device", "Device.NAT", "Device.NAT.Rule", "Device.NAT.Rule.1", "Device.."])
  func aPartialPathEndsWithADot(path: String) throws {
    var tree = try Devices.tree()
    #expect(throws: FaultDetail.cpeInvalidParameterName) {
      try tree.values(of: [path], at: Devices.time)
    }
    for nextLevel in [false, true] {
      #expect(throws: FaultDetail.cpeInvalidParameterName) {
        try tree.names(path: path, nextLevel: nextLevel)
      }
    }
    #expect(throws: FaultDetail.cpeInvalidParameterName) { try tree.attributes(of: [path]) }
    #expect(throws: FaultDetail.cpeInvalidParameterName) { try tree.addObject(path) }
    #expect(throws: FaultDetail.cpeInvalidParameterName) { try tree.deleteObject(path) }
    // SetParameterValues names parameters alone (A.3.2.1), with a dot or without.
    for name in [path, path + "."] {
      #expect(
        throws: SetFault(parameters: [ParameterFault(name: name, detail: .cpeInvalidParameterName)])
      ) {
        try tree.set([ParameterValue(name: name, value: "x")], at: Devices.time)
      }
    }
  }

  /// An object with nothing in it is there all the same (TR-069 A.3.2.2, A.3.2.3).
  @Test func objectsWithNothingInThem() throws {
    var tree = try Devices.tree()
    for number in 1...2 { try tree.deleteObject("Device.NAT.Rule.\(number).") }
    let table = "Device.NAT.Rule."
    #expect(try tree.values(of: [table], at: Devices.time) == [])
    #expect(try tree.attributes(of: [table]) == [])
    #expect(try tree.names(path: table, nextLevel: true) == [])
    #expect(
      try tree.names(path: table, nextLevel: false) == [ParameterInfo(name: table, writable: true)])
    // Not even by the values of something else.
    #expect(try tree.values(of: [table, "Device.IP.Label"], at: Devices.time).count == 1)
  }

  @Test func writingIsAllOrNothingAndSaysWhatWasWrong() throws {
    var tree = try Devices.tree()
    let problems: [(ParameterValue, FaultDetail)] = [
      (.init(name: "Device.Nothing", value: "1"), .cpeInvalidParameterName),
      (.init(name: "Device.IP.Address", value: "1.1.1.1"), .cpeNonWritableParameter),
      (.init(name: "Device.NAT.Rule.1.Port", value: "80"), .cpeInvalidParameterType),
      (
        .init(name: "Device.NAT.Rule.2.Port", value: "70000", type: .unsignedInt),
        .cpeInvalidParameterValue
      ),
      (
        .init(name: "Device.NAT.Rule.2.Enable", value: "yes", type: .boolean),
        .cpeInvalidParameterValue
      ),
      (.init(name: "Device.NAT.Rule.1.Protocol", value: "SCTP"), .cpeInvalidParameterValue),
    ]
    let good = ParameterValue(name: "Device.IP.Label", value: "good")
    #expect(
      throws: SetFault(
        parameters: problems.map { ParameterFault(name: $0.0.name, detail: $0.1) })
    ) {
      try tree.set([good] + problems.map(\.0), at: time)
    }
    #expect(tree.read("Device.IP.Label", at: time)?.value == "x")
    #expect(try tree.set([good], at: time) == ["Device.IP.Label"])
    #expect(try tree.set([good], at: time).isEmpty)
    #expect(throws: SetFault.self) { try tree.set([good, good], at: time) }
    #expect(throws: SetFault.self) {
      try tree.set([ParameterValue(name: "Device.IP.Label", value: "too long")], at: time)
    }
  }

  @Test func booleansReadBackAsWords() throws {
    var tree = try Devices.tree()
    let name = "Device.NAT.Rule.1.Enable"
    _ = try tree.set([ParameterValue(name: name, value: "0", type: .boolean)], at: time)
    #expect(tree.read(name, at: time)?.value == "false")
  }

  @Test func passwordsReadBackEmpty() throws {
    var tree = try Devices.tree()
    let name = "Device.ManagementServer.ConnectionRequestPassword"
    _ = try tree.set([ParameterValue(name: name, value: "secret")], at: time)
    #expect(tree.read(name, at: time)?.value == "")
    #expect(tree.storedValue(name, at: time) == "secret")
  }

  @Test func instanceNumbersAreNotUsedAgain() throws {
    var tree = try Devices.tree()
    #expect(try tree.addObject("Device.NAT.Rule.") == 3)
    #expect(tree.read("Device.NAT.Rule.3.Enable", at: time)?.value == "false")
    #expect(tree.read("Device.NAT.Rule.3.Port", at: time)?.value == "1")
    #expect(tree.read("Device.NAT.RuleNumberOfEntries", at: time)?.value == "3")
    #expect(tree.read("Device.NAT.Rule.3.Host.1.Name", at: time) == nil)
    #expect(try tree.addObject("Device.NAT.Rule.3.Host.") == 2)
    _ = try tree.set(
      [ParameterValue(name: "Device.NAT.Rule.3.Port", value: "99", type: .unsignedInt)], at: time)
    try tree.deleteObject("Device.NAT.Rule.3.")
    #expect(tree.read("Device.NAT.Rule.3.Port", at: time) == nil)
    #expect(try tree.addObject("Device.NAT.Rule.") == 4)
    #expect(tree.read("Device.NAT.Rule.4.Port", at: time)?.value == "1")
    try tree.deleteObject("Device.NAT.Rule.1.")
    try tree.deleteObject("Device.NAT.Rule.2.")
    #expect(try tree.addObject("Device.NAT.Rule.") == 5)
  }

  @Test func tablesHaveLimits() throws {
    var tree = try Devices.tree()
    _ = try tree.addObject("Device.NAT.Rule.")
    _ = try tree.addObject("Device.NAT.Rule.")
    #expect(throws: FaultDetail.cpeResourcesExceeded) { try tree.addObject("Device.NAT.Rule.") }
    #expect(throws: FaultDetail.cpeInvalidParameterName) { try tree.addObject("Device.NAT.") }
    #expect(throws: FaultDetail.cpeInvalidParameterName) {
      try tree.deleteObject("Device.NAT.Rule.77.")
    }
    #expect(throws: FaultDetail.cpeInvalidParameterName) {
      try tree.deleteObject("Device.NAT.Rule.")
    }
  }

  @Test func attributes() throws {
    var tree = try Devices.tree()
    #expect(tree.notification("Device.DeviceInfo.SoftwareVersion") == 2)
    try tree.setAttributes([
      SetParameterAttributes(name: "Device.IP.", notification: 1),
      SetParameterAttributes(
        name: "Device.IP.Label", notification: 2, accessList: ["Subscriber"]),
    ])
    #expect(
      try tree.attributes(of: ["Device.IP."]) == [
        ParameterAttributes(name: "Device.IP.Address", notification: 1, accessList: []),
        ParameterAttributes(
          name: "Device.IP.Label", notification: 2, accessList: ["Subscriber"]),
      ])
    #expect(throws: FaultDetail.cpeInvalidArguments) {
      try tree.setAttributes([SetParameterAttributes(name: "Device.IP.Label", notification: 4)])
    }
    #expect(throws: FaultDetail.cpeInvalidParameterName) {
      try tree.setAttributes([SetParameterAttributes(name: "Device.X", notification: 0)])
    }
  }
}
