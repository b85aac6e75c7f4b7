import DeviceModel
import Fleet
import FleetStore
import Foundation
import HTTPTypes
import HummingbirdCore
import ManagementTypes
import NIOCore
import Testing

@testable import ManagementAPI

/// By which data model the API understands a device.
@Suite struct ChosenModelRouteTests {
  private static let device = "/devices/00D09E-Box-1"

  private static func model(_ spec: String, _ parameters: String) throws -> DataModel {
    let text = """
      <dm:document xmlns:dm="urn:broadband-forum-org:cwmp:datamodel-1-14" spec="\(spec)">
      <model name="Device:2.1"><object name="Device." access="readOnly">\(parameters)</object></model></dm:document>
      """
    var library = ModelLibrary()
    library.add(try ModelDocument(Array(text.utf8), file: "model.xml"))
    return try #require(DataModel.compile("model.xml", in: library).model)
  }

  /// Gives the body an API that knows a published model, by which `Device.Level` is a text, and two of a maker, by which it is a
  /// number; the device announces one of these where it is told to.
  private static func run(
    announcing urn: String? = nil, _ body: (APIFixture) async throws -> Void
  ) async throws {
    func level(_ syntax: String) -> String {
      #"<parameter name="Level" access="readWrite"><syntax>\#(syntax)</syntax></parameter>"#
    }
    let catalog = ModelCatalog([
      CatalogedModel(
        try model("urn:broadband-forum-org:tr-181-2-1-0-cwmp", level("<string/>")),
        origin: .shipped),
      CatalogedModel(
        try model(
          "urn:acme:box-1-0", level(#"<unsignedInt><range maxInclusive="9"/></unsignedInt>"#)),
        name: "acme-box", origin: .shipped),
      CatalogedModel(
        try model(
          "urn:acme:box-2-0", level(#"<unsignedInt><range maxInclusive="99"/></unsignedInt>"#)),
        name: "acme-newer", origin: .shipped),
    ])
    try await APIFixture.run(models: catalog) { fixture in
      var values = [ReportedValue(path: "Device.Level", value: "7")]
      if let urn {
        values.append(
          ReportedValue(path: "Device.DeviceInfo.SupportedDataModel.1.URN", value: urn))
      }
      _ = try await fixture.store.admit(
        Contact(
          identity: DeviceIdentity(
            name: "00D09E-Box-1", manufacturer: "Acme", oui: "00D09E", productClass: "Box",
            serialNumber: "1"), protocolName: "cwmp", root: "Device.", reasons: [],
          reasonTexts: [], values: values, session: 1, address: "192.0.2.1", at: 1_750_000_000),
        mayCreate: true)
      try await body(fixture)
    }
  }

  private static func switches(naming model: String) -> String {
    """
    apiVersion: fairlead/v1
    kind: DeviceSwitches
    metadata: {name: maker}
    spec:
      selector: DeviceInfo.Manufacturer=Acme
      dataModel: \(model)
    """
  }

  private static func apply(_ document: String, _ query: String = "", to fixture: APIFixture)
    async throws -> SwitchesApplied
  {
    let answer = try await fixture.send(
      .post, "/switches" + query, headers: [.contentType: "application/yaml"],
      body: .init(buffer: ByteBuffer(string: document)))
    let applied = try answer.decoded(SwitchesApplied.self)
    fixture.connection.set(switches: try await fixture.store.switchesTable())
    return applied
  }

  private static func chosen(_ fixture: APIFixture) async throws -> ChosenModelDetail {
    try await fixture.send(.get, device + "/model", as: .viewer).decoded(ChosenModelDetail.self)
  }

  private static func shown(_ fixture: APIFixture) async throws -> TypedValue? {
    let page = try await fixture.send(.get, device + "/parameters?path=Device.Level")
      .decoded(Page<ParameterDetail>.self)
    return page.items.first?.value
  }

  /// The status of an order to set a value.
  private static func set(_ value: String, _ fixture: APIFixture) async throws -> Int {
    let order = #"{"kind":"set","values":[{"path":"Device.Level","value":"\#(value)"}]}"#
    return try await fixture.send(.post, device + "/tasks", json: #"{"order":\#(order)}"#).status
  }

  @Test func withoutAWordItIsThePublishedOne() async throws {
    try await Self.run { fixture in
      let chosen = try await Self.chosen(fixture)
      #expect(chosen.name == "tr-181-2-1-0-cwmp" && chosen.version == "Device:2.1")
      #expect(chosen.reason.kind == .newest)
      #expect(try await Self.shown(fixture) == TypedValue("7"))
      #expect(try await Self.set("many", fixture) == 201)
    }
  }

  @Test func whatTheDeviceAnnouncesIsTakenEverywhere() async throws {
    try await Self.run(announcing: "urn:acme:box-1-0") { fixture in
      let chosen = try await Self.chosen(fixture)
      #expect(chosen.name == "acme-box" && chosen.reason.kind == .announced)
      #expect(
        try await Self.shown(fixture) == TypedValue("7", type: .unsignedInt, isList: false))
      #expect(try await Self.set("many", fixture) == 422)
      #expect(try await Self.set("10", fixture) == 422)
      #expect(try await Self.set("9", fixture) == 201)
      let refused = try await fixture.send(
        .post, Self.device + "/tasks",
        json: #"{"order":{"kind":"set","values":[{"path":"Device.Level","value":"10"}]}}"#)
      let detail = try refused.decoded(Problem.self).detail ?? ""
      #expect(
        detail.contains("The data model is “acme-box”: the device announces its URN"), "\(detail)")
      let found = try await fixture.send(.get, Self.device + "/conformance")
        .decoded(Conformance.self)
      #expect(found.model == "acme-box" && found.reason == chosen.reason)
    }
  }

  @Test func switchesComeFirst() async throws {
    try await Self.run(announcing: "urn:acme:box-1-0") { fixture in
      let applied = try await Self.apply(Self.switches(naming: "acme-newer"), to: fixture)
      #expect(applied.outcome == "created" && applied.diagnostics.isEmpty)
      let chosen = try await Self.chosen(fixture)
      #expect(chosen.name == "acme-newer")
      #expect(chosen.reason.words == "the switches “maker” name it")
      #expect(try await Self.set("10", fixture) == 201)
      #expect(try await Self.set("100", fixture) == 422)
      // The type is the model's also where the order is forced.
      let forced = try await fixture.send(
        .post, Self.device + "/tasks",
        json:
          #"{"order":{"kind":"set","values":[{"path":"Device.Level","value":"100"}]},"force":true}"#
      )
      #expect(try forced.decoded(TaskDetail.self).order.values.first?.type == "unsignedInt")
    }
  }

  @Test func aModelThatIsNotKnownIsWarnedOf() async throws {
    try await Self.run { fixture in
      for query in ["?dryRun=true", ""] {
        let applied = try await Self.apply(Self.switches(naming: "acme-bax"), query, to: fixture)
        #expect(applied.outcome == "created")
        let warning = try #require(applied.diagnostics.first)
        #expect(applied.diagnostics.count == 1 && warning.severity == "warning")
        #expect(warning.message.contains("“acme-bax”"), "\(warning)")
        #expect(warning.message.contains("acme-box, acme-newer, tr-181"), "\(warning)")
      }
      let chosen = try await Self.chosen(fixture)
      #expect(chosen.name == "tr-181-2-1-0-cwmp")
      #expect(
        chosen.reason.remarks == [
          "the switches “maker” name the data model “acme-bax”, which is not known here"
        ])
    }
  }

  @Test func aDeviceOfWhichNothingIsKnownHasNone() async throws {
    try await Self.run { fixture in
      try await fixture.makeDevice("2")
      #expect(try await fixture.send(.get, "/devices/00D09E-Box-2/model").status == 409)
      #expect(try await fixture.send(.get, "/devices/none/model").status == 404)
    }
  }

  @Test func anOutlineHasAllThatIsCompared() async throws {
    try await Self.run { fixture in
      let answer = try await fixture.send(.get, "/models/acme-box/outline", as: .viewer)
      let outline = try answer.decoded(ModelOutline.self)
      let model = try #require(fixture.api.models()["acme-box"])
      #expect(outline == ModelOutline(model))
      #expect(outline.items["Device.Level"]?.aspects[.range] == ["at most 9"])
      #expect(try await fixture.send(.get, "/models/none/outline").status == 404)
    }
  }
}
