import CWMP
import Fleet
import FleetStore
import Postgres
import Testing

@testable import CWMPServer

/// What CPEs in the field do at the door, one test each, with all that it leaves in the store.
@Suite(.serialized) struct DoorQuirkTests {
  private static let server = "Device.Time.NTPServer1"
  private static let table = "Device.NAT.PortMapping."

  private static func values(_ values: KeyValuePairs<String, String>) -> Message {
    .response(
      .getParameterValues(values.map { ParameterValue(name: $0.key, value: $0.value) }))
  }

  private static func inform(
    _ serial: String = "1", oui: String = "00D09E", productClass: String = "Box",
    events: [Event] = [Event(Event.periodic)], retryCount: UInt32 = 0,
    _ parameters: KeyValuePairs<String, String> = [:]
  ) -> Message {
    .request(
      .inform(
        Inform(
          deviceID: DeviceID(
            manufacturer: "Acme", oui: oui, productClass: productClass, serialNumber: serial),
          events: events, currentTime: "2026-11-23T00:00:00Z", retryCount: retryCount,
          parameters: [ParameterValue(name: "Device.DeviceInfo.SoftwareVersion", value: "1.0")]
            + parameters.map { ParameterValue(name: $0.key, value: $0.value) })))
  }

  /// Answers what a device is asked at its first contact.
  private static func enrol(_ door: DoorFixture, _ inform: Message = inform()) async throws {
    let cpe = try await door.connect()
    _ = try await cpe.post(inform)
    #expect(
      try await cpe.postNothing().message
        == .request(.getParameterNames(path: "Device.", nextLevel: false)))
    _ = try await cpe.post(
      .response(
        .getParameterNames(
          [server, table, table + "1.", table + "1.Enable"].map {
            ParameterInfo(name: $0, writable: true)
          })))
    #expect(try await cpe.post(values([server: "old", table + "1.Enable": "1"])).status == 204)
  }

  private static func value(_ path: String, _ door: DoorFixture) async throws -> String? {
    try await door.store.tree(of: try await door.device("1")).first { $0.path == path }?.value
  }

  /// Opens a session up to the first request of the server.
  private static func called(_ door: DoorFixture, _ inform: Message = inform()) async throws
    -> (TestCPE, TestResponse)
  {
    let cpe = try await door.connect()
    #expect(try await cpe.post(inform).message == .response(.inform))
    return (cpe, try await cpe.postNothing())
  }

  /// easycwmp applies what was set when the session is over.
  @Test func quirk18SetWithStatus1ShowsTheOldValueUntilTheSessionEnds() async throws {
    try await DoorFixture.run { door in
      try await Self.enrol(door)
      let id = try await door.order(.set([Assignment(path: Self.server, value: "new")]), for: "1")
      let (cpe, _) = try await Self.called(door)
      #expect(
        try await cpe.post(.response(.setParameterValues(.pending))).message
          == .request(.getParameterValues(names: [Self.server])))
      // Nothing is set a second time.
      #expect(try await cpe.post(Self.values([Self.server: "old"])).status == 204)
      let task = try await door.task(id, of: "1")
      #expect(task?.state == .done && task?.attempts == 1 && task?.result?.isPending == true)
      #expect(try await Self.value(Self.server, door) == "old")
      let (_, next) = try await Self.called(
        door, Self.inform(events: [Event(Event.valueChange)], [Self.server: "new"]))
      #expect(next.status == 204)
      #expect(try await Self.value(Self.server, door) == "new")
    }
  }

  @Test func quirk18AddWithStatus1ShowsNothingUntilTheSessionEnds() async throws {
    try await DoorFixture.run { door in
      try await Self.enrol(door)
      let id = try await door.order(
        .add(object: Self.table, values: [Assignment(path: "Enable", value: "1")]), for: "1")
      let (cpe, first) = try await Self.called(door)
      #expect(first.message == .request(.addObject(name: Self.table, parameterKey: "")))
      guard
        case .request(.setParameterValues(let set)) = try await cpe.post(
          .response(.addObject(instance: 2, status: .pending))
        ).message
      else {
        Issue.record("the values of the instance were not set")
        return
      }
      #expect(set.parameters.map(\.name) == [Self.table + "2.Enable"])
      var next = try await cpe.post(.response(.setParameterValues(.pending)))
      // The instance that is told of can't be listed yet, in whatever way it is asked for.
      for _ in 0..<4 where next.status != 204 {
        next = try await cpe.post(.fault(Fault(code: 9005, text: "Invalid parameter name")))
      }
      #expect(next.status == 204)
      let task = try await door.task(id, of: "1")
      #expect(task?.state == .done && task?.result?.isPending == true)
      #expect(task?.result?.instance == Self.table + "2.")
    }
  }

  /// evcpe closes the connection when it reads a request that it does not understand, and calls again without events.
  @Test func quirk20ClosesAtARequestAndComesAgainWithARetryCountAndNoEvents() async throws {
    try await DoorFixture.run { door in
      try await Self.enrol(door)
      let set = try await door.order(.set([Assignment(path: Self.server, value: "x")]), for: "1")
      let get = try await door.order(.get(paths: [Self.server]), for: "1")
      for retry in 0..<3 {
        let (cpe, request) = try await Self.called(
          door, retry == 0 ? Self.inform() : Self.inform(events: [], retryCount: UInt32(retry)))
        guard case .request(.setParameterValues) = request.message else {
          Issue.record("the order was not sent: \(request)")
          return
        }
        cpe.hangUp()
        #expect(try await door.task(set, of: "1")?.attempts == retry + 1)
      }
      // What it can't take is given up, and what it can goes on.
      let (cpe, request) = try await Self.called(door, Self.inform(events: [], retryCount: 3))
      #expect(request.message == .request(.getParameterValues(names: [Self.server])))
      #expect(try await cpe.post(Self.values([Self.server: "old"])).status == 204)
      let failed = try await door.task(set, of: "1")
      #expect(failed?.state == .failed && failed?.attempts == 3)
      #expect(try await door.task(get, of: "1")?.state == .done)
    }
  }

  /// Some devices have no table before its first instance is there.
  @Test func addObjectOnAnEmptyTableIs9005() async throws {
    try await DoorFixture.run { door in
      try await Self.enrol(door)
      let empty = "Device.DHCPv4.Server.Pool."
      let add = try await door.order(.add(object: empty, values: []), for: "1")
      let get = try await door.order(.get(paths: [Self.server]), for: "1")
      let (cpe, first) = try await Self.called(door)
      #expect(first.message == .request(.addObject(name: empty, parameterKey: "")))
      let missing = Message.fault(Fault(code: 9005, text: "Invalid parameter name"))
      var next = try await cpe.post(missing)
      // The tree may be out of date: what is around the table is read again, once.
      for _ in 0..<4 {
        guard case .request(.getParameterNames) = next.message else { break }
        next = try await cpe.post(missing)
      }
      #expect(next.message == .request(.getParameterValues(names: [Self.server])))
      #expect(try await cpe.post(Self.values([Self.server: "old"])).status == 204)
      let failed = try await door.task(add, of: "1")
      #expect(failed?.state == .failed && failed?.attempts == 1)
      #expect(failed?.fault?.code == "cwmp.9005")
      #expect(failed?.fault?.text == "Invalid parameter name")
      #expect(try await door.task(get, of: "1")?.state == .done)
    }
  }

  /// Two models with one serial number, and a device whose OUI is another at each boot, are as many devices as identities.
  @Test func theSameSerialNumberOnManyUnits() async throws {
    try await DoorFixture.run { door in
      try await Self.enrol(door)
      let id = try await door.order(.get(paths: [Self.server]), for: "1")
      for (oui, productClass) in [
        ("00D09E", "Bar"), ("000000", "Box"), ("FFFFFF", "Box"), ("00D09E", ""),
      ] {
        let inform = Self.inform(oui: oui, productClass: productClass)
        // Another's work is not its own.
        try await Self.enrol(door, inform)
        let (_, again) = try await Self.called(door, inform)
        #expect(again.status == 204)
      }
      #expect(try await door.task(id, of: "1")?.attempts == 0)
      let rows = try await door.store.pool.query(
        "SELECT count(*) FROM device WHERE serial_number = $1", .text("1"))
      #expect(try rows[0].int64(0) == 5)
      let (cpe, request) = try await Self.called(door)
      #expect(request.message == .request(.getParameterValues(names: [Self.server])))
      #expect(try await cpe.post(Self.values([Self.server: "old"])).status == 204)
    }
  }

  /// Units with one identity altogether take turns: the newer session goes on, and an order is carried out once.
  @Test func oneIdentityOnTwoUnits() async throws {
    try await DoorFixture.run { door in
      try await Self.enrol(door)
      let id = try await door.order(.get(paths: [Self.server]), for: "1")
      let (first, _) = try await Self.called(door)
      let (second, request) = try await Self.called(door)
      #expect(request.message == .request(.getParameterValues(names: [Self.server])))
      #expect(try await first.post(Self.values([Self.server: "a"])).status == 400)
      #expect(try await second.post(Self.values([Self.server: "b"])).status == 204)
      #expect(try await door.task(id, of: "1")?.result?.values?.map(\.value) == ["b"])
    }
  }

  /// Nothing depends on the ParameterKey, which some devices do not store and some forget at a restart.
  @Test(arguments: ["", "of somebody else"])
  func theParameterKeyIsNotStored(key: String) async throws {
    try await DoorFixture.run { door in
      try await Self.enrol(door)
      let id = try await door.order(.set([Assignment(path: Self.server, value: "x")]), for: "1")
      let (cpe, request) = try await Self.called(door)
      guard case .request(.setParameterValues(let set)) = request.message else {
        Issue.record("the order was not sent")
        return
      }
      #expect(set.parameterKey.isEmpty)
      _ = try await cpe.post(.response(.setParameterValues(.applied)))
      #expect(try await cpe.post(Self.values([Self.server: "x"])).status == 204)
      #expect(try await door.task(id, of: "1")?.state == .done)
      let (_, next) = try await Self.called(
        door,
        Self.inform(
          events: [Event(Event.boot)], ["Device.ManagementServer.ParameterKey": key]))
      #expect(next.status == 204)
    }
  }
}
