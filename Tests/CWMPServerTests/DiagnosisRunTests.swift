import CWMP
import Fleet
import FleetStore
import Foundation
import Testing

@testable import CWMPServer

@Suite struct DiagnosisRunTests {
  private static func tree(_ root: String, _ names: [String]) -> TreeKnowledge {
    TreeKnowledge(
      (names + [""]).map { root + $0 }.sorted().map {
        StoredParameter(path: $0, value: $0.hasSuffix(".") ? nil : "", changedAt: 0)
      }, root: root)
  }

  private static func context(
    _ root: String = "Device.", tree: TreeKnowledge? = nil, isReady: Bool = false
  ) -> OperationRun.Context {
    OperationRun.Context(root: root, batchSize: 10, tree: tree, isReady: isReady)
  }

  /// What begins the measurement of a device that has made none before.
  private static func sent(_ run: inout OperationRun) -> [String: String] {
    guard case .request(.getParameterValues(let names)) = run.begin(), let state = names.first,
      case .request(.setParameterValues(let set)) = run.received(
        .response(.getParameterValues([ParameterValue(name: state, value: "None")])))
    else { return [:] }
    #expect(set.parameters.last?.name.hasSuffix("DiagnosticsState") == true)
    return Dictionary(set.parameters.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
  }

  private static let ping = Diagnosis(
    .ping, host: "192.0.2.1", interface: "Device.IP.Interface.1", repetitions: 4, timeout: 500,
    dataBlockSize: 64, dscp: 10)

  @Test func aMeasurementIsSetUpAndBegunInOneCall() {
    var run = OperationRun(.diagnose(Self.ping), context: Self.context())
    let path = "Device.IP.Diagnostics.IPPing."
    #expect(
      Self.sent(&run) == [
        "\(path)Interface": "Device.IP.Interface.1", "\(path)Host": "192.0.2.1",
        "\(path)NumberOfRepetitions": "4", "\(path)Timeout": "500", "\(path)DataBlockSize": "64",
        "\(path)DSCP": "10", "\(path)DiagnosticsState": "Requested",
      ])
    #expect(
      run.received(.response(.setParameterValues(.applied)))
        == .request(.getParameterValues(names: [Self.state])))
    #expect(run.received(Self.told("Requested")) == .finished(.accepted(.diagnosis)))
  }

  private static let path = "Device.IP.Diagnostics.IPPing."

  /// The answers to a reading of the whole object.
  private static func whole(_ literal: String, success: String, host: String = "a")
    -> [Session.Answer]
  {
    [
      .response(
        .getParameterNames([
          ParameterInfo(name: state, writable: true),
          ParameterInfo(name: path + "Host", writable: true),
          ParameterInfo(name: path + "SuccessCount", writable: false),
        ])),
      .response(
        .getParameterValues([
          ParameterValue(name: state, value: literal),
          ParameterValue(name: path + "Host", value: host),
          ParameterValue(name: path + "SuccessCount", value: success, type: .unsignedInt),
        ])),
    ]
  }

  /// A run whose device showed that end of an older measurement before the order, and shows another state after it.
  private static func run(
    _ before: String, _ status: ApplyStatus = .applied, after: String
  ) -> (OperationRun, OperationRun.Step) {
    var run = OperationRun(.diagnose(ping), context: context())
    #expect(run.begin() == .request(.getParameterValues(names: [state])))
    var step = run.received(told(before))
    if [.complete, .failed].contains(DiagnosisState(before)) {
      #expect(step == .request(.getParameterNames(path: path, nextLevel: false)))
      for answer in whole(before, success: "4") { step = run.received(answer) }
    }
    guard case .request(.setParameterValues) = step else {
      Issue.record("the measurement was not begun: \(step)")
      return (run, step)
    }
    #expect(
      run.received(.response(.setParameterValues(status)))
        == .request(.getParameterValues(names: [state])))
    step = run.received(told(after))
    return (run, step)
  }

  /// With either status, what the device still shows may be of an older measurement.
  @Test(arguments: [ApplyStatus.applied, .pending])
  func resultsOfAnOlderMeasurementAreNotTakenForNewOnes(status: ApplyStatus) {
    for (literal, waitingFor) in [
      ("Requested", WaitingFor.diagnosis), ("None", .diagnosis), ("", .diagnosis),
      ("Complete", .diagnosisReport), ("Completed", .diagnosisReport),
      ("Error_CannotResolveHostName", .diagnosisReport),
    ] {
      for before in ["Complete", "Error_Other"] {
        let (run, step) = Self.run(before, status, after: literal)
        #expect(step == .finished(.accepted(waitingFor)), "\(before), \(literal)")
        #expect(run.older.digest?.count == 64)
      }
    }
  }

  @Test(arguments: ["None", "", "Requested"])
  func aDeviceThatMeasuresAtOnceIsBelievedWhereItShowedNoEndBefore(before: String) {
    var (run, step) = Self.run(before, after: "Complete")
    #expect(step == .request(.getParameterNames(path: Self.path, nextLevel: false)))
    for answer in Self.whole("Complete", success: "3") { step = run.received(answer) }
    guard case .finished(.done(let result)) = step else {
      Issue.record("\(step)")
      return
    }
    #expect(result.values?.last?.value == "3")
    guard case .finished(.failed(let fault)) = Self.run(before, after: "Error_Other").1 else {
      Issue.record("no failure")
      return
    }
    #expect(fault.code == "diagnosis.Error_Other")
  }

  /// What a run that fetches, later, comes to where the device showed four successes for the host `a` before the order.
  private static func fetched(_ literal: String, success: String, host: String) throws
    -> OperationRun.Step
  {
    let (first, _) = run("Complete", after: "Complete")
    var context = context(isReady: true)
    context.olderResults = try #require(first.older.digest)
    var run = OperationRun(.diagnose(ping), context: context)
    _ = run.begin()
    var step = run.received(told(literal))
    for answer in whole(literal, success: success, host: host) { step = run.received(answer) }
    #expect(run.older == .shown(digest: try #require(context.olderResults)))
    return step
  }

  @Test func laterOtherResultsCountWithoutTheDevicesWord() throws {
    guard case .finished(.done(let result)) = try Self.fetched("Complete", success: "3", host: "b")
    else {
      Issue.record("other results were not taken")
      return
    }
    #expect(result.values?.last?.value == "3")
    guard
      case .finished(.failed(let fault)) = try Self.fetched("Error_Other", success: "4", host: "b")
    else {
      Issue.record("another end was not taken")
      return
    }
    #expect(fault.code == "diagnosis.Error_Other")
  }

  /// The arguments, which the order itself changed, tell nothing.
  @Test func laterTheSameResultsDoNotCount() throws {
    #expect(
      try Self.fetched("Complete", success: "4", host: "b")
        == .finished(.accepted(.diagnosisReport)))
  }

  @Test func whatHasBegunMeanwhileIsNotTaken() throws {
    let (first, _) = Self.run("Complete", after: "Complete")
    var context = Self.context(isReady: true)
    context.olderResults = try #require(first.older.digest)
    var run = OperationRun(.diagnose(Self.ping), context: context)
    _ = run.begin()
    var step = run.received(Self.told("Complete"))
    for answer in Self.whole("Requested", success: "0") { step = run.received(answer) }
    #expect(step == .finished(.accepted(.diagnosis)))
  }

  /// A device that shows no state before the order, or not the results, has its own word only.
  @Test func whatCannotBeReadBeforeIsDoubted() {
    var run = OperationRun(.diagnose(Self.ping), context: Self.context())
    _ = run.begin()
    _ = run.received(.fault(Fault(code: 9005, text: "Invalid parameter name")))
    _ = run.received(.response(.setParameterValues(.applied)))
    #expect(run.received(Self.told("Complete")) == .finished(.accepted(.diagnosisReport)))
    #expect(run.older == .unknown)
    run = OperationRun(.diagnose(Self.ping), context: Self.context())
    _ = run.begin()
    _ = run.received(Self.told("Complete"))
    var step = run.received(.fault(Fault(code: 9002, text: "Internal error")))
    // Its reading tries other ways before it gives up.
    for _ in 0..<10 {
      if case .request(.setParameterValues) = step { break }
      step = run.received(.fault(Fault(code: 9002, text: "Internal error")))
    }
    guard case .request(.setParameterValues) = step else {
      Issue.record("the measurement was not begun")
      return
    }
    #expect(run.older == .unknown)
  }

  @Test func aDeviceThatDoesNotShowTheStateMayMeasureAllTheSame() {
    var run = OperationRun(.diagnose(Self.ping), context: Self.context())
    _ = run.begin()
    _ = run.received(.nothing)
    _ = run.received(.response(.setParameterValues(.applied)))
    #expect(run.received(.nothing) == .finished(.accepted(.diagnosis)))
  }

  @Test func onlyWhatTheDeviceHasIsWishedFor() {
    let tree = Self.tree(
      "Device.",
      [
        "LAN.TraceRouteDiagnostics.DiagnosticsState", "LAN.TraceRouteDiagnostics.Host",
        "LAN.TraceRouteDiagnostics.MaxHopCount", "LAN.",
      ])
    var run = OperationRun(
      .diagnose(Diagnosis(.traceRoute, host: "h", repetitions: 2, timeout: 9, maxHopCount: 5)),
      context: Self.context(tree: tree))
    let path = "Device.LAN.TraceRouteDiagnostics."
    #expect(
      Self.sent(&run) == [
        "\(path)Host": "h", "\(path)MaxHopCount": "5", "\(path)DiagnosticsState": "Requested",
      ])
  }

  @Test(arguments: [
    (Diagnosis.Kind.ping, "InternetGatewayDevice.IPPingDiagnostics."),
    (.traceRoute, "InternetGatewayDevice.TraceRouteDiagnostics."),
    (.download, "InternetGatewayDevice.DownloadDiagnostics."),
    (.upload, "InternetGatewayDevice.UploadDiagnostics."),
    (.nsLookup, "InternetGatewayDevice.NSLookupDiagnostics."),
  ]) func gatewaysHaveObjectsOfTheirOwn(kind: Diagnosis.Kind, path: String) {
    #expect(DiagnosisObject(kind, root: "InternetGatewayDevice.", tree: nil).path == path)
  }

  /// Every name that is sent exists, and can be written, in the models themselves.
  @Test func theNamesAreThoseOfTheModels() throws {
    guard let data = ProcessInfo.processInfo.environment["FAIRLEAD_TEST_DATA"] else {
      print("skipped: FAIRLEAD_TEST_DATA is not set")
      return
    }
    for (file, root) in [
      ("tr-181-2-19-1-cwmp-full.xml", "Device."),
      ("tr-098-1-8-0-full.xml", "InternetGatewayDevice."),
    ] {
      let path = "\(data)/models/full/\(file)"
      guard let content = FileManager.default.contents(atPath: path) else {
        print("skipped: \(path) is absent")
        return
      }
      let writable = Self.writableParameters(String(decoding: content, as: UTF8.self))
      for kind in Diagnosis.Kind.allCases
      where !(kind == .wifiNeighbors && root == "InternetGatewayDevice.") {
        let object = DiagnosisObject(kind, root: root, tree: nil)
        let diagnosis = Diagnosis(
          kind, host: "h", url: "http://h/", interface: "i", repetitions: 1, timeout: 1,
          dataBlockSize: 1, dscp: 1, maxHopCount: 1, fileLength: 1, server: "s")
        for value in object.values(for: diagnosis, tree: nil) {
          #expect(writable.contains(value.name), "\(value.name)")
        }
      }
    }
  }

  /// The full names of the parameters that a model lets be written.
  private static func writableParameters(_ xml: String) -> Set<String> {
    var names: Set<String> = []
    var object = ""
    func attribute(_ name: String, of line: Substring) -> String? {
      guard let start = line.range(of: " \(name)=\"")?.upperBound else { return nil }
      return String(line[start...].prefix { $0 != "\"" })
    }
    for line in xml.split(separator: "\n") {
      if line.contains("<object "), let name = attribute("name", of: line) { object = name }
      if line.contains("<parameter "), let name = attribute("name", of: line),
        attribute("access", of: line) == "readWrite"
      {
        names.insert(object + name)
      }
    }
    return names
  }

  // MARK: Fetching

  private static let state = "Device.IP.Diagnostics.IPPing.DiagnosticsState"

  private static func fetching() -> OperationRun {
    var run = OperationRun(.diagnose(ping), context: context(isReady: true))
    #expect(run.begin() == .request(.getParameterValues(names: [state])))
    return run
  }

  private static func told(_ literal: String) -> Session.Answer {
    .response(.getParameterValues([ParameterValue(name: state, value: literal)]))
  }

  @Test(arguments: ["Complete", "Completed", "complete"])
  func whatIsCompleteIsReadWhole(literal: String) {
    var run = Self.fetching()
    #expect(
      run.received(Self.told(literal))
        == .request(.getParameterNames(path: "Device.IP.Diagnostics.IPPing.", nextLevel: false)))
    let names = ["Device.IP.Diagnostics.IPPing.SuccessCount", Self.state]
    _ = run.received(
      .response(.getParameterNames(names.map { ParameterInfo(name: $0, writable: false) })))
    let step = run.received(
      .response(
        .getParameterValues([
          ParameterValue(name: Self.state, value: literal),
          ParameterValue(name: names[0], value: "3", type: .unsignedInt),
        ])))
    guard case .finished(.done(let result)) = step else {
      Issue.record("\(step)")
      return
    }
    #expect(result.values?.first { $0.path == names[0] }?.value == "3")
    #expect(run.learned(now: 1).completeBelow == "Device.IP.Diagnostics.IPPing.")
  }

  @Test func whatIsNotReadyIsAwaitedOn() {
    var run = Self.fetching()
    #expect(run.received(Self.told("Requested")) == .finished(.accepted(.diagnosis)))
  }

  @Test func whatABootHasEndedIsBegunAnew() {
    var run = Self.fetching()
    guard case .request(.setParameterValues(let set)) = run.received(Self.told("None")) else {
      Issue.record("the measurement was not begun anew")
      return
    }
    #expect(set.parameters.last?.value == "Requested")
    #expect(
      run.received(.response(.setParameterValues(.applied)))
        == .request(.getParameterValues(names: [Self.state])))
    #expect(run.received(Self.told("Requested")) == .finished(.accepted(.diagnosis)))
  }

  @Test(arguments: ["Error_CannotResolveHostName", "Canceled", "Error"])
  func anErrorIsToldInTheDevicesWord(literal: String) {
    var run = Self.fetching()
    guard case .finished(.failed(let fault)) = run.received(Self.told(literal)) else {
      Issue.record("no failure")
      return
    }
    #expect(fault.code == "diagnosis.\(literal)" && fault.text.contains(literal))
    #expect(!fault.isTransient)
  }

  @Test func aDeviceWithoutTheObjectFails() {
    var run = OperationRun(.diagnose(Self.ping), context: Self.context())
    _ = run.begin()
    _ = run.received(.fault(Fault(code: 9005, text: "Invalid parameter name")))
    #expect(
      run.received(.fault(Fault(code: 9003, text: "Invalid arguments")))
        == .finished(.failed(OperationFault(code: "cwmp.9003", text: "Invalid arguments"))))
  }
}
