import Fleet
import FleetStore
import Foundation
import HTTPTypes
import Hummingbird
import ManagementTypes
import NIOCore
import Postgres
import Testing

@testable import ManagementAPI

/// What the API tells about orders that wait, and about those that are refused.
@Suite struct TaskReasonTests {
  private static let path = "/devices/00D09E-Box-1/tasks"
  private static let moment = "2026-01-01T00:00:00.000Z"

  private static let texts: [(TaskHindrance, String)] = [
    (.notBefore(1_767_225_600), "not before \(moment)"),
    (
      .retry(at: 1_767_225_600, OperationFault(code: "cwmp.9002", text: "busy")),
      "retry at \(moment) after cwmp.9002: busy"
    ),
    (
      .postponed(
        until: 1_767_225_600, OperationFault(code: "fairlead.noPlace", text: "It is full.")),
      "again at \(moment): It is full."
    ),
    (.call(lastContact: nil, .none), "the device has to call, for the first time"),
    (
      .call(lastContact: 1_767_225_600, .none),
      "the device has to call, last heard of at \(moment)"
    ),
    (
      .call(lastContact: nil, .underWay),
      "the device has to call, for the first time; a connection request is being tried"
    ),
    (
      .end(.transfer, until: 1_767_225_600),
      "accepted; the device has to report the end of the transfer, until \(moment)"
    ),
  ]

  @Test(arguments: texts.indices) func hindrancesInWords(index: Int) {
    let (hindrance, text) = Self.texts[index]
    #expect(hindrance.text == text)
  }

  @Test func openTasksTellWhyTheyWait() async throws {
    try await APIFixture.run { fixture in
      let device = try await fixture.makeDevice()
      let other = try await fixture.makeDevice("2")
      fixture.connection.set(requests: [device.id: .underWay])
      let made = try await fixture.send(.post, Self.path, json: #"{"order":{"kind":"reboot"}}"#)
        .decoded(TaskDetail.self)
      let expected =
        "the device has to call, for the first time; a connection request is being tried"
      #expect(made.reason == expected)
      _ = try await fixture.send(
        .post, Self.path,
        json:
          #"{"order":{"kind":"reboot"},"dueAt":"\#(Timestamp(Date().timeIntervalSince1970 + 3600))"}"#
      )
      _ = try await fixture.send(
        .post, "/devices/00D09E-Box-2/tasks", json: #"{"order":{"kind":"reboot"}}"#)
      let contact = Contact(
        identity: other.identity, protocolName: "cwmp", root: "Device.", reasons: .boot,
        reasonTexts: [], values: [], session: 1, address: "192.0.2.7", at: 1_767_225_600)
      _ = try await fixture.store.admit(contact, mayCreate: false)
      let list = try await fixture.send(.get, "/tasks").decoded(Page<TaskDetail>.self).items
      #expect(list.count == 3)
      #expect(list[0].reason == "the device has to call, last heard of at \(Self.moment)")
      #expect(list[1].reason?.hasPrefix("not before ") == true)
      #expect(list[2].reason == expected)
      #expect(
        try await fixture.send(.get, "\(Self.path)/\(made.id)").decoded(TaskDetail.self).reason
          == expected)
      let cancelled = try await fixture.send(.delete, "\(Self.path)/\(made.id)")
        .decoded(TaskDetail.self)
      #expect(cancelled.reason == nil)
    }
  }

  @Test(arguments: [
    "Device.ManagementServer.URL", "Device.ManagementServer.Username",
    "InternetGatewayDevice.ManagementServer.Password", "Device.ManagementServer.EnableCWMP",
  ]) func whatMayShutADeviceOutHasToBeConfirmed(path: String) async throws {
    try await APIFixture.run { fixture in
      try await fixture.makeDevice()
      let order =
        #""order":{"kind":"set","values":[{"path":"Device.X","value":"1"},{"path":"\#(path)","value":"0"}]}"#
      for body in ["{\(order)}", "{\(order),\"confirmed\":false}"] {
        let refused = try await fixture.send(.post, Self.path, json: body)
        #expect(refused.status == 409)
        let problem = try refused.decoded(Problem.self)
        #expect(problem.code == "confirmation-needed")
        #expect(problem.detail?.contains(path) == true)
      }
      let several = #""selector":"name=*",\#(order)"#
      #expect(try await fixture.send(.post, "/tasks", json: "{\(several)}").status == 409)
      #expect(
        try await fixture.send(.post, "/tasks", json: "{\(several),\"dryRun\":true}").status == 200)
      #expect(try await fixture.store.tasks(limit: 1).isEmpty)
      for (target, body) in [(Self.path, order), ("/tasks", several)] {
        let made = try await fixture.send(.post, target, json: "{\(body),\"confirmed\":true}")
        #expect(made.status == 201, "\(made.text)")
      }
    }
  }

