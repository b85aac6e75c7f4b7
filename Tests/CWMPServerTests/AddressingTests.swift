import CWMP
import Fleet
import FleetStore
import Testing

@testable import CWMPServer

@Suite struct AddressingTests {
  private static func tree(_ values: [String: String]) -> TreeKnowledge {
    var paths = Set(values.keys)
    for path in values.keys {
      let parts = path.split(separator: ".")
      for count in 1..<parts.count { paths.insert(parts[..<count].joined(separator: ".") + ".") }
    }
    return TreeKnowledge(
      paths.sorted().map { StoredParameter(path: $0, value: values[$0], changedAt: 0) },
      root: "Device.")
  }

  private static let ports = [
    "Device.NAT.PortMapping.1.Enable": "1", "Device.NAT.PortMapping.1.Alias": "cpe-1",
    "Device.NAT.PortMapping.2.Enable": "0", "Device.NAT.PortMapping.2.Alias": "web",
    "Device.NAT.PortMapping.12.Enable": "0", "Device.NAT.PortMappingNumberOfEntries": "3",
    "Device.Time.Enable": "1",
  ]

  private static func context(_ more: [String: String] = [:]) -> OperationRun.Context {
    OperationRun.Context(
      root: "Device.", batchSize: 10,
      tree: tree(ports.merging(more, uniquingKeysWith: { $1 })))
  }

  // MARK: What is taken from answers

  @Test func onlyWhatWasAskedForIsTaken() {
    let asked = AskedPaths([
      "Device.A", "Device.B.", "Device.T.*.X", "Device.T.*.U.", "Device.Q.[web].X",
    ])
    for name in [
      "Device.A", "Device.B.C", "Device.B.1.D", "Device.T.3.X", "Device.T.[a].X",
      "Device.T.3.U.V", "Device.Q.[web].X", "Device.Q.7.X",
    ] { #expect(asked.contains(name), "\(name)") }
    for name in [
      "Device.AB", "Device.B", "Device.T.3.Y", "Device.T.X.X", "Device.T.3.4.X", "Device.T.3.U",
      "Device.Q.[other].X", "Device.Q.7.Y", "Device", "",
    ] { #expect(!asked.contains(name), "\(name)") }
  }

  // MARK: Wildcards

  @Test func wildcardsAreSentToDevicesThatKnowThem() {
    var run = OperationRun(
      .get(paths: ["Device.NAT.PortMapping.*.Enable"]),
      context: Self.context(["Device.ManagementServer.InstanceWildcardsSupported": "true"]))
    #expect(
      run.begin() == .request(.getParameterValues(names: ["Device.NAT.PortMapping.*.Enable"])))
    let step = run.received(
      .response(
        .getParameterValues([
          ParameterValue(name: "Device.NAT.PortMapping.9.Enable", value: "1"),
          ParameterValue(name: "Device.Time.Enable", value: "1"),
        ])))
    guard case .finished(.done(let result)) = step else {
      Issue.record("\(step)")
      return
    }
    #expect(result.values?.map(\.path) == ["Device.NAT.PortMapping.9.Enable"])
  }

  @Test func wildcardsAreExpandedForDevicesThatDoNot() {
    var run = OperationRun(
      .get(paths: ["Device.NAT.PortMapping.*.Enable"]), context: Self.context())
    #expect(
      run.begin()
        == .request(
          .getParameterValues(names: [
            "Device.NAT.PortMapping.1.Enable", "Device.NAT.PortMapping.12.Enable",
            "Device.NAT.PortMapping.2.Enable",
          ])))
    var objects = OperationRun(
      .getAttributes(paths: ["Device.*.PortMapping."]), context: Self.context())
    // The root's children are no instances.
    #expect(objects.begin() == .finished(.done(OperationResult(attributes: []))))
  }

