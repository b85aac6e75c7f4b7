import CWMP
import Fleet
import FleetStore
import Testing

@testable import CWMPServer

/// Operations as a device meets them at the door, with all that they leave in the store.
@Suite(.serialized) struct DoorOperationTests {
  private static let names = [
    "Device.", "Device.DeviceInfo.", "Device.DeviceInfo.SoftwareVersion", "Device.NAT.",
    "Device.NAT.PortMapping.", "Device.NAT.PortMapping.1.", "Device.NAT.PortMapping.1.Enable",
    "Device.NAT.PortMappingNumberOfEntries",
  ]

  private static func listing(_ names: [String]) -> Message {
    .response(.getParameterNames(names.map { ParameterInfo(name: $0, writable: true) }))
  }

  private static func values(_ values: [String: String]) -> Message {
    .response(
      .getParameterValues(
        values.sorted { $0.key < $1.key }.map { ParameterValue(name: $0.key, value: $0.value) }))
  }

  /// Reads the tree of a device that calls with BOOTSTRAP; what comes after it is the answer.
  @discardableResult
  private static func readTree(_ cpe: TestCPE) async throws -> TestResponse {
    let inform = try await cpe.post(TestCPE.inform("1", [Event(Event.bootstrap)]))
    #expect(inform.status == 200)
    #expect(
      try await cpe.postNothing().message
        == .request(.getParameterNames(path: "Device.", nextLevel: false)))
    _ = try await cpe.post(listing(names))
    return try await cpe.post(
      values([
        "Device.DeviceInfo.SoftwareVersion": "1.0", "Device.NAT.PortMapping.1.Enable": "1",
        "Device.NAT.PortMappingNumberOfEntries": "1",
      ]))
  }

  private static func enrol(_ door: DoorFixture) async throws {
    let cpe = try await door.connect()
    #expect(try await readTree(cpe).status == 204)
  }

  private static func tree(_ door: DoorFixture) async throws -> [StoredParameter] {
    try await door.store.tree(of: try await door.device("1"))
  }

  // MARK: Attributes

  private static let notify = Fleet.Operation.setAttributes([
    AttributeChange(path: "Device.DeviceInfo.SoftwareVersion", notification: .active)
  ])
  private static let notified = Message.response(
    .getParameterAttributes([
      ParameterAttributes(
        name: "Device.DeviceInfo.SoftwareVersion", notification: 2, accessList: [])
    ]))

  @Test func attributesAreSetKeptAndSetAgainAfterAFactoryReset() async throws {
    try await DoorFixture.run { door in
      try await Self.enrol(door)
      let id = try await door.order(Self.notify, for: "1")
      let cpe = try await door.connect()
      _ = try await cpe.post(TestCPE.inform())
      guard case .request(.setParameterAttributes) = try await cpe.postNothing().message else {
        Issue.record("no SetParameterAttributes")
        return
      }
      #expect(
        try await cpe.post(.response(.setParameterAttributes)).message
          == .request(.getParameterAttributes(names: ["Device.DeviceInfo.SoftwareVersion"])))
      #expect(try await cpe.post(Self.notified).status == 204)
      #expect(try await door.task(id, of: "1")?.state == .done)
      let stored = try await Self.tree(door).first { $0.path.hasSuffix("SoftwareVersion") }
      #expect(stored?.notification == 2)
      let desired = try await door.store.desiredAttributes(of: try await door.device("1"))
      #expect(desired.map(\.change.notification) == [.active])

      let reborn = try await door.connect()
      guard
        case .request(.setParameterAttributes(let again)) = try await Self.readTree(reborn).message
      else {
        Issue.record("what was desired was not set again")
        return
      }
      #expect(again.map(\.notification) == [2])
      _ = try await reborn.post(.response(.setParameterAttributes))
      #expect(try await reborn.post(Self.notified).status == 204)
      let tasks = try await door.store.tasks(of: try await door.device("1"), limit: 10)
      #expect(tasks.map(\.orderedBy) == ["desired state", "test"])
      #expect(tasks.allSatisfy { $0.task.state == .done })
    }
  }

  @Test func anOrderThatTheDeviceRefusesIsNotDesired() async throws {
    try await DoorFixture.run { door in
      try await Self.enrol(door)
      _ = try await door.order(Self.notify, for: "1")
      let cpe = try await door.connect()
      _ = try await cpe.post(TestCPE.inform())
      _ = try await cpe.postNothing()
      #expect(try await cpe.post(.fault(Fault(code: 9009, text: "no"))).status == 204)
      #expect(
        try await door.store.desiredAttributes(of: try await door.device("1")).isEmpty)
    }
  }

  // MARK: Transfers

  @Test func aTransferIsTakenBackAtTheDevice() async throws {
    try await DoorFixture.run { door in
      try await Self.enrol(door)
      let upload = try await door.order(
        .upload(UploadOrder(fileType: "2 Vendor Log File")), for: "1")
      let cpe = try await door.connect()
      _ = try await cpe.post(TestCPE.inform())
      guard case .request(.upload(let sent)) = try await cpe.postNothing().message else {
        Issue.record("no Upload")
        return
      }
      #expect(sent.commandKey == "fl-\(upload)" && sent.url.hasSuffix("/uploads/\(upload)/file"))
      #expect(
        try await cpe.post(.response(.upload(TransferStart(status: .pending)))).status == 204)
      #expect(try await door.task(upload, of: "1")?.state == .waiting)

      let cancel = try await door.order(.cancelTransfer(commandKey: sent.commandKey), for: "1")
      let other = try await door.connect()
      _ = try await other.post(TestCPE.inform())
      #expect(
        try await other.postNothing().message
          == .request(.cancelTransfer(commandKey: sent.commandKey)))
      #expect(try await other.post(.response(.cancelTransfer)).status == 204)
      #expect(try await door.task(cancel, of: "1")?.state == .done)
      #expect(try await door.task(upload, of: "1")?.state == .cancelled)
    }
  }

  @Test func aTransferThatCannotBeTakenBackGoesOn() async throws {
    try await DoorFixture.run { door in
      try await Self.enrol(door)
      let upload = try await door.order(
        .upload(UploadOrder(fileType: "2 Vendor Log File")), for: "1")
      let cancel = try await door.order(.cancelTransfer(commandKey: "fl-\(upload)"), for: "1")
      let cpe = try await door.connect()
      _ = try await cpe.post(TestCPE.inform())
      _ = try await cpe.postNothing()
      _ = try await cpe.post(.response(.upload(TransferStart(status: .pending))))
      #expect(try await cpe.post(.fault(Fault(code: 9021, text: "under way"))).status == 204)
      #expect(try await door.task(cancel, of: "1")?.state == .failed)
      #expect(try await door.task(upload, of: "1")?.state == .waiting)
    }
  }

  @Test func aFileThatCameFirstEndsTheUploadWithItsAnswer() async throws {
    try await DoorFixture.run { door in
      try await Self.enrol(door)
      let id = try await door.order(.upload(UploadOrder(fileType: "2 Vendor Log File")), for: "1")
      let cpe = try await door.connect()
      _ = try await cpe.post(TestCPE.inform())
      _ = try await cpe.postNothing()
      let digest = String(repeating: "ab", count: 32)
      _ = try await door.store.recordUpload(
        sha256: digest, size: 3, for: id, of: try await door.device("1"),
        now: try #require(try await door.task(id, of: "1")).dueAt)
      #expect(
        try await cpe.post(.response(.upload(TransferStart(status: .applied)))).status == 204)
      let done = try await door.task(id, of: "1")
      #expect(done?.state == .done && done?.result?.file == digest)
    }
  }

  // MARK: Measurements

  @Test func aMeasurementIsFetchedAtTheNextCall() async throws {
    try await DoorFixture.run { door in
      try await Self.enrol(door)
      let id = try await door.order(.diagnose(Diagnosis(.ping, host: "192.0.2.9")), for: "1")
      let cpe = try await door.connect()
      _ = try await cpe.post(TestCPE.inform())
      let path = "Device.IP.Diagnostics.IPPing."
      #expect(
        try await cpe.postNothing().message
          == .request(.getParameterValues(names: ["\(path)DiagnosticsState"])))
      guard
        case .request(.setParameterValues) = try await cpe.post(
          Self.values(["\(path)DiagnosticsState": "None"])
        ).message
      else {
        Issue.record("nothing was begun")
        return
      }
      #expect(
        try await cpe.post(.response(.setParameterValues(.applied))).message
          == .request(.getParameterValues(names: ["\(path)DiagnosticsState"])))
      #expect(
        try await cpe.post(Self.values(["\(path)DiagnosticsState": "Requested"])).status == 204)
      #expect(try await door.task(id, of: "1")?.waitingFor == .diagnosis)

      for state in ["Requested", "Complete"] {
        let next = try await door.connect()
        _ = try await next.post(TestCPE.inform("1", [Event(Event.diagnosticsComplete)]))
        #expect(
          try await next.postNothing().message
            == .request(.getParameterValues(names: ["\(path)DiagnosticsState"])))
        let answer = try await next.post(Self.values(["\(path)DiagnosticsState": state]))
        guard state == "Complete" else {
          #expect(answer.status == 204)
          #expect(try await door.task(id, of: "1")?.waitingFor == .diagnosis)
          continue
        }
        #expect(answer.message == .request(.getParameterNames(path: path, nextLevel: false)))
        _ = try await next.post(
          Self.listing([path, "\(path)DiagnosticsState", "\(path)SuccessCount"]))
        #expect(
          try await next.post(
            Self.values(["\(path)DiagnosticsState": state, "\(path)SuccessCount": "3"])
          ).status == 204)
      }
      let done = try await door.task(id, of: "1")
      #expect(done?.state == .done && done?.attempts == 1)
      #expect(done?.result?.values?.last?.value == "3")
    }
  }

  private static let ping = "Device.IP.Diagnostics.IPPing."
  private static let pingState = ping + "DiagnosticsState"

  /// Answers a reading of the whole object of pings that has just been asked for.
  private static func showPing(
    _ cpe: TestCPE, success: String, host: String, _ state: String = "Complete"
  ) async throws -> TestResponse {
    _ = try await cpe.post(
      .response(
        .getParameterNames([
          ParameterInfo(name: pingState, writable: true),
          ParameterInfo(name: ping + "Host", writable: true),
          ParameterInfo(name: ping + "SuccessCount", writable: false),
        ])))
    return try await cpe.post(
      values([pingState: state, ping + "Host": host, ping + "SuccessCount": success]))
  }

  /// Calls, and shows the end of a measurement to whoever fetches it.
  private static func call(
    _ door: DoorFixture, _ event: String, success: String
  ) async throws -> TestResponse {
    let cpe = try await door.connect()
    _ = try await cpe.post(TestCPE.inform("1", [Event(event)]))
    #expect(
      try await cpe.postNothing().message == .request(.getParameterValues(names: [pingState])))
    #expect(
      try await cpe.post(values([pingState: "Complete"])).message
        == .request(.getParameterNames(path: ping, nextLevel: false)))
    return try await showPing(cpe, success: success, host: "192.0.2.9")
  }

  /// Orders a ping of a device that shows the end of an older one before the order and after it.
  private static func orderAfterAnother(_ door: DoorFixture) async throws -> DeviceTask.ID {
    try await enrol(door)
    let id = try await door.order(.diagnose(Diagnosis(.ping, host: "192.0.2.9")), for: "1")
    let cpe = try await door.connect()
    _ = try await cpe.post(TestCPE.inform())
    _ = try await cpe.postNothing()
    #expect(
      try await cpe.post(values([pingState: "Complete"])).message
        == .request(.getParameterNames(path: ping, nextLevel: false)))
    guard
      case .request(.setParameterValues) = try await showPing(
        cpe, success: "4", host: "192.0.2.8"
      ).message
    else {
      Issue.record("nothing was begun")
      return id
    }
    _ = try await cpe.post(.response(.setParameterValues(.pending)))
    #expect(try await cpe.post(values([pingState: "Complete"])).status == 204)
    #expect(try await door.task(id, of: "1")?.waitingFor == .diagnosisReport)
    return id
  }

  /// A device that goes on showing what it measured before, until it says that it has ended; the same may come out again.
  @Test func resultsOfAnOlderMeasurementAreNotTaken() async throws {
    try await DoorFixture.run { door in
      let id = try await Self.orderAfterAnother(door)
      for event in [Event.periodic, Event.valueChange, Event.connectionRequest] {
        #expect(try await Self.call(door, event, success: "4").status == 204, "\(event)")
        let task = try await door.task(id, of: "1")
        #expect(task?.state == .waiting && task?.waitingFor == .diagnosisReport)
      }
      #expect(try await Self.call(door, Event.diagnosticsComplete, success: "4").status == 204)
      let done = try await door.task(id, of: "1")
      #expect(done?.state == .done && done?.attempts == 1)
    }
  }

  /// Decision 28: a device that never sends 8 DIAGNOSTICS COMPLETE is measured all the same.
  @Test func otherResultsThanOlderOnesAreTakenAtAnyCall() async throws {
    try await DoorFixture.run { door in
      let id = try await Self.orderAfterAnother(door)
      #expect(try await Self.call(door, Event.periodic, success: "4").status == 204)
      #expect(try await door.task(id, of: "1")?.state == .waiting)
      #expect(try await Self.call(door, Event.periodic, success: "3").status == 204)
      let done = try await door.task(id, of: "1")
      #expect(done?.state == .done && done?.result?.olderResults == nil)
      #expect(done?.result?.values?.contains { $0.value == "3" } == true)
    }
  }

  /// It measures while it answers, and shows the results at once.
  @Test func aDeviceThatMeasuresAtOnceIsDoneInOneSession() async throws {
    try await DoorFixture.run { door in
      try await Self.enrol(door)
      let id = try await door.order(.diagnose(Diagnosis(.ping, host: "192.0.2.9")), for: "1")
      let cpe = try await door.connect()
      _ = try await cpe.post(TestCPE.inform())
      _ = try await cpe.postNothing()
      _ = try await cpe.post(Self.values([Self.pingState: "None"]))
      _ = try await cpe.post(.response(.setParameterValues(.applied)))
      #expect(
        try await cpe.post(Self.values([Self.pingState: "Complete"])).message
          == .request(.getParameterNames(path: Self.ping, nextLevel: false)))
      #expect(try await Self.showPing(cpe, success: "4", host: "192.0.2.9").status == 204)
      #expect(try await door.task(id, of: "1")?.state == .done)
    }
  }

  // MARK: Trees that have changed

  @Test func anInstanceThatIsGoneLeavesTheTree() async throws {
    try await DoorFixture.run { door in
      try await Self.enrol(door)
      let id = try await door.order(.get(paths: ["Device.NAT.PortMapping.1.Enable"]), for: "1")
      let cpe = try await door.connect()
      _ = try await cpe.post(TestCPE.inform())
      _ = try await cpe.postNothing()
      #expect(
        try await cpe.post(.fault(Fault(code: 9005, text: "Invalid parameter name"))).message
          == .request(.getParameterNames(path: "Device.NAT.PortMapping.", nextLevel: false)))
      #expect(try await door.task(id, of: "1")?.fault?.code == "cwmp.9005")
      _ = try await cpe.post(
        Self.listing([
          "Device.NAT.PortMapping.", "Device.NAT.PortMapping.5.", "Device.NAT.PortMapping.5.Enable",
        ]))
      #expect(
        try await cpe.post(Self.values(["Device.NAT.PortMapping.5.Enable": "1"])).status == 204)
      let paths = try await Self.tree(door).map(\.path)
      #expect(!paths.contains("Device.NAT.PortMapping.1.Enable"))
      #expect(paths.contains("Device.NAT.PortMapping.5.Enable"))
    }
  }

  @Test func anInstanceThatIsNewIsReadWhenTheDeviceNamesIt() async throws {
    try await DoorFixture.run { door in
      try await Self.enrol(door)
      func inform(_ values: [String: String]) -> Message {
        guard case .request(.inform(var inform)) = TestCPE.inform("1", [Event(Event.valueChange)])
        else { return TestCPE.inform() }
        inform.parameters += values.map { ParameterValue(name: $0.key, value: $0.value) }
        return .request(.inform(inform))
      }
      // What fits the tree asks for nothing.
      let known = try await door.connect()
      _ = try await known.post(
        inform([
          "Device.NAT.PortMapping.1.Enable": "0", "Device.NAT.PortMappingNumberOfEntries": "1",
        ]))
      #expect(try await known.postNothing().status == 204)

      for news in [
        ["Device.NAT.PortMapping.2.Enable": "1"], ["Device.NAT.PortMappingNumberOfEntries": "2"],
      ] {
        let cpe = try await door.connect()
        _ = try await cpe.post(inform(news))
        #expect(
          try await cpe.postNothing().message
            == .request(.getParameterNames(path: "Device.NAT.PortMapping.", nextLevel: false)))
        _ = try await cpe.post(Self.listing(["Device.NAT.PortMapping."]))
        // A listing without a parameter is asked for level by level.
        #expect(try await cpe.post(Self.listing([])).status == 204)
      }
    }
  }
}