  @Test func whatShutsNobodyOutNeedsNoConfirmation() {
    func order(_ path: String, _ kind: String = "set") -> TaskOrder {
      TaskOrder(kind: kind, ["values": [["path": .string(path), "value": "1"]]])
    }
    for path in [
      "Device.ManagementServer.PeriodicInformInterval", "Device.URL", "URL",
      "Device.ManagementServer.ConnectionRequestPassword", "Device.Users.User.1.Password",
    ] { #expect(order(path).mayShutOut.isEmpty, "\(path)") }
    #expect(order("device.managementserver.url").mayShutOut.count == 1)
    #expect(order("Device.ManagementServer.URL", "get").mayShutOut.isEmpty)
  }

  @Test func transfersThatCanNotBeTakenBackAreTold() async throws {
    try await APIFixture.run { fixture in
      try await fixture.makeDevice()
      func cancel(_ key: String) async throws -> CollectedResponse {
        try await fixture.send(
          .post, Self.path, json: #"{"order":{"kind":"cancelTransfer","commandKey":"\#(key)"}}"#)
      }
      #expect(try await cancel("fl-999").status == 404)
      #expect(try await cancel("somebody's").status == 404)
      let upload = try await fixture.send(
        .post, Self.path, json: #"{"order":{"kind":"upload","fileType":"2 Vendor Log File"}}"#
      ).decoded(TaskDetail.self)
      #expect(try await cancel("fl-\(upload.id)").status == 201)
      _ = try await fixture.send(.delete, "\(Self.path)/\(upload.id)")
      let ended = try await cancel("fl-\(upload.id)")
      #expect(ended.status == 409)
      #expect(
        try ended.decoded(Problem.self).detail
          == "The transfer of task \(upload.id) has ended: cancelled.")
      let several = try await fixture.send(
        .post, "/tasks",
        json:
          #"{"selector":"name=*","order":{"kind":"cancelTransfer","commandKey":"fl-\#(upload.id)"}}"#
      )
      #expect(several.status == 400)
    }
  }

  @Test func aTypeOfFileThatNoDeviceSendsIsRefused() async throws {
    try await APIFixture.run { fixture in
      try await fixture.makeDevice()
      let refused = try await fixture.send(
        .post, Self.path, json: #"{"order":{"kind":"upload","fileType":"wibble"}}"#)
      #expect(refused.status == 422)
      let problem = try refused.decoded(Problem.self)
      #expect(problem.diagnostics?.first?.message.contains("X <vendor> <name>") == true)
      #expect(try await fixture.store.tasks(limit: 1).isEmpty)
      let taken = try await fixture.send(
        .post, Self.path, json: #"{"order":{"kind":"upload","fileType":"X 00D09E Core"}}"#)
      #expect(taken.status == 201)
    }
  }

  private static let document = """
    apiVersion: fairlead/v1
    kind: DeviceSwitches
    metadata: {name: maker}
    spec:
      selector: DeviceInfo.Manufacturer=Maker
      messages: {booleans: digits, xmlDeclaration: false}
      reading: {batchSize: 10, names: levels}
      connectionRequests: {methods: [udp, http], basic: true}
      dataModel: acme-2.4
    """

  @Test func theSwitchesInForceAreShownWithTheDevice() async throws {
    try await APIFixture.run { fixture in
      try await fixture.makeDevice()
      let path = "/devices/00D09E-Box-1"
      #expect(try await fixture.send(.get, path).decoded(DeviceDetail.self).switches == nil)
      let applied = try await fixture.send(
        .post, "/switches", headers: [.contentType: "application/yaml"],
        body: .init(buffer: ByteBuffer(string: Self.document)))
      #expect(applied.status == 201, "\(applied.text)")
      fixture.connection.set(switches: try await fixture.store.switchesTable())
      let shown = try await fixture.send(.get, path, as: .viewer).decoded(DeviceDetail.self)
      #expect(
        shown.switches
          == SwitchesInForce(
            documents: ["maker"],
            values: [
              "messages.booleans": "digits", "messages.xmlDeclaration": false,
              "reading.batchSize": 10, "reading.names": "levels",
              "connectionRequests.methods": ["udp", "http"], "connectionRequests.basic": true,
              "dataModel": "acme-2.4",
            ]))
    }
  }
}
