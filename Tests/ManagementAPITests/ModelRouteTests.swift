import DeviceModel
import FleetStore
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import ManagementTypes
import Postgres
import Testing

@testable import ManagementAPI

/// Data models through the API.
@Suite struct ModelRouteTests {
  private static func document(_ body: String, spec: String = "urn:acme:acme-1-0") -> String {
    """
    <?xml version="1.0"?>
    <dm:document xmlns:dm="urn:broadband-forum-org:cwmp:datamodel-1-14" spec="\(spec)">
    \(body)
    </dm:document>
    """
  }

  private static let whole = document(
    """
    <import file="types.xml" spec="urn:acme:types"><dataType name="Level"/></import>
    <model name="Device:2.0"><object name="Device."/>
    <object name="Device.Led." access="readOnly"><description>What shines at {{object|.}}.</description>
    <parameter name="Level" access="readWrite"><description>How bright. And more.</description>
    <syntax><dataType ref="Level"/></syntax></parameter>
    <parameter name="Odd"><syntax><dataType ref="None"/></syntax></parameter></object>
    <profile name="Led:1"><object ref="Device.Led." requirement="present">
    <parameter ref="Level" requirement="readWrite"/></object></profile></model>
    """)
  private static let types = document(
    """
    <dataType name="Level"><unsignedInt><range maxInclusive="100"/><units value="percent"/></unsignedInt></dataType>
    """, spec: "urn:acme:types")

  private static func body(_ files: [(String, String)]) throws -> String {
    let model = NewModel(
      files: files.map { NewModel.File(name: $0.0, content: Data($0.1.utf8)) })
    return String(decoding: try JSONEncoder().encode(model), as: UTF8.self)
  }

  private static let files = [
    ("acme.xml", whole), ("types.xml", types), ("unneeded.xml", document("")),
  ]

  @Test func aModelIsBroughtShownAndRemoved() async throws {
    try await APIFixture.run { fixture in
      let body = try Self.body(Self.files)
      let dry = try await fixture.send(.post, "/models?dryRun=true", as: .operator, json: body)
      #expect(dry.status == 200)
      #expect(try dry.decoded(ModelImported.self).outcome == "created")
      #expect(try await fixture.store.importedModels().isEmpty)

      let created = try await fixture.send(.post, "/models", as: .operator, json: body)
      #expect(created.status == 201)
      let imported = try created.decoded(ModelImported.self)
      #expect(imported.model.name == "acme-1-0" && imported.model.origin == "imported")
      #expect(imported.model.documents == 2, "what is not needed is left out")
      #expect(imported.model.importedBy == "the-operator" && imported.model.hasDescriptions)
      #expect(imported.diagnostics.map(\.file) == ["acme.xml"])
      #expect(imported.diagnostics.first?.line == 8)
      let again = try await fixture.send(.post, "/models", as: .operator, json: body)
      #expect(try again.decoded(ModelImported.self).outcome == "unchanged")

      let list = try await fixture.send(.get, "/models", as: .viewer)
        .decoded(Page<ModelDetail>.self).items
      #expect(list == [imported.model], "known at once")
      #expect(try await fixture.send(.delete, "/models/acme-1-0", as: .operator).status == 204)
      #expect(try await fixture.send(.get, "/models/acme-1-0").status == 404)
      #expect(try await fixture.send(.delete, "/models/acme-1-0").status == 404)
    }
  }

