import DeviceModel
import Fleet
import FleetStore
import Foundation
import HTTPTypes
import ManagementTypes
import Testing

@testable import ManagementAPI

/// Orders and values by the data models of devices.
@Suite struct ModelCheckRouteTests {
  private static let document = """
    <dm:document xmlns:dm="urn:broadband-forum-org:cwmp:datamodel-1-14" spec="urn:broadband-forum-org:tr-181-2-1-0-cwmp">
    <model name="Device:2.1"><object name="Device." access="readOnly"/>
    <object name="Device.Time." access="readOnly">
      <parameter name="Enable" access="readWrite"><syntax><boolean/></syntax></parameter>
      <parameter name="Interval" access="readWrite"><syntax><unsignedInt>
        <range minInclusive="60"/></unsignedInt></syntax></parameter>
      <parameter name="Servers" access="readWrite"><syntax><list maxItems="2"/><string/></syntax></parameter>
    </object></model></dm:document>
    """

  private static func run(_ body: (APIFixture) async throws -> Void) async throws {
    var library = ModelLibrary()
    library.add(try ModelDocument(Array(document.utf8), file: "model.xml"))
    let model = try #require(DataModel.compile("model.xml", in: library).model)
    let agents = Self.document.replacing("Time", with: "LocalAgent")
      .replacing("0-cwmp\"", with: "0-usp\"")
      .replacing("</object></model>", with: #"<command name="Reset()"/></object></model>"#)
    library.add(try ModelDocument(Array(agents.utf8), file: "agents.xml"))
    let agentModel = try #require(DataModel.compile("agents.xml", in: library).model)
    let catalog = ModelCatalog(
      [model, agentModel].map { CatalogedModel($0, origin: .shipped) })
    try await APIFixture.run(models: catalog) { fixture in
      _ = try await fixture.store.admit(
        Contact(
          identity: DeviceIdentity(
            name: "00D09E-Box-1", manufacturer: "Acme", oui: "00D09E", productClass: "Box",
            serialNumber: "1"), protocolName: "cwmp", root: "Device.", reasons: [],
          reasonTexts: [],
          values: [
            ReportedValue(path: "Device.Time.Enable", value: "1", type: .boolean),
            ReportedValue(path: "Device.Time.Servers", value: "a, b"),
            ReportedValue(path: "Device.Time.Interval", value: "60"),
            ReportedValue(path: "Device.Time.Own", value: "7", type: .int),
          ], session: 1, address: "192.0.2.1", at: 1_750_000_000), mayCreate: true)
      try await body(fixture)
    }
  }

  private static func set(_ path: String, _ value: String, _ more: String = "") -> String {
    #"{"order":{"kind":"set","values":[{"path":"\#(path)","value":\#(value)}]}\#(more)}"#
  }

  private static let tasks = "/devices/00D09E-Box-1/tasks"

  @Test func valuesAreCheckedBeforeTheyAreQueued() async throws {
    try await Self.run { fixture in
      for (path, value) in [
        ("Device.Time.Interval", "59"), ("Device.Time.Intervall", "60"),
        ("Device.Time.Servers", #"["a","b","c"]"#),
      ] {
        let refused = try await fixture.send(.post, Self.tasks, json: Self.set(path, value))
        #expect(refused.status == 422)
        let problem = try refused.decoded(Problem.self)
        #expect(problem.code == "model-mismatch")
        #expect(problem.diagnostics?.count == 1)
        #expect(problem.detail?.contains("force") == true)
        let many = #","selector":"name=*""#
        let refusedForMany = try await fixture.send(
          .post, "/tasks", json: Self.set(path, value, many))
        #expect(refusedForMany.status == 422)
        let forced = try await fixture.send(
          .post, Self.tasks, json: Self.set(path, value, #","force":true"#))
        #expect(forced.status == 201)
      }
      #expect(
        try await fixture.send(.get, "/tasks").decoded(Page<TaskDetail>.self).items.count == 3)
    }
  }

  /// What a selector matches may speak either protocol.
  @Test func ordersToManyAreJudgedByTheModelsOfBothProtocols() async throws {
    try await Self.run { fixture in
      let many = #","selector":"name=*""#
      for (path, value, status) in [
        ("Device.Time.Interval", "60", 201), ("Device.LocalAgent.Interval", "60", 201),
        ("Device.LocalAgent.Interval", "59", 422), ("Device.Other.Interval", "60", 422),
      ] {
        let answer = try await fixture.send(.post, "/tasks", json: Self.set(path, value, many))
        #expect(answer.status == status, "\(path) \(answer.text)")
      }
      let forced = try await fixture.send(
        .post, "/tasks", json: Self.set("Device.Other.Interval", "60", many + #","force":true"#))
      #expect(forced.status == 201, "\(forced.text)")
    }
  }

  @Test func valuesHaveTheTypesOfTheirParameters() async throws {
    try await Self.run { fixture in
      let made = try await fixture.send(
        .post, Self.tasks, json: Self.set("Device.Time.Interval", "3600"))
      #expect(made.status == 201, "\(made.text)")
      let value = try #require(try made.decoded(TaskDetail.self).order.values.first)
      #expect(value.value.text == "3600")
      #expect(value.type == "unsignedInt")
      // What only the device has shown is not the model's to refuse.
      let own = try await fixture.send(
        .post, Self.tasks, json: Self.set("Device.Time.Own", "8"))
      #expect(own.status == 201)
    }
  }

  @Test func parametersAreShownAsWhatTheyMean() async throws {
    try await Self.run { fixture in
      let path = "/devices/00D09E-Box-1/parameters"
      let shown = try await fixture.send(.get, path).text
      #expect(shown.contains(#""value":true"#), "\(shown)")
      #expect(shown.contains(#""value":["a","b"]"#), "\(shown)")
      // Told without a type by the device, which the model knows.
      #expect(shown.contains(#""value":60"#), "\(shown)")
      let raw = try await fixture.send(.get, path + "?raw=true").text
      #expect(raw.contains(#""value":"a, b""#), "\(raw)")
      #expect(raw.contains(#""value":"1""#), "\(raw)")
    }
  }
}
