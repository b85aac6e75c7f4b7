import Fleet
import FleetStore
import Foundation
import HTTPTypes
import Hummingbird
import ManagementTypes
import Postgres
import Testing

@testable import ManagementAPI

/// What only looks sees no credentials of devices and customers, wherever they may show.
@Suite struct SecrecyTests {
  private static let name = "00D09E-Box-1"
  private static let secret = "hush-7"
  private static let secretPaths = [
    "Device.ManagementServer.Password", "Device.ManagementServer.ConnectionRequestPassword",
    "Device.WiFi.AccessPoint.1.Security.KeyPassphrase",
    "Device.WiFi.AccessPoint.1.Security.PreSharedKey",
    "InternetGatewayDevice.LANDevice.1.WLANConfiguration.1.WEPKey.1.WEPKey",
    "Device.PPP.Interface.1.Password", "Device.Users.User.1.Password",
    "Device.Services.VoiceService.1.VoiceProfile.1.Line.1.SIP.AuthPassword",
    "InternetGatewayDevice.LANDevice.1.WLANConfiguration.1.X_V_WEPKey1",
    "Device.X_V_Modem.Password_2",
  ]
  private static let openPaths = [
    "Device.ManagementServer.ParameterKey", "Device.DeviceInfo.UpTime",
    "Device.WiFi.X_V_KeyIndex2",
    "InternetGatewayDevice.LANDevice.1.WLANConfiguration.1.WEPKeyIndex",
  ]

  private static func values(_ paths: [String]) -> String {
    paths.map { #"{"path":"\#($0)","value":"\#(secret)"}"# }.joined(separator: ",")
  }

  @Test func parametersThatHoldCredentialsAreKnown() {
    for path in Self.secretPaths { #expect(ParameterPath.isSecret(path), "\(path)") }
    for path in Self.openPaths { #expect(!ParameterPath.isSecret(path), "\(path)") }
  }

  @Test func theTreeIsBlankedForViewersAlone() async throws {
    try await APIFixture.run { fixture in
      let device = try await fixture.makeDevice()
      let contact = Contact(
        identity: device.identity, protocolName: "cwmp", root: "Device.", reasons: .boot,
        reasonTexts: [],
        values: (Self.secretPaths + Self.openPaths).map {
          ReportedValue(path: $0, value: Self.secret)
        }, session: 1, address: "192.0.2.7", at: 1_767_225_600)
      _ = try await fixture.store.admit(contact, mayCreate: false)
      for role in Role.allCases {
        let tree = try await fixture.send(.get, "/devices/\(Self.name)/parameters", as: role)
          .decoded(Page<ParameterDetail>.self)
        let shown = Dictionary(uniqueKeysWithValues: tree.items.map { ($0.path, $0.value?.text) })
        for path in Self.secretPaths {
          #expect(shown[path] == (role == .viewer ? "" : Self.secret), "\(role) \(path)")
        }
        for path in Self.openPaths { #expect(shown[path] == Self.secret, "\(role) \(path)") }
      }
      // Neither the device itself nor its history tells them.
      for path in ["", "/events"] {
        let shown = try await fixture.send(.get, "/devices/\(Self.name)\(path)", as: .viewer)
        #expect(shown.status == 200 && !shown.text.contains(Self.secret), "\(path)")
      }
    }
  }

  @Test func tasksAndTheirResultsShowNone() async throws {
    try await APIFixture.run { fixture in
      let device = try await fixture.makeDevice()
      let made = try await fixture.send(
        .post, "/devices/\(Self.name)/tasks",
        json:
          #"{"order":{"kind":"set","values":[\#(Self.values(Self.secretPaths))]},"confirmed":true}"#
      )
      #expect(made.status == 201, "\(made.text)")
      let added = try await fixture.send(
        .post, "/devices/\(Self.name)/tasks",
        json:
          #"{"order":{"kind":"add","object":"Device.Users.User.","values":[{"path":"Password","value":"\#(Self.secret)"}]}}"#
      )
      #expect(added.status == 201, "\(added.text)")
      let vouchers = try await fixture.send(
        .post, "/devices/\(Self.name)/tasks",
        json: #"{"order":{"kind":"setVouchers","vouchers":["aHVzaC03"]}}"#)
      #expect(vouchers.status == 201, "\(vouchers.text)")
      let command = try await fixture.send(
        .post, "/devices/\(Self.name)/tasks",
        json:
          #"{"order":{"kind":"command","command":"Device.X_V_Login()","arguments":{"Password":"\#(Self.secret)","Access.1.KeyPassphrase":"\#(Self.secret)","Host":"open"}}}"#
      )
      #expect(command.status == 201, "\(command.text)")
      #expect(!command.text.contains(Self.secret) && command.text.contains("open"))
      // The device answers with what it was asked for.
      let read = try await fixture.send(
        .post, "/devices/\(Self.name)/tasks",
        json: #"{"order":{"kind":"get","paths":["Device."]}}"#
      ).decoded(TaskDetail.self)
      let result = OperationResult(
        values: (Self.secretPaths + Self.openPaths).map {
          ResultValue(path: $0, value: Self.secret, type: .string)
        })
      let open = try #require(
        try await fixture.store.openTasks(of: device.id).first { $0.id == read.id })
      let running = open.started(session: 1, now: open.dueAt)
      _ = try await fixture.store.pool.pipeline(
        TaskRows.update([
          running.after(.done(result), now: open.dueAt, policy: .standard, random: 0)
        ]))
      for role in Role.allCases {
        let shown = try await fixture.send(
          .get, "/devices/\(Self.name)/tasks/\(read.id)", as: role
        ).decoded(TaskDetail.self)
        let values = try #require(shown.result?.values)
        #expect(values.count == Self.secretPaths.count + Self.openPaths.count)
        for value in values {
          #expect(
            value.value.text == (Self.openPaths.contains(value.path) ? Self.secret : ""),
            "\(value.path)"
          )
        }
        for path in ["/devices/\(Self.name)/tasks", "/tasks"] {
          let list = try await fixture.send(.get, path, as: role)
          let tasks = try list.decoded(Page<TaskDetail>.self).items
          #expect(tasks.count == 5)
          #expect(!list.text.contains("aHVzaC03"))
          #expect(tasks.allSatisfy { $0.order["arguments"]?["Password"]?.text ?? "" == "" })
          for task in tasks {
            let secrets = task.order.values.filter { $0.value.text == Self.secret }
            #expect(secrets.isEmpty, "\(task.order)")
          }
        }
      }
      let events = try await fixture.send(.get, "/devices/\(Self.name)/events", as: .viewer).text
      #expect(!events.contains(Self.secret))
      #expect(try await !fixture.send(.get, "/audit").text.contains(Self.secret))
      // The device gets them.
      guard
        case .set(let assignments)? = try await fixture.store.openTasks(of: device.id).first?
          .operation
      else {
        Issue.record("nothing to set")
        return
      }
      #expect(assignments.allSatisfy { $0.value == Self.secret })
    }
  }

  @Test func tracesAreNothingForViewers() async throws {
    try await APIFixture.run { fixture in
      try await fixture.makeDevice()
      let path = "/devices/\(Self.name)/trace"
      for path in [path, path + "/watch"] {
        #expect(try await fixture.send(.get, path, as: .viewer).status == 403, "\(path)")
      }
      #expect(
        try await fixture.send(.put, path, as: .viewer, json: #"{"seconds":60}"#).status == 403)
      #expect(
        try await fixture.send(
          .get, "/files/\(String(repeating: "ab", count: 32))/content", as: .viewer
        ).status == 403)
    }
  }
}