  @Test func itemsAreExplained() async throws {
    try await APIFixture.run { fixture in
      #expect(
        try await fixture.send(.post, "/models?name=mine", json: try Self.body(Self.files)).status
          == 201)
      let top = try await fixture.send(.get, "/models/mine", as: .viewer)
      #expect(try top.decoded(ModelItemDetail.self).children.map(\.path) == ["Device."])
      let object = try await fixture.send(.get, "/models/mine?path=Device.Led", as: .viewer)
      let led = try object.decoded(ModelItemDetail.self)
      #expect(led.path == "Device.Led." && led.description == "What shines at Device..")
      #expect(led.children.map(\.path) == ["Device.Led.Level", "Device.Led.Odd"])
      #expect(led.children.first?.summary == "How bright.")
      let level = try await fixture.send(.get, "/models/mine?path=Device.Led.Level")
        .decoded(ModelItemDetail.self)
      #expect(level.kind == "parameter" && level.access == "readWrite")
      #expect(level.type?.ranges == [.init(min: nil, max: "100")])
      #expect(level.type?.units == "percent" && level.type?.name == "Level")
      #expect(level.profiles == ["Led:1"])
      let everything = try await fixture.send(.get, "/models/mine?path=Device.&recursive=true")
        .decoded(ModelItemDetail.self)
      #expect(everything.children.count == 3)
      let near = try await fixture.send(.get, "/models/mine?path=Device.Led.Levl")
      #expect(near.status == 404)
      #expect(try near.decoded(Problem.self).detail?.contains("Device.Led.Level") == true)
      let tag = try #require(object.headers[.eTag])
      let known = try await fixture.send(
        .get, "/models/mine?path=Device.Led", headers: [.ifNoneMatch: tag])
      #expect(known.status == 304)
    }
  }

  @Test func itemsAreFoundPageByPage() async throws {
    try await APIFixture.run { fixture in
      #expect(
        try await fixture.send(.post, "/models?name=mine", json: try Self.body(Self.files)).status
          == 201)
      let first = try await fixture.send(.get, "/models/mine/search?q=LED&limit=2", as: .viewer)
        .decoded(Page<ModelItemSummary>.self)
      #expect(first.items.map(\.path) == ["Device.Led.", "Device.Led.Odd"])
      let cursor = try #require(first.nextCursor)
      let last = try await fixture.send(.get, "/models/mine/search?q=LED&limit=2&cursor=\(cursor)")
        .decoded(Page<ModelItemSummary>.self)
      #expect(last.items.map(\.path) == ["Device.Led.Level"])
      #expect(last.nextCursor == nil)
      #expect(try await fixture.send(.get, "/models/mine/search?q=%20").status == 400)
      #expect(try await fixture.send(.get, "/models/mine/search").status == 400)
      #expect(try await fixture.send(.get, "/models/none/search?q=a").status == 404)
    }
  }

  @Test func whatCanNotBeUsedIsRefusedWithAllThatIsWrong() async throws {
    try await APIFixture.run { fixture in
      let broken = try await fixture.send(
        .post, "/models",
        json: try Self.body([
          ("a.xml", Self.document("<model>")), ("b.xml", "<html/>"), ("acme.xml", Self.whole),
        ]))
      #expect(broken.status == 422)
      let problem = try broken.decoded(Problem.self)
      #expect(problem.diagnostics?.map(\.file) == ["a.xml", "b.xml"])
      for (files, query, status) in [
        ([("types.xml", Self.types)], "", 422), (Self.files, "?model=Device:9", 422),
        (Self.files, "?name=a%20b", 400), ([("../a.xml", Self.whole)], "", 400),
        ([("a.xml", Self.whole), ("a.xml", Self.types)], "", 400), ([], "", 422),
      ] {
        let refused = try await fixture.send(
          .post, "/models" + query, json: try Self.body(files))
        #expect(refused.status == status, "\(query) \(refused.text)")
      }
      #expect(try await fixture.send(.post, "/models", json: "{}").status == 400)
      let asViewer = try await fixture.send(
        .post, "/models", as: .viewer, json: try Self.body(Self.files))
      #expect(asViewer.status == 403)
      #expect(try await fixture.store.importedModels().isEmpty)
    }
  }

  @Test func thereAreLimits() async throws {
    try await APIFixture.run(configure: { configuration in
      configuration.models.bytes = 4_000
      configuration.models.documents = 3
      configuration.models.count = 1
    }) { fixture in
      func status(_ files: [(String, String)]) async throws -> Int {
        try await fixture.send(.post, "/models", json: try Self.body(files)).status
      }
      let large = Self.files + [("acme2.xml", String(repeating: " ", count: 4_000))]
      #expect(try await status(large) == 413)
      #expect(try await status((0..<4).map { ("\($0).xml", "") }) == 413)
      let body = try Self.body(Self.files)
      #expect(try await fixture.send(.post, "/models?name=a", json: body).status == 201)
      #expect(try await fixture.send(.post, "/models?name=b", json: body).status == 409)
    }
  }

  @Test func whatComesWithTheServerStaysAndCanBeHidden() async throws {
    var library = ModelLibrary()
    library.add(try ModelDocument(Array(Self.types.utf8), file: "types.xml"))
    library.add(try ModelDocument(Array(Self.whole.utf8), file: "acme.xml"))
    let model = try #require(DataModel.compile("acme.xml", in: library).model)
    let shipped = CatalogedModel(model, origin: .shipped)
    try await APIFixture.run(models: ModelCatalog([shipped])) { fixture in
      #expect(try await fixture.send(.delete, "/models/acme-1-0").status == 409)
      let body = try Self.body(Self.files)
      #expect(try await fixture.send(.post, "/models", json: body).status == 201)
      let hidden: Page<ModelDetail> = try await fixture.send(.get, "/models").decoded()
      #expect(hidden.items.map(\.origin) == ["imported"])
      #expect(try await fixture.send(.delete, "/models/acme-1-0").status == 204)
      let shown: Page<ModelDetail> = try await fixture.send(.get, "/models").decoded()
      #expect(shown.items.map(\.origin) == ["shipped"])
    }
  }

  /// Each node has a shelf of its own on the same database.
  @Test func everyNodeTakesInWhatOneWasBrought() async throws {
    try await APIFixture.run { fixture in
      let other = ModelShelf(shipped: [], store: fixture.store, logger: fixture.api.logger)
      try await other.refresh()
      #expect(other.catalog.models.isEmpty)
      #expect(
        try await fixture.send(.post, "/models", json: try Self.body(Self.files)).status == 201)
      try await other.refresh()
      #expect(other.catalog["acme-1-0"]?.model["Device.Led.Level"]?.syntax?.units == "percent")
      let replaced = try Self.body([
        ("acme.xml", Self.whole.replacing("Device.Led.", with: "Device.Lamp.")),
        ("types.xml", Self.types),
      ])
      #expect(try await fixture.send(.post, "/models", json: replaced).status == 200)
      try await other.refresh()
      #expect(other.catalog["acme-1-0"]?.model["Device.Lamp.Level"] != nil)
      #expect(try await fixture.send(.delete, "/models/acme-1-0").status == 204)
      try await other.refresh()
      #expect(other.catalog.models.isEmpty)
    }
  }

  @Test func oneThatCanNotBeReadKeepsNobodyFromTheOthers() async throws {
    try await APIFixture.run { fixture in
      for name in ["a", "b"] {
        let answer = try await fixture.send(
          .post, "/models?name=\(name)", json: try Self.body(Self.files))
        #expect(answer.status == 201)
      }
      try await fixture.store.pool.query(
        "UPDATE data_model SET content = '\\x00', sha256 = '\\x01' WHERE name = 'a'")
      let shelf = ModelShelf(shipped: [], store: fixture.store, logger: fixture.api.logger)
      try await shelf.refresh()
      #expect(shelf.catalog.models.map(\.name) == ["b"])
      try await shelf.refresh()
      #expect(try await fixture.send(.delete, "/models/a").status == 204)
    }
  }
}
