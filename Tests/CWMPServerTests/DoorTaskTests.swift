import CWMP
import Fleet
import FleetStore
import Testing

@testable import CWMPServer

@Suite(.serialized) struct DoorTaskTests {
  /// A device whose tree has been read, so that only tasks are left to do.
  private static func enrol(_ door: DoorFixture, _ serial: String = "1") async throws {
    let cpe = try await door.connect()
    _ = try await cpe.post(TestCPE.inform(serial, [Event(Event.bootstrap)]))
    _ = try await cpe.postNothing()
    _ = try await cpe.post(
      .response(
        .getParameterNames([
          ParameterInfo(name: "Device.DeviceInfo.SoftwareVersion", writable: false)
        ])))
    let end = try await cpe.post(
      .response(
        .getParameterValues([
          ParameterValue(name: "Device.DeviceInfo.SoftwareVersion", value: "1.0")
        ])))
    #expect(end.status == 204)
  }

  @Test func aTaskIsRunAtTheNextSession() async throws {
    try await DoorFixture.run { door in
      try await Self.enrol(door)
      let id = try await door.order(.get(paths: ["Device.Time.NTPServer1"]), for: "1")
      let cpe = try await door.connect()
      _ = try await cpe.post(TestCPE.inform())
      let request = try await cpe.postNothing()
      #expect(request.message == .request(.getParameterValues(names: ["Device.Time.NTPServer1"])))
      #expect(try await door.task(id, of: "1")?.state == .running)
      let end = try await cpe.post(
        .response(
          .getParameterValues([ParameterValue(name: "Device.Time.NTPServer1", value: "ntp")])))
      #expect(end.status == 204)
      let task = try await door.task(id, of: "1")
      #expect(task?.state == .done)
      #expect(task?.result?.values?.map(\.value) == ["ntp"])
      let tree = try await door.store.tree(of: try await door.device("1"))
      #expect(tree.contains { $0.path == "Device.Time.NTPServer1" && $0.value == "ntp" })
    }
  }

