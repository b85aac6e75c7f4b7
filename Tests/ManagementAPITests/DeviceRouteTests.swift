import Fleet
import FleetStore
import Foundation
import HTTPTypes
import ManagementTypes
import Postgres
import Testing

@testable import ManagementAPI

@Suite struct DeviceRouteTests {
  @Test func aDeviceIsMadeKnownWithItsCredential() async throws {
    try await APIFixture.run { fixture in
      let made = try await fixture.send(
        .post, "/devices",
        json: """
          {"oui":"00d09E","productClass":"My Box","serialNumber":"Ä-1","tags":["b","a"],
           "credential":{"username":"u1","password":"long enough"}}
          """)
      #expect(made.status == 201)
      let device = try made.decoded(DeviceDetail.self)
      // Spelled as given, as devices are told apart by their own spelling.
      #expect(device.name == "00d09E-My%20Box-%C3%84%2D1")
      #expect(device.tags == ["a", "b"] && device.lastContact == nil && !device.isReachable)
      #expect(try await fixture.store.credential(username: "u1")?.deviceName == device.name)
      // The name is percent-encoded once more in a path.
      let path = "/devices/00d09E-My%2520Box-%25C3%2584%252D1"
      #expect(try await fixture.send(.get, path, as: .viewer).decoded(DeviceDetail.self) == device)
      #expect(
        try await fixture.send(
          .post, "/devices",
          json: #"{"oui":"00d09E","productClass":"My Box","serialNumber":"Ä-1"}"#
        ).decoded(Problem.self).code == "already-exists")
      #expect(try await fixture.send(.delete, path).status == 204)
      #expect(try await fixture.send(.get, path).status == 404)
      #expect(try await fixture.store.credential(username: "u1") == nil)
    }
  }

  @Test func whetherAnAgentIsConnectedIsTold() async throws {
    try await APIFixture.run { fixture in
      let store = fixture.store
      let agent = try await fixture.makeDevice("1")
      let cpe = try await fixture.makeDevice("2")
      let life = try await store.beginLife(ofNodeNamed: "here:1", lease: 3_600)
      let stay = AgentStay(
        device: agent.id, session: 0, endpoint: "os::00D09E-1", transport: "mqtt",
        since: 1_767_225_600)
      func listed(_ selector: String) async throws -> [DeviceSummary] {
        try await fixture.send(.get, "/devices?selector=\(selector)", as: .viewer)
          .decoded(Page<DeviceSummary>.self).items
      }
      #expect(try await listed("!online").count == 2)
      try await store.note(stays: [stay], leaves: [], at: life)
      let since = Timestamp(stay.since)
      let online = PresenceDetail(
        online: true, since: since, transport: "mqtt", endpoint: "os::00D09E-1", node: "here:1",
        lastHeard: since)
      #expect(try await listed("online=true").map(\.presence) == [online])
      let path = "/devices/00D09E-Box-1"
      #expect(try await fixture.send(.get, path).decoded(DeviceDetail.self).presence == online)
      try await store.end(life)
      let offline = try #require(try await listed("online=false").first?.presence)
      #expect(!offline.online && offline.node == nil && offline.transport == "mqtt")
      #expect(
        try await fixture.send(.get, "/devices/count?selector=online=true")
          .decoded(DeviceCount.self).count == 0)
      // A device of CWMP is not said to be offline.
      #expect(try await listed("").last { $0.name == cpe.identity.name }?.presence == nil)
      let text = try await fixture.send(.get, "/devices/00D09E-Box-2").text
      #expect(!text.contains("online") && !text.contains("presence"), "\(text)")
      #expect(try await fixture.send(.get, "/devices?selector=online=maybe").status == 400)
    }
  }

  private static let noDevices = [
    #"{"oui":"00D09","productClass":"","serialNumber":"1"}"#,
    #"{"oui":"00D09G","productClass":"","serialNumber":"1"}"#,
    #"{"oui":"00D09E","productClass":"","serialNumber":""}"#,
    #"{"oui":"00D09E","serialNumber":"1"}"#,
    #"{"oui":"00D09E","productClass":"","serialNumber":1}"#,
    #"{"oui":"00D09E","productClass":"","serialNumber":"1","tag":["x"]}"#, "[]", "", "{",
    #"{"oui":"00D09E","productClass":"","serialNumber":"1","tags":["a\nb"]}"#,
  ]

  @Test func whatIsNoDeviceIsRefused() async throws {
    try await APIFixture.run { fixture in
      for body in Self.noDevices {
        let response = try await fixture.send(.post, "/devices", json: body)
        #expect(response.status == 400, "\(body)")
        #expect(try response.decoded(Problem.self).code == "invalid-body", "\(body)")
      }
      #expect(try await fixture.store.deviceCount(matching: .all) == 0)
    }
  }

  @Test func tagsArePatchedWhereNobodyWasFaster() async throws {
    try await APIFixture.run { fixture in
      try await fixture.makeDevice()
      let path = "/devices/00D09E-Box-1"
      let first = try await fixture.send(.get, path)
      let tag = try #require(first.headers[.eTag])
      #expect(try await fixture.send(.get, path, headers: [.ifNoneMatch: tag]).status == 304)
      let patched = try await fixture.send(
        .patch, path, as: .operator, json: #"{"addTags":["pilot"]}"#, headers: [.ifMatch: tag])
      #expect(patched.status == 200)
      #expect(try patched.decoded(DeviceDetail.self).tags == ["pilot"])
      #expect(patched.headers[.eTag] != tag)
      #expect(try await fixture.send(.get, path, headers: [.ifNoneMatch: tag]).status == 200)
      let late = try await fixture.send(
        .patch, path, json: #"{"tags":[]}"#, headers: [.ifMatch: tag])
      #expect(late.status == 412)
      #expect(try late.decoded(Problem.self).code == "precondition-failed")
      #expect(
        try await fixture.send(.patch, path, json: #"{"tags":[],"addTags":["x"]}"#).status == 400)
      let many = (0..<33).map { "\"t\($0)\"" }.joined(separator: ",")
      #expect(try await fixture.send(.patch, path, json: "{\"tags\":[\(many)]}").status == 400)
      #expect(
        try await fixture.send(.patch, path, json: #"{"removeTags":["pilot"]}"#)
          .decoded(DeviceDetail.self).tags == [])
    }
  }

  @Test func listsAreSearchedAndPaged() async throws {
    try await APIFixture.run { fixture in
      for number in 1...5 {
        try await fixture.makeDevice(
          "\(number)", facts: ["DeviceInfo.ModelName": number < 4 ? "FL-100" : "FL-200"])
      }
      var names: [String] = []
      var cursor = ""
      for _ in 0..<5 {
        let page = try await fixture.send(
          .get, "/devices?selector=DeviceInfo.ModelName%3DFL-100&limit=2\(cursor)", as: .viewer
        ).decoded(Page<DeviceSummary>.self)
        names += page.items.map(\.name)
        guard let next = page.nextCursor else { break }
        cursor = "&cursor=\(next)"
      }
      #expect(names == ["00D09E-Box-1", "00D09E-Box-2", "00D09E-Box-3"])
      #expect(
        try await fixture.send(.get, "/devices/count?selector=DeviceInfo.ModelName%3DFL-2*")
          .decoded(DeviceCount.self).count == 2)
      let bad = try await fixture.send(.get, "/devices?selector=a%3D%3D%3Db%2C%28")
      #expect(bad.status == 400)
      let problem = try bad.decoded(Problem.self)
      #expect(problem.code == "invalid-selector" && problem.diagnostics?.isEmpty == false)
      let unsearchable = try await fixture.send(.get, "/devices?selector=WiFi.X%3D1")
      #expect(unsearchable.status == 400)
      #expect(try unsearchable.decoded(Problem.self).detail?.contains("WiFi.X") == true)
    }
  }

  @Test func theTreeIsShownByPath() async throws {
    try await APIFixture.run { fixture in
      let device = try await fixture.makeDevice()
      var contact = Contact(
        identity: device.identity, protocolName: "cwmp", root: "Device.", reasons: .boot,
        reasonTexts: ["1 BOOT"],
        values: [
          ReportedValue(path: "Device.DeviceInfo.SoftwareVersion", value: "1.0"),
          ReportedValue(path: "Device.DeviceInfo.UpTime", value: "5", type: .unsignedInt),
          ReportedValue(path: "Device.X", value: "y"),
        ], session: 1, address: "192.0.2.7", at: 1_767_225_600)
      _ = try await fixture.store.admit(contact, mayCreate: false)
      let path = "/devices/00D09E-Box-1/parameters"
      let all = try await fixture.send(.get, path).decoded(Page<ParameterDetail>.self)
      #expect(
        all.items.map(\.path) == [
          "Device.DeviceInfo.SoftwareVersion", "Device.DeviceInfo.UpTime", "Device.X",
        ])
      #expect(all.items[1].type == "unsignedInt" && all.items[1].value?.text == "5")
      #expect(all.items[0].changedAt == Timestamp(1_767_225_600))
      let some = try await fixture.send(
        .get, path + "?path=Device.DeviceInfo.&path=Device.X&limit=2"
      )
      .decoded(Page<ParameterDetail>.self)
      #expect(some.items.count == 2 && some.nextCursor == "Device.DeviceInfo.UpTime")
      let rest = try await fixture.send(
        .get, path + "?path=Device.DeviceInfo.&path=Device.X&cursor=Device.DeviceInfo.UpTime"
      ).decoded(Page<ParameterDetail>.self)
      #expect(rest.items.map(\.path) == ["Device.X"] && rest.nextCursor == nil)
      #expect(
        try await fixture.send(.get, path + "?path=Device.Dev").decoded(Page<ParameterDetail>.self)
          .items.isEmpty)
      let detail = try await fixture.send(.get, "/devices/00D09E-Box-1").decoded(DeviceDetail.self)
      #expect(
        detail.address == "192.0.2.7" && detail.root == "Device." && detail.protocol == "cwmp")
      #expect(detail.facts["DeviceInfo.SoftwareVersion"] == "1.0")
      #expect(detail.lastBoot == Timestamp(1_767_225_600))
      contact.session = 2
      contact.at += 10
      _ = try await fixture.store.admit(contact, mayCreate: false)
      let events = try await fixture.send(.get, "/devices/00D09E-Box-1/events?limit=1")
        .decoded(Page<ManagementTypes.EventDetail>.self)
      #expect(events.items.map(\.kind) == ["boot"])
      let older = try await fixture.send(
        .get, "/devices/00D09E-Box-1/events?cursor=\(try #require(events.nextCursor))"
      ).decoded(Page<ManagementTypes.EventDetail>.self)
      #expect(older.items.map(\.kind) == ["firstContact"])
      #expect(try await fixture.send(.get, "/devices/nobody/parameters").status == 404)
      #expect(try await fixture.send(.post, "/devices/00D09E-Box-1/connect").status == 202)
      #expect(fixture.woken.all == [device.id])
    }
  }
}
