import DeviceModel
import FleetStore
import Foundation
import Hummingbird
import ManagementTypes

/// Data models: those that come with the server, and those that operators bring.
extension ManagementAPI {
  var modelRoutes: [Route] {
    [
      Route(
        .get, "/models", .atLeast(.viewer), "Lists the data models that are known",
        answers: [(200, "ModelDetailPage")], listModels),
      Route(
        .post, "/models", .atLeast(.operator),
        "Brings a data model with the documents that it needs, under the name given or that of its document",
        query: ["name", "model", "dryRun"], body: "NewModel",
        answers: [(201, "ModelImported"), (200, "ModelImported")], importModel),
      Route(
        .get, "/models/{name}", .atLeast(.viewer),
        "Shows an item of a data model with what is directly in it, or what is at the top",
        query: ["path", "recursive"], answers: [(200, "ModelItemDetail"), (304, nil)], getModelItem),
      Route(
        .get, "/models/{name}/search", .atLeast(.viewer),
        "Lists the items of a data model whose path or description has all of some words, the best first",
        query: ["q"] + Self.paging, answers: [(200, "ModelItemSummaryPage")], searchModel),
      Route(
        .get, "/models/{name}/outline", .atLeast(.viewer),
        "Shows all that is compared of a data model with others",
        answers: [(200, "ModelOutline"), (304, nil)], getModelOutline),
      Route(
        .delete, "/models/{name}", .atLeast(.operator), "Removes an imported data model",
        answers: [(204, nil)], deleteModel),
    ]
  }

  func listModels(_ request: Request, _ context: APIContext) async throws -> Response {
    let records = try await store.importedModels()
    return try answer(
      Page(items: models().models.map { model in ModelDetail(model, among: records) }))
  }

  // MARK: Reading

  /// The model that a path segment names.
  private func model(_ context: APIContext) throws -> DataModel {
    try Self.model(named: try context.segment("name"), in: models()).model
  }

  static func model(named name: String, in catalog: ModelCatalog) throws -> CatalogedModel {
    guard let model = catalog[name] else {
      throw Refusal(
        .notFound,
        "There is no data model “\(name.prefix(200))”; known are \(catalog.models.map(\.name).joined(separator: ", "))."
      )
    }
    return model
  }

  func getModelOutline(_ request: Request, _ context: APIContext) async throws -> Response {
    let model = try Self.model(named: try context.segment("name"), in: models())
    return try tagged(await ModelShelf.offLoops { ModelOutline(model) }, for: request)
  }

  func getModelItem(_ request: Request, _ context: APIContext) async throws -> Response {
    let model = try model(context)
    let isRecursive = try request.flag("recursive")
    guard let path = try request.query("path"), !path.isEmpty else {
      return try tagged(ModelItemDetail(nil, of: model, isRecursive: isRecursive), for: request)
    }
    guard let place = model.browse(path) else {
      let near = model.nearPaths(path)
      throw Refusal(
        .notFound,
        "\(model.name) has no “\(path.prefix(300))”."
          + (near.isEmpty ? "" : " Near it: \(near.joined(separator: ", ")).")
      )
    }
    return try tagged(ModelItemDetail(place, of: model, isRecursive: isRecursive), for: request)
  }

  /// Items of a search in one answer at the most, since each comes with words.
  private static let maximumHits = 1_000

  func searchModel(_ request: Request, _ context: APIContext) async throws -> Response {
    let model = try model(context)
    guard let query = try request.query("q"), query.contains(where: { !$0.isWhitespace }) else {
      throw Refusal(.badRequest, "“q” has the words to search for.")
    }
    guard query.utf8.count <= 500 else { throw Refusal(.badRequest, "“q” is too long.") }
    let limit = min(try limit(of: request), Self.maximumHits)
    let start = Int(clamping: try request.keyCursor() ?? 0)
    let hits = ModelSearch.hits(query, in: model)
    let shown = hits.dropFirst(start).prefix(limit)
    let end = start + shown.count
    return try answer(
      Page(
        items: shown.map { ModelItemSummary($0.place, of: model) },
        nextCursor: end < hits.count && !shown.isEmpty ? String(end) : nil))
  }

  // MARK: Changing