  @Test func severalTasksRunInOneSessionInTheirOrder() async throws {
    try await DoorFixture.run { door in
      try await Self.enrol(door)
      let set = try await door.order(
        .set([Assignment(path: "Device.A", value: "1", type: .int)]), for: "1")
      let delete = try await door.order(.delete(object: "Device.O.1."), for: "1")
      let cpe = try await door.connect()
      _ = try await cpe.post(TestCPE.inform())
      guard case .request(.setParameterValues(let values)) = try await cpe.postNothing().message
      else {
        Issue.record("the first task did not come first")
        return
      }
      #expect(values.parameters == [ParameterValue(name: "Device.A", value: "1", type: .int)])
      #expect(
        try await cpe.post(.response(.setParameterValues(.applied))).message
          == .request(.getParameterValues(names: ["Device.A"])))
      let next = try await cpe.post(
        .response(.getParameterValues([ParameterValue(name: "Device.A", value: "1", type: .int)])))
      #expect(next.message == .request(.deleteObject(name: "Device.O.1.", parameterKey: "")))
      // The stored tree may have an instance that is gone: its table is read again.
      #expect(
        try await cpe.post(.fault(Fault(code: 9005, text: "No such instance"))).message
          == .request(.getParameterNames(path: "Device.O.", nextLevel: false)))
      #expect(
        try await cpe.post(.fault(Fault(code: 9005, text: "No such object"))).message
          == .request(.getParameterNames(path: "Device.O.", nextLevel: true)))
      #expect(try await cpe.post(.fault(Fault(code: 9005, text: "No such object"))).status == 204)
      #expect(try await door.task(set, of: "1")?.state == .done)
      let failed = try await door.task(delete, of: "1")
      #expect(failed?.state == .failed)
      #expect(failed?.fault?.text == "No such instance")
      #expect(failed?.fault?.code == "cwmp.9005")
    }
  }

  @Test func aTaskThatIsOrderedDuringASessionIsRunInIt() async throws {
    try await DoorFixture.run { door in
      try await Self.enrol(door)
      let cpe = try await door.connect()
      _ = try await cpe.post(TestCPE.inform())
      _ = try await door.order(.get(paths: ["Device.A"]), for: "1")
      door.server.noteWork(for: try await door.device("1"))
      #expect(
        try await cpe.postNothing().message == .request(.getParameterValues(names: ["Device.A"])))
    }
  }

  @Test func theTypesOfANewInstanceComeFromItsSiblingsOrTheModel() async throws {
    try await DoorFixture.run { door in
      try await Self.enrol(door)
      _ = try await door.order(
        .add(
          object: "Device.NAT.PortMapping.",
          values: [
            Assignment(path: "ExternalPort", value: "8080"), Assignment(path: "X_Own", value: "a"),
          ]), for: "1")
      let cpe = try await door.connect()
      _ = try await cpe.post(TestCPE.inform())
      _ = try await cpe.postNothing()
      let set = try await cpe.post(.response(.addObject(instance: 7, status: .applied)))
      guard case .request(.setParameterValues(let values)) = set.message else {
        Issue.record("\(set)")
        return
      }
      #expect(
        values.parameters == [
          ParameterValue(
            name: "Device.NAT.PortMapping.7.ExternalPort", value: "8080", type: .unsignedInt),
          ParameterValue(name: "Device.NAT.PortMapping.7.X_Own", value: "a", type: .string),
        ])
    }
  }

  @Test func aTaskWhoseSessionBreaksIsRunAgain() async throws {
    try await DoorFixture.run { door in
      try await Self.enrol(door)
      let id = try await door.order(.get(paths: ["Device.A"]), for: "1")
      let first = try await door.connect()
      _ = try await first.post(TestCPE.inform())
      _ = try await first.postNothing()
      first.hangUp()
      // The device calls again, as after a power cut; the order goes out once more.
      let second = try await door.connect()
      _ = try await second.post(TestCPE.inform("1", [Event(Event.boot)]))
      #expect(
        try await second.postNothing().message
          == .request(.getParameterValues(names: ["Device.A"])))
      _ = try await second.post(
        .response(.getParameterValues([ParameterValue(name: "Device.A", value: "1")])))
      let task = try await door.task(id, of: "1")
      #expect(task?.state == .done)
      #expect(task?.attempts == 2)
    }
  }

  @Test func aRebootIsDoneWhenTheDeviceHasBooted() async throws {
    try await DoorFixture.run { door in
      try await Self.enrol(door)
      let id = try await door.order(.reboot, for: "1")
      let cpe = try await door.connect()
      _ = try await cpe.post(TestCPE.inform())
      #expect(try await cpe.postNothing().message == .request(.reboot(commandKey: "fl-\(id)")))
      #expect(try await cpe.post(.response(.reboot)).status == 204)
      #expect(try await door.task(id, of: "1")?.state == .waiting)
      let booted = try await door.connect()
      _ = try await booted.post(
        TestCPE.inform("1", [Event(Event.boot), Event(Event.methodReboot, commandKey: "fl-\(id)")]))
      #expect(try await door.task(id, of: "1")?.state == .done)
      #expect(try await booted.postNothing().status == 204)
    }
  }

  @Test func anUpgradeIsDoneWhenTheNewVersionShows() async throws {
    try await DoorFixture.run { door in
      try await Self.enrol(door)
      let file = String(repeating: "a", count: 64)
      _ = try await door.store.addFile(
        sha256: file, name: "image.bin", version: "2.0", size: 10, by: "test")
      let id = try await door.order(
        .download(DownloadOrder(file: file, expectedVersion: "2.0")), for: "1")
      let cpe = try await door.connect()
      _ = try await cpe.post(TestCPE.inform())
      guard case .request(.download(let download)) = try await cpe.postNothing().message else {
        Issue.record("no Download came")
        return
      }
      #expect(download.commandKey == "fl-\(id)")
      #expect(download.url == "http://127.0.0.1/files/\(file)")
      #expect(
        try await cpe.post(.response(.download(TransferStart(status: .pending)))).status == 204)
      #expect(try await door.task(id, of: "1")?.waitingFor == .transfer)

      let after = try await door.connect()
      _ = try await after.post(
        TestCPE.inform(
          "1",
          [
            Event(Event.boot), Event(Event.transferComplete),
            Event(Event.methodDownload, commandKey: "fl-\(id)"),
          ], version: "2.0"))
      let acknowledged = try await after.post(
        .request(.transferComplete(TransferComplete(commandKey: "fl-\(id)"))))
      #expect(acknowledged.message == .response(.transferComplete))
      let task = try await door.task(id, of: "1")
      #expect(task?.state == .done)
      #expect(task?.result?.version == "2.0")
    }
  }

  @Test func aFailedTransferEndsWithTheDevicesWords() async throws {
    try await DoorFixture.run { door in
      try await Self.enrol(door)
      let file = String(repeating: "b", count: 64)
      _ = try await door.store.addFile(
        sha256: file, name: "image.bin", version: "2.0", size: 10, by: "test")
      let id = try await door.order(
        .download(DownloadOrder(file: file, expectedVersion: "2.0")), for: "1")
      let cpe = try await door.connect()
      _ = try await cpe.post(TestCPE.inform())
      _ = try await cpe.postNothing()
      _ = try await cpe.post(.response(.download(TransferStart(status: .pending))))
      let after = try await door.connect()
      _ = try await after.post(TestCPE.inform("1", [Event(Event.transferComplete)]))
      _ = try await after.post(
        .request(
          .transferComplete(
            TransferComplete(
              commandKey: "fl-\(id)", fault: FaultDetail(code: 9018, text: "bad checksum")))))
      let task = try await door.task(id, of: "1")
      #expect(task?.state == .failed)
      #expect(task?.fault?.text == "bad checksum")
    }
  }

  @Test func unknownMethodsGetTheirFaultAndTheSessionGoesOn() async throws {
    try await DoorFixture.run { door in
      try await Self.enrol(door)
      let cpe = try await door.connect()
      _ = try await cpe.post(TestCPE.inform())
      let unknown = try await cpe.post(.request(.unknown(method: "X_Vendor_Hello")))
      guard case .fault(let fault) = unknown.message else {
        Issue.record("\(unknown)")
        return
      }
      #expect(fault.detail.code == 8000)
      guard
        case .response(.getRPCMethods(let methods)) = try await cpe.post(.request(.getRPCMethods))
          .message
      else {
        Issue.record("no method list")
        return
      }
      #expect(methods.contains("Inform"))
      #expect(try await cpe.postNothing().status == 204)
    }
  }

  @Test func theConnectionRequestCredentialIsSetOnce() async throws {
    try await DoorFixture.run({
      $0.enrolment = .open
      $0.provisionsCredential = true
    }) { door in
      let cpe = try await door.connect()
      _ = try await cpe.post(TestCPE.inform("1", [Event(Event.bootstrap)]))
      _ = try await cpe.postNothing()
      _ = try await cpe.post(
        .response(.getParameterNames([ParameterInfo(name: "Device.A", writable: false)])))
      let set = try await cpe.post(
        .response(.getParameterValues([ParameterValue(name: "Device.A", value: "1")])))
      guard case .request(.setParameterValues(let values)) = set.message else {
        Issue.record("\(set)")
        return
      }
      #expect(
        values.parameters.map(\.name) == [
          "Device.ManagementServer.ConnectionRequestUsername",
          "Device.ManagementServer.ConnectionRequestPassword",
        ])
      #expect(values.parameters[0].value == "00D09E-Box-1")
      let confirm = try await cpe.post(.response(.setParameterValues(.applied)))
      #expect(
        confirm.message
          == .request(.getParameterValues(names: values.parameters.map(\.name))))
      #expect(
        try await cpe.post(
          .response(
            .getParameterValues([
              ParameterValue(name: values.parameters[0].name, value: values.parameters[0].value),
              ParameterValue(name: values.parameters[1].name, value: ""),
            ]))
        ).status == 204)
      let again = try await door.connect()
      _ = try await again.post(TestCPE.inform())
      #expect(try await again.postNothing().status == 204)
      // What was set is nowhere in the database.
      let tree = try await door.store.tree(of: try await door.device("1"))
      #expect(!tree.contains { $0.value == values.parameters[1].value })
    }
  }
}
