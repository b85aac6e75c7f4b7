import CWMP
import Fleet
import FleetStore
import HTTPAuthentication
import NIOConcurrencyHelpers
import Postgres
import Testing

@testable import CWMPServer

/// Credentials that the server makes and sets on devices.
@Suite(.serialized) struct DoorCredentialTests {
  private static let name = "00D09E-Box-1"

  private final class Clock: Sendable {
    private let time = NIOLockedValueBox(1_750_000_000.0)
    func advance(_ seconds: Double) { time.withLockedValue { $0 += seconds } }
    var now: Double { time.withLockedValue { $0 } }
  }

  private static func run(
    _ adjust: (inout DoorSettings) -> Void = { _ in },
    _ body: (DoorFixture, Clock) async throws -> Void
  ) async throws {
    let clock = Clock()
    try await DoorFixture.run(
      {
        $0.deviceCredentials = .generated
        adjust(&$0)
      }, now: { clock.now }
    ) { try await body($0, clock) }
  }

  /// Begins a session; the response to the Inform is returned, or the 401 to a credential that is not taken.
  private static func begin(
    _ door: DoorFixture, _ cpe: TestCPE, serial: String = "1",
    username: String = DoorFixture.username, password: String = DoorFixture.password,
    events: [Event] = [Event(Event.periodic)]
  ) async throws -> TestResponse {
    let inform = TestCPE.inform(serial, events)
    var client = DigestClient(username: username, password: password)
    client.receive(
      [try #require(try await cpe.post(inform).header("WWW-Authenticate"))])
    let made = client.authorization(method: "POST", uri: "/")
    return try await cpe.post(inform, headers: ["Authorization: \(try #require(made))"])
  }

  /// Answers what the server asks until it sets something or ends the session.
  private static func set(_ cpe: TestCPE) async throws -> [ParameterValue]? {
    var response = try await cpe.postNothing()
    for _ in 0..<10 {
      switch response.message {
      case .request(.getParameterNames):
        response = try await cpe.post(
          .response(.getParameterNames([ParameterInfo(name: "Device.A", writable: false)])))
      case .request(.getParameterValues(let names)):
        response = try await cpe.post(
          .response(.getParameterValues(names.map { ParameterValue(name: $0, value: "") })))
      case .request(.setParameterValues(let order)):
        return order.parameters
      default:
        #expect(response.status == 204)
        return nil
      }
    }
    return nil
  }

  /// Lets the device take what was set on it, and end its session.
  private static func finish(_ cpe: TestCPE) async throws {
    var response = try await cpe.post(.response(.setParameterValues(.applied)))
    while case .request(.getParameterValues(let names)) = response.message {
      response = try await cpe.post(
        .response(.getParameterValues(names.map { ParameterValue(name: $0, value: "") })))
    }
    #expect(response.status == 204)
  }

  /// A session of the shared credential in which the device is given one of its own; the password.
  private static func give(
    _ door: DoorFixture, events: [Event] = [Event(Event.periodic)]
  ) async throws -> String {
    let cpe = try await door.connect()
    #expect(try await begin(door, cpe, events: events).status == 200)
    let values = try #require(try await set(cpe))
    try await finish(cpe)
    return try #require(values.last).value
  }

  private static func isRefused(_ response: TestResponse) -> Bool {
    guard case .fault(let fault) = response.message else { return false }
    return fault.detail.code == 8001
  }

  private static func state(_ door: DoorFixture) async throws -> Int16 {
    try await door.store.pool.query(
      "SELECT own_credential FROM device_state WHERE device_id = $1",
      .int8(try await door.device("1")))[0].int16(0)
  }

  // MARK: - The way

  @Test func aDeviceIsGivenACredentialAndThenNeedsIt() async throws {
    try await Self.run { door, _ in
      let cpe = try await door.connect()
      #expect(try await Self.begin(door, cpe).status == 200)
      let values = try #require(try await Self.set(cpe))
      #expect(
        values.map(\.name) == [
          "Device.ManagementServer.Username", "Device.ManagementServer.Password",
        ])
      #expect(values[0].value == Self.name)
      let password = values[1].value
      #expect(password.count == 24)
      try await Self.finish(cpe)
      #expect(try await Self.state(door) == OwnCredential.offered.rawValue)

      // Until the device has shown it, it may come with either; and it is not given another one.
      let old = try await door.connect()
      #expect(try await Self.begin(door, old).message == .response(.inform))
      #expect(try await Self.set(old) == nil)
      let new = try await door.connect()
      #expect(
        try await Self.begin(door, new, username: Self.name, password: password).message
          == .response(.inform))
      #expect(try await Self.set(new) == nil)
      #expect(try await Self.state(door) == OwnCredential.proven.rawValue)

      // From now on the shared one is not enough, whatever the device says.
      for event in [Event.periodic, Event.bootstrap] {
        let thief = try await door.connect()
        #expect(Self.isRefused(try await Self.begin(door, thief, events: [Event(event)])))
      }
      #expect(door.server.counts.identityClaims == 2)
      // For others it is.
      let other = try await door.connect()
      #expect(
        try await Self.begin(door, other, serial: "2").message == .response(.inform))
      // And its own lets it in as nobody else.
      let impostor = try await door.connect()
      #expect(
        Self.isRefused(
          try await Self.begin(
            door, impostor, serial: "2", username: Self.name, password: password)))
    }
  }

  @Test func nothingOfThePasswordIsStored() async throws {
    try await Self.run { door, _ in
      let password = try await Self.give(door)
      let record = try #require(try await door.store.credential(username: Self.name))
      #expect(record.deviceName == Self.name)
      let verifier = Verifier(username: Self.name, realm: "fairlead", password: password)
      #expect(record.ha1SHA256 == verifier.ha1SHA256)
      let tree = try await door.store.tree(of: try await door.device("1"))
      #expect(!tree.contains { $0.value == password })
      let events = try await door.store.events(of: try await door.device("1"), limit: 100)
      #expect(events.contains { $0.kind == "ownCredentialSet" })
      #expect(!events.contains { String(decoding: $0.detail, as: UTF8.self).contains(password) })
    }
  }

  @Test func byDefaultDevicesKeepWhatTheyComeWith() async throws {
    try await Self.run({ $0.deviceCredentials = DoorSettings().deviceCredentials }) { door, _ in
      let cpe = try await door.connect()
      #expect(try await Self.begin(door, cpe).status == 200)
      #expect(try await Self.set(cpe) == nil)
    }
  }

  @Test func aCredentialOfAnOperatorsHandCountsAsWell() async throws {
    try await Self.run { door, _ in
      _ = try await door.store.setCredential(
        NewCredentialRecord(
          username: "box", password: "own", realm: "fairlead", deviceName: Self.name),
        by: "test")
      let cpe = try await door.connect()
      #expect(
        try await Self.begin(door, cpe, username: "box", password: "own").message
          == .response(.inform))
      #expect(try await Self.set(cpe) == nil, "it has one")
      let thief = try await door.connect()
      #expect(Self.isRefused(try await Self.begin(door, thief)))
    }
  }

  // MARK: - What may go wrong

  @Test func aDeviceThatRefusesIsAskedAgainTheNextDay() async throws {
    try await Self.run { door, clock in
      let cpe = try await door.connect()
      #expect(try await Self.begin(door, cpe).status == 200)
      #expect(try await Self.set(cpe) != nil)
      #expect(try await cpe.post(.fault(Fault(code: 9001, text: "no"))).status == 204)
      #expect(try await Self.state(door) == OwnCredential.refused.rawValue)
      let events = try await door.store.events(of: try await door.device("1"), limit: 100)
      #expect(events.contains { $0.kind == "ownCredentialRefused" })

      let again = try await door.connect()
      #expect(try await Self.begin(door, again).message == .response(.inform))
      #expect(try await Self.set(again) == nil)
      clock.advance(86_401)
      _ = try await Self.give(door)
      #expect(try await Self.state(door) == OwnCredential.offered.rawValue)
    }
  }

  @Test func aDeviceThatNeverUsesItGoesOnAsBefore() async throws {
    try await Self.run { door, clock in
      var passwords: Set = [try await Self.give(door)]
      for _ in 0..<3 {
        clock.advance(40_000)
        let cpe = try await door.connect()
        #expect(try await Self.begin(door, cpe).message == .response(.inform))
        if let values = try await Self.set(cpe) {
          passwords.insert(values[1].value)
          try await Self.finish(cpe)
        }
      }
      #expect(passwords.count == 2, "once a day, and another one each time")
    }
  }

  @Test func aDeviceThatBreaksOffMayComeWithEither() async throws {
    try await Self.run { door, clock in
      let cpe = try await door.connect()
      #expect(try await Self.begin(door, cpe).status == 200)
      let password = try #require(try await Self.set(cpe)).last?.value ?? ""
      cpe.hangUp()
      // It has not taken it, ...
      let old = try await door.connect()
      #expect(try await Self.begin(door, old).message == .response(.inform))
      // ... or it has.
      let new = try await door.connect()
      #expect(
        try await Self.begin(door, new, username: Self.name, password: password).message
          == .response(.inform))
      #expect(try await Self.state(door) == OwnCredential.proven.rawValue)
    }
  }

  @Test func anotherCredentialOfTheNameStays() async throws {
    try await Self.run { door, _ in
      _ = try await door.store.setCredential(
        NewCredentialRecord(
          username: Self.name, password: "other", realm: "fairlead", deviceName: "00D09E-Box-9"),
        by: "test")
      let cpe = try await door.connect()
      #expect(try await Self.begin(door, cpe).status == 200)
      #expect(try await Self.set(cpe) == nil)
      #expect(
        try await door.store.credential(username: Self.name)?.deviceName == "00D09E-Box-9")
    }
  }

  // MARK: - The way back

  @Test func withItsCredentialDeletedADeviceMayComeAnew() async throws {
    try await Self.run { door, clock in
      let password = try await Self.give(door)
      let cpe = try await door.connect()
      #expect(
        try await Self.begin(door, cpe, username: Self.name, password: password).status == 200)
      try await door.store.deleteCredential(username: Self.name, by: "test")
      clock.advance(11)
      let old = try await door.connect()
      #expect(
        try await Self.begin(door, old, username: Self.name, password: password).status == 401)
      // It is given another one at once.
      #expect(try await Self.give(door) != password)
    }
  }

  @Test func afterAFactoryResetOfOursADeviceMayComeAnew() async throws {
    try await Self.run { door, clock in
      let password = try await Self.give(door)
      _ = try await door.store.createTask(
        for: Self.name,
        TaskRequest(
          operation: .factoryReset, dueAt: clock.now, deadline: clock.now + 3_600,
          maxAttempts: 3), by: "test")
      let cpe = try await door.connect()
      #expect(
        try await Self.begin(door, cpe, username: Self.name, password: password).status == 200)
      #expect(try await cpe.postNothing().message == .request(.factoryReset))
      #expect(try await cpe.post(.response(.factoryReset)).status == 204)
      let renewed = try await Self.give(door, events: [Event(Event.bootstrap), Event(Event.boot)])
      #expect(renewed != password)
    }
  }
}