  func importModel(_ request: Request, _ context: APIContext) async throws -> Response {
    let isDryRun = try request.flag("dryRun")
    let asked = (name: try request.query("name"), model: try request.query("model"))
    let body = try await documents(of: request)
    let limits = configuration.models
    let reading = await ModelShelf.offLoops { ModelReading(body.documents) }
    guard reading.failures.isEmpty else {
      throw Refusal(
        .invalidDocument, "Not all documents can be read.",
        diagnostics: reading.failures.map(Problem.Diagnostic.init))
    }
    guard let file = reading.library.main(among: body.order, model: asked.model) else {
      throw Refusal(
        .invalidDocument,
        asked.model.map { "None of the documents has the model “\($0.prefix(100))”." }
          ?? "None of the documents has a model.")
    }
    let (compiled, diagnostics) = await ModelShelf.offLoops {
      reading.compile(file, model: asked.model)
    }
    guard let compiled else {
      throw Refusal(
        .invalidDocument, "There is no model in “\(file.prefix(200))” that can be used.",
        diagnostics: diagnostics.map(Problem.Diagnostic.init))
    }
    let cataloged = CatalogedModel(compiled, name: asked.name, origin: .imported)
    guard cataloged.name.wholeMatch(of: /[A-Za-z0-9._:-]{1,100}/) != nil else {
      throw Refusal(
        .badRequest,
        "“\(cataloged.name.prefix(200))” is no name for a data model: letters, digits, and . _ : - are; give one with “name”."
      )
    }
    let needed = reading.library.needed(by: file)
    let outcome = try await store.importModel(
      .init(
        name: cataloged.name, model: compiled.name, spec: compiled.spec, file: file,
        bundle: ModelBundle(body.documents.filter { needed.contains($0.file) })),
      limit: limits.count, isDryRun: isDryRun, by: context.actor)
    if !isDryRun, outcome != .unchanged { await modelsChanged() }
    let records = isDryRun ? [] : try await store.importedModels()
    return try answer(
      ModelImported(
        outcome: outcome.rawValue, model: ModelDetail(cataloged, among: records),
        diagnostics: diagnostics.map(Problem.Diagnostic.init)),
      status: outcome == .created && !isDryRun ? .created : .ok)
  }

  /// The documents of a body, and their names in the order in which they came.
  private func documents(of request: Request) async throws -> (
    documents: [ModelBundle.Document], order: [String]
  ) {
    let limits = configuration.models
    // Base64, and what JSON needs around it.
    let data = try await request.body(
      atMost: limits.bytes / 3 * 4 + limits.documents * 300 + 1_000)
    if let mediaType = request.mediaType, mediaType != "application/json" {
      throw Refusal(.unsupportedMediaType, "The body has to be application/json.")
    }
    let files = try await Self.files(of: data)
    guard files.count <= limits.documents else {
      throw Refusal(
        .tooLarge, "There are \(files.count) documents; at most \(limits.documents) are taken.")
    }
    let size = files.reduce(0) { $0 + $1.content.count }
    guard size <= limits.bytes else {
      throw Refusal(
        .tooLarge, "The documents have \(size) bytes together; at most \(limits.bytes) are taken.")
    }
    var names: Set<String> = []
    for file in files {
      guard (1...200).contains(file.name.utf8.count), !file.name.contains("/"),
        names.insert(file.name).inserted
      else {
        throw Refusal(
          .invalidBody,
          "Each document has a name of its own, without “/”; “\(file.name.prefix(100))” is none.")
      }
    }
    return (
      files.map { ModelBundle.Document(file: $0.name, content: Array($0.content)) },
      files.map(\.name)
    )
  }

  private static func files(of data: Data) async throws -> [NewModel.File] {
    try await ModelShelf.offLoops { Result { try APIJSON.decode(NewModel.self, from: data).files } }
      .get()
  }

  func deleteModel(_ request: Request, _ context: APIContext) async throws -> Response {
    let name = try context.segment("name")
    do {
      try await store.deleteModel(named: name, by: context.actor)
    } catch let error as StoreError where error.code == .notFound {
      guard models()[name]?.origin == .shipped else { throw error }
      throw Refusal(.conflict, "“\(name.prefix(200))” comes with the server and stays.")
    }
    await modelsChanged()
    return Response(status: .noContent)
  }
}

extension ModelDetail {
  fileprivate init(_ model: CatalogedModel, among records: [ImportedModelRecord]) {
    self.init(model)
    guard model.origin == .imported, let record = records.first(where: { $0.name == model.name })
    else { return }
    documents = record.documents
    size = record.size
    importedBy = record.importedBy
    importedAt = Timestamp(record.importedAt)
  }
}

extension Problem.Diagnostic {
  init(_ diagnostic: ModelDiagnostic) {
    self.init(
      severity: diagnostic.severity.rawValue, message: diagnostic.message,
      line: diagnostic.line > 0 ? diagnostic.line : nil, file: diagnostic.file)
  }
}

extension NewModel: RequestMembers {
  static let members: Set = ["files"]
}
