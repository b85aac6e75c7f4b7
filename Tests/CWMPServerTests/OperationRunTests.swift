import CWMP
import Fleet
import FleetStore
import Testing

@testable import CWMPServer

@Suite struct OperationRunTests {
  private static let context = OperationRun.Context(
    root: "Device.", commandKey: "fl-7", batchSize: 10,
    tree: TreeKnowledge(
      [StoredParameter(path: "Device.Time.Enable", value: "0", type: .boolean, changedAt: 0)],
      root: "Device."),
    sources: [image: DownloadSource(url: "http://acs/files/x", size: 1_000)])
  private static let image = String(repeating: "a", count: 64)

  @Test func getReturnsWhatTheDeviceSays() {
    var run = OperationRun(.get(paths: ["Device.A"]), context: Self.context)
    #expect(run.begin() == .request(.getParameterValues(names: ["Device.A"])))
    #expect(
      run.received(
        .response(.getParameterValues([ParameterValue(name: "Device.A", value: "1", type: .int)])))
        == .finished(
          .done(OperationResult(values: [ResultValue(path: "Device.A", value: "1", type: .int)]))))
    #expect(
      run.learned(now: 5)
        == TreeUpdate(values: [ReportedValue(path: "Device.A", value: "1", type: .int)], at: 5))
  }

  @Test func theDevicesFaultEndsTheRun() {
    var run = OperationRun(.get(paths: ["Device.A"]), context: Self.context)
    _ = run.begin()
    #expect(
      run.received(.fault(Fault(code: 9005, text: "Invalid parameter name")))
        == .finished(
          .failed(
            OperationFault(
              code: "cwmp.9005", text: "Invalid parameter name",
              parameters: [
                .init(path: "Device.A", code: "cwmp.9005", text: "Invalid parameter name")
              ]))))
    #expect(run.missingPaths == ["Device.A"])
  }

  @Test func theFaultNamesWhatIsMissingAndTheRestIsRead() {
    var run = OperationRun(
      .get(paths: ["Device.A", "Device.B", "Device.C"]), context: Self.context)
    func ask(_ names: String...) -> OperationRun.Step {
      .request(.getParameterValues(names: names))
    }
    let no = Session.Answer.fault(Fault(code: 9005, text: "no"))
    #expect(run.begin() == ask("Device.A", "Device.B", "Device.C"))
    #expect(run.received(no) == ask("Device.A", "Device.B"))
    #expect(run.received(no) == ask("Device.A"))
    let value = ParameterValue(name: "Device.A", value: "1")
    #expect(run.received(.response(.getParameterValues([value]))) == ask("Device.B"))
    #expect(run.received(no) == ask("Device.C"))
    let other = ParameterValue(name: "Device.C", value: "3")
    #expect(
      run.received(.response(.getParameterValues([other])))
        == .finished(
          .failed(
            OperationFault(
              code: "cwmp.9005", text: "no",
              parameters: [.init(path: "Device.B", code: "cwmp.9005", text: "no")]))))
    #expect(run.learned(now: 0).values.map(\.path) == ["Device.A", "Device.C"])
  }

  @Test func whatOneOperationTakesInIsBounded() {
    var context = Self.context
    context.limits.valueBytes = 4
    var run = OperationRun(.get(paths: ["Device."]), context: context)
    _ = run.begin()
    let many = (0..<9).map { ParameterValue(name: "Device.P\($0)", value: "xx") }
    _ = run.received(.response(.getParameterValues(many)))
    #expect(run.learned(now: 0).values.count == 2)
  }

  @Test func setTakesItsTypesFromTheTreeAndStoresWhatTheDeviceShows() {
    var run = OperationRun(
      .set([
        Assignment(path: "Device.Time.Enable", value: "1"),
        Assignment(path: "Device.Time.NTPServer1", value: "ntp"),
      ]), context: Self.context)
    #expect(
      run.begin()
        == .request(
          .setParameterValues(
            SetParameterValues(parameters: [
              ParameterValue(name: "Device.Time.Enable", value: "1", type: .boolean),
              ParameterValue(name: "Device.Time.NTPServer1", value: "ntp", type: .string),
            ]))))
    #expect(
      run.received(.response(.setParameterValues(.applied)))
        == .request(
          .getParameterValues(names: ["Device.Time.Enable", "Device.Time.NTPServer1"])))
    _ = run.received(
      .response(
        .getParameterValues([
          ParameterValue(name: "Device.Time.Enable", value: "true", type: .boolean)
        ])))
    #expect(run.learned(now: 1).values.map(\.value) == ["true"])
  }

  @Test func aRefusedSetSaysWhichParameter() {
    var run = OperationRun(.set([Assignment(path: "Device.A", value: "x")]), context: Self.context)
    _ = run.begin()
    let step = run.received(
      .fault(
        Fault(
          code: 9003, text: "Invalid arguments",
          parameterFaults: [
            ParameterFault(name: "Device.A", detail: FaultDetail(code: 9008, text: "Not writable"))
          ])))
    guard case .finished(.failed(let fault)) = step else {
      Issue.record("\(step)")
      return
    }
    #expect(fault.parameters?.map(\.code) == ["cwmp.9008"])
    #expect(run.learned(now: 1).isEmpty)
  }

  @Test func whatComesIntoEffectLaterIsMarked() {
    var run = OperationRun(.set([Assignment(path: "Device.A", value: "x")]), context: Self.context)
    _ = run.begin()
    _ = run.received(.response(.setParameterValues(.pending)))
    let step = run.received(
      .response(.getParameterValues([ParameterValue(name: "Device.A", value: "old")])))
    #expect(
      step
        == .finished(
          .done(
            OperationResult(
              values: [ResultValue(path: "Device.A", value: "old", type: .string)],
              isPending: true))))
    #expect(run.learned(now: 1).values.map(\.value) == ["old"])
  }

  @Test func addSetsAndReadsTheNewInstance() {
    var run = OperationRun(
      .add(object: "Device.NAT.PortMapping.", values: [Assignment(path: "Enable", value: "1")]),
      context: Self.context)
    #expect(run.begin() == .request(.addObject(name: "Device.NAT.PortMapping.", parameterKey: "")))
    #expect(
      run.received(.response(.addObject(instance: 4, status: .applied)))
        == .request(
          .setParameterValues(
            SetParameterValues(parameters: [
              ParameterValue(name: "Device.NAT.PortMapping.4.Enable", value: "1", type: .boolean)
            ]))))
    #expect(
      run.received(.response(.setParameterValues(.applied)))
        == .request(.getParameterNames(path: "Device.NAT.PortMapping.4.", nextLevel: false)))
    _ = run.received(
      .response(
        .getParameterNames([
          ParameterInfo(name: "Device.NAT.PortMapping.4.Enable", writable: true)
        ])))
    let step = run.received(
      .response(
        .getParameterValues([
          ParameterValue(name: "Device.NAT.PortMapping.4.Enable", value: "1")
        ])))
    #expect(step == .finished(.done(OperationResult(instance: "Device.NAT.PortMapping.4."))))
    #expect(run.learned(now: 1).completeBelow == "Device.NAT.PortMapping.4.")
  }

  @Test func anInstanceWhoseValuesAreRefusedIsTakenBack() {
    var run = OperationRun(
      .add(object: "Device.O.", values: [Assignment(path: "X", value: "1")]), context: Self.context)
    _ = run.begin()
    _ = run.received(.response(.addObject(instance: 2, status: .applied)))
    #expect(
      run.received(.fault(Fault(code: 9003, text: "bad")))
        == .request(.deleteObject(name: "Device.O.2.", parameterKey: "")))
    #expect(
      run.received(.response(.deleteObject(.applied)))
        == .finished(.failed(OperationFault(code: "cwmp.9003", text: "bad"))))
  }

  @Test func deleteRemovesFromTheTree() {
    var run = OperationRun(.delete(object: "Device.O.2."), context: Self.context)
    #expect(run.begin() == .request(.deleteObject(name: "Device.O.2.", parameterKey: "")))
    #expect(run.received(.response(.deleteObject(.applied))) == .finished(.done(OperationResult())))
    #expect(run.learned(now: 1).deletedObject == "Device.O.2.")
  }

  @Test func restartsAreAcceptedWithTheirKeys() {
    var reboot = OperationRun(.reboot, context: Self.context)
    #expect(reboot.begin() == .request(.reboot(commandKey: "fl-7")))
    #expect(reboot.received(.response(.reboot)) == .finished(.accepted(.boot)))
    var reset = OperationRun(.factoryReset, context: Self.context)
    #expect(reset.begin() == .request(.factoryReset))
    #expect(reset.received(.response(.factoryReset)) == .finished(.accepted(.bootstrap)))
  }

  @Test func aDownloadIsAcceptedOrDoneAtOnce() {
    let order = DownloadOrder(file: Self.image, expectedVersion: "2")
    var run = OperationRun(.download(order), context: Self.context)
    #expect(
      run.begin()
        == .request(
          .download(
            Download(
              commandKey: "fl-7", fileType: DownloadOrder.firmwareUpgradeImage,
              url: "http://acs/files/x", fileSize: 1_000))))
    var other = run
    #expect(
      run.received(.response(.download(TransferStart(status: .pending))))
        == .finished(.accepted(.transfer)))
    #expect(
      other.received(.response(.download(TransferStart(status: .applied))))
        == .finished(.done(OperationResult())))
  }

  @Test func firmwareIsNotOnlyLoaded() {
    let order = DownloadOrder(file: Self.image, expectedVersion: "2", stage: .load)
    var load = OperationRun(.download(order), context: Self.context)
    guard case .finished(.failed(let fault)) = load.begin() else {
      Issue.record("the device was asked")
      return
    }
    #expect(fault.code == OperationFault.unsupportedCode && !fault.isTransient)
    var start = order
    start.stage = .start
    var whole = order
    whole.stage = .whole
    var (first, second) = (
      OperationRun(.download(start), context: Self.context),
      OperationRun(.download(whole), context: Self.context)
    )
    #expect(first.begin() == second.begin())
  }

  @Test func aDownloadWithoutItsFileFailsWithoutAsking() {
    var context = Self.context
    context.sources = [:]
    var run = OperationRun(.download(DownloadOrder(file: "00")), context: context)
    guard case .finished(.failed(let fault)) = run.begin() else {
      Issue.record("the device was asked")
      return
    }
    #expect(fault.code == "fairlead.noFile")
  }

  @Test func aSessionThatBreaksHalvesTheBatch() {
    var run = OperationRun(.refresh(path: ""), context: Self.context)
    _ = run.begin()
    _ = run.received(
      .response(
        .getParameterNames((0..<8).map { ParameterInfo(name: "Device.P\($0)", writable: false) })))
    #expect(run.batchSizeAfterBreak == 4)
    #expect(run.learned(now: 1).names.count == 8)
    #expect(run.learned(now: 1).completeBelow == "Device.")
  }

  @Test func aTableWithoutInstancesIsEmpty() {
    var run = OperationRun(.refresh(path: "Device.NAT.PortMapping."), context: Self.context)
    #expect(
      run.begin()
        == .request(.getParameterNames(path: "Device.NAT.PortMapping.", nextLevel: false)))
    let table = ParameterInfo(name: "Device.NAT.PortMapping.", writable: true)
    #expect(
      run.received(.response(.getParameterNames([table])))
        == .request(.getParameterNames(path: "Device.NAT.PortMapping.", nextLevel: true)))
    #expect(
      run.received(.response(.getParameterNames([])))
        == .finished(.done(OperationResult(parametersRead: 0))))
    #expect(run.learned(now: 1).completeBelow == "Device.NAT.PortMapping.")
    // A device that lists nothing at all has not told that nothing is there.
    var silent = OperationRun(.refresh(path: "Device.NAT.PortMapping."), context: Self.context)
    _ = silent.begin()
    _ = silent.received(.response(.getParameterNames([])))
    guard case .finished(.failed) = silent.received(.response(.getParameterNames([]))) else {
      Issue.record("silence was taken for an empty table")
      return
    }
    #expect(silent.learned(now: 1).completeBelow == nil)
  }
}
