import Fleet
import FleetStore
import Postgres
import Testing

/// Data models that operators bring.
@Suite struct ModelsTests {
  private static func model(
    _ name: String = "acme", text: String = "<document/>", model: String = "Device:2.0"
  ) -> FleetStore.ModelImport {
    .init(
      name: name, model: model, spec: "urn:acme", file: "acme.xml",
      bundle: ModelBundle([
        .init(file: "types.xml", content: []), .init(file: "acme.xml", content: Array(text.utf8)),
      ]))
  }

  @Test func aModelIsKeptWithItsDocuments() async throws {
    try await StoreFixture.run { fixture in
      let store = fixture.store
      // Larger than what one chunk of a tree may be.
      let text = String(repeating: "Not much in it. ", count: 500_000)
      let outcome = try await store.importModel(
        Self.model(text: text), limit: 2, isDryRun: false, by: "tester")
      #expect(outcome == .created)
      let record = try #require(try await store.importedModels().first)
      #expect(record.name == "acme" && record.model == "Device:2.0" && record.file == "acme.xml")
      #expect(record.documents == 2 && record.size == text.utf8.count)
      #expect(record.importedBy == "tester" && record.sha256.count == 32)
      let bundle = try #require(try await store.documents(of: record))
      #expect(bundle == Self.model(text: text).bundle)
      #expect(bundle.documents.map(\.file) == ["acme.xml", "types.xml"])
    }
  }

  @Test func theSameIsNotKeptAgainAndAnotherTakesItsPlace() async throws {
    try await StoreFixture.run { fixture in
      let store = fixture.store
      func bring(_ model: FleetStore.ModelImport, isDryRun: Bool = false) async throws
        -> FleetStore.ModelOutcome
      {
        try await store.importModel(model, limit: 1, isDryRun: isDryRun, by: "tester")
      }
      #expect(try await bring(Self.model(), isDryRun: true) == .created)
      #expect(try await store.importedModels().isEmpty)
      #expect(try await bring(Self.model()) == .created)
      let first = try #require(try await store.importedModels().first)
      #expect(try await bring(Self.model()) == .unchanged)
      #expect(try await bring(Self.model(text: "<other/>"), isDryRun: true) == .changed)
      #expect(try await store.importedModels() == [first])
      #expect(try await bring(Self.model(text: "<other/>")) == .changed)
      #expect(try await bring(Self.model(text: "<other/>", model: "Device:2.1")) == .changed)
      #expect(try await store.documents(of: first) == nil, "it has been replaced")
      #expect(
        try await fixture.auditedActions() == ["model.import", "model.import", "model.import"])
    }
  }

  @Test func howManyThereAreIsBounded() async throws {
    try await StoreFixture.run { fixture in
      let store = fixture.store
      for name in ["a", "b"] {
        _ = try await store.importModel(
          Self.model(name), limit: 2, isDryRun: false, by: "tester")
      }
      await #expect {
        _ = try await store.importModel(Self.model("c"), limit: 2, isDryRun: false, by: "tester")
      } throws: {
        ($0 as? StoreError)?.code == .conflict
      }
      // One that is there may still be replaced.
      #expect(
        try await store.importModel(
          Self.model("a", text: "<new/>"), limit: 2, isDryRun: false, by: "tester") == .changed)
    }
  }

  @Test func oneIsRemovedOnce() async throws {
    try await StoreFixture.run { fixture in
      let store = fixture.store
      _ = try await store.importModel(Self.model(), limit: 1, isDryRun: false, by: "tester")
      try await store.deleteModel(named: "acme", by: "tester")
      #expect(try await store.importedModels().isEmpty)
      await #expect { try await store.deleteModel(named: "acme", by: "tester") } throws: {
        ($0 as? StoreError)?.code == .notFound
      }
      #expect(try await fixture.auditedActions() == ["model.import", "model.remove"])
    }
  }

  @Test(arguments: ["content = '\\x28b52ffd'", "content = substring(content, 1, 9)", "codec = 7"])
  func damageIsNoticed(change: String) async throws {
    try await StoreFixture.run { fixture in
      let store = fixture.store
      _ = try await store.importModel(Self.model(), limit: 1, isDryRun: false, by: "tester")
      let record = try #require(try await store.importedModels().first)
      let statement: SQL =
        switch change {
        case "codec = 7": "UPDATE data_model SET codec = 7"
        case "content = substring(content, 1, 9)":
          "UPDATE data_model SET content = substring(content, 1, 9)"
        default: "UPDATE data_model SET content = '\\x28b52ffd'"
        }
      try await store.pool.query(statement)
      await #expect { _ = try await store.documents(of: record) } throws: {
        ($0 as? StoreError)?.code == .damaged
      }
    }
  }
}