  @Test func allRowsAtTheEndAreTheTable() {
    var run = OperationRun(
      .get(paths: ["Device.NAT.PortMapping.*."]), context: Self.context())
    #expect(
      run.begin() == .request(.getParameterValues(names: ["Device.NAT.PortMapping."])))
  }

  @Test(arguments: [
    #"Device.WiFi.SSID.[SSID=="a"].Status"#, "Device.IP.Interface.1.LowerLayers+.Name",
  ])
  func whatOnlyUSPFindsIsNotAskedFor(path: String) {
    var run = OperationRun(.get(paths: ["Device.Time.", path]), context: Self.context())
    guard case .finished(.failed(let fault)) = run.begin() else {
      return #expect(Bool(false))
    }
    #expect(fault.code == OperationFault.unsupportedCode && fault.text.hasSuffix(path))
  }

  @Test func aTableWithoutInstancesHasNothingToTell() {
    var run = OperationRun(.get(paths: ["Device.Hosts.Host.*.IPAddress"]), context: Self.context())
    #expect(run.begin() == .finished(.done(OperationResult(values: []))))
    var native = OperationRun(
      .get(paths: ["Device.Hosts.Host.*.IPAddress"]),
      context: Self.context(["Device.ManagementServer.InstanceWildcardsSupported": "1"]))
    _ = native.begin()
    #expect(
      native.received(.response(.getParameterValues([])))
        == .finished(.done(OperationResult(values: []))))
  }

  @Test func theExpansionIsBounded() {
    var values: [String: String] = [:]
    for number in 0...OperationRun.maxExpandedPaths { values["Device.T.\(number).X"] = "1" }
    var run = OperationRun(
      .get(paths: ["Device.T.*.X"]),
      context: OperationRun.Context(root: "Device.", batchSize: 10, tree: Self.tree(values)))
    guard case .finished(.failed(let fault)) = run.begin() else {
      Issue.record("more was read than one session can")
      return
    }
    #expect(fault.code == "fairlead.tooManyPaths")
  }

  // MARK: Aliases

  @Test func aliasesAreSentToDevicesThatKnowThem() {
    let context = Self.context(["Device.ManagementServer.AliasBasedAddressing": "true"])
    var run = OperationRun(
      .set([Assignment(path: "Device.NAT.PortMapping.[web].Enable", value: "1")]), context: context)
    guard case .request(.setParameterValues(let set)) = run.begin() else {
      Issue.record("nothing was set")
      return
    }
    #expect(set.parameters.map(\.name) == ["Device.NAT.PortMapping.[web].Enable"])
    _ = run.received(.response(.setParameterValues(.applied)))
    // The device may call the instance by either name; the stored tree knows numbers.
    var numbered = run
    for (name, step) in [
      (
        "Device.NAT.PortMapping.[web].Enable",
        run.received(
          .response(
            .getParameterValues([
              ParameterValue(name: "Device.NAT.PortMapping.[web].Enable", value: "1")
            ])))
      ),
      (
        "Device.NAT.PortMapping.2.Enable",
        numbered.received(
          .response(
            .getParameterValues([
              ParameterValue(name: "Device.NAT.PortMapping.2.Enable", value: "1")
            ])))
      ),
    ] {
      guard case .finished(.done(let result)) = step else {
        Issue.record("\(step)")
        continue
      }
      #expect(result.values?.map(\.path) == [name])
    }
    #expect(run.learned(now: 1).values.map(\.path) == ["Device.NAT.PortMapping.2.Enable"])
    #expect(numbered.learned(now: 1).values.map(\.path) == ["Device.NAT.PortMapping.2.Enable"])
  }

  @Test func aliasesAreNumbersForDevicesThatKnowNone() {
    var get = OperationRun(
      .get(paths: ["Device.NAT.PortMapping.[web].Enable"]), context: Self.context())
    #expect(
      get.begin() == .request(.getParameterValues(names: ["Device.NAT.PortMapping.2.Enable"])))
    var delete = OperationRun(
      .delete(object: "Device.NAT.PortMapping.[web]."), context: Self.context())
    #expect(
      delete.begin()
        == .request(.deleteObject(name: "Device.NAT.PortMapping.2.", parameterKey: "")))
    _ = delete.received(.response(.deleteObject(.applied)))
    #expect(delete.learned(now: 1).deletedObject == "Device.NAT.PortMapping.2.")
  }

  @Test func whatAnUnknownAliasStoodForIsLookedUpAfterwards() {
    let context = Self.context(["Device.ManagementServer.AliasBasedAddressing": "1"])
    var run = OperationRun(.delete(object: "Device.NAT.PortMapping.[new]."), context: context)
    _ = run.begin()
    _ = run.received(.response(.deleteObject(.applied)))
    #expect(run.learned(now: 1).deletedObject == nil)
    var repairs = TreeRepairs()
    repairs.note(missing: run.missingPaths)
    #expect(repairs.next() == "Device.NAT.PortMapping.")
  }

  @Test func anInstanceIsMadeWithItsAlias() {
    let context = Self.context(["Device.ManagementServer.AliasBasedAddressing": "1"])
    var run = OperationRun(
      .add(
        object: "Device.NAT.PortMapping.[ssh].", values: [Assignment(path: "Enable", value: "1")]),
      context: context)
    #expect(
      run.begin()
        == .request(.addObject(name: "Device.NAT.PortMapping.[ssh].", parameterKey: "")))
    guard
      case .request(.setParameterValues(let set)) = run.received(
        .response(.addObject(instance: 4, status: .applied)))
    else {
      Issue.record("nothing was set")
      return
    }
    #expect(set.parameters.map(\.name) == ["Device.NAT.PortMapping.4.Enable"])
  }
}
