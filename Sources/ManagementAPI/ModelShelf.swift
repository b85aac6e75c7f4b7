import DeviceModel
import Dispatch
import FleetStore
import Logging
import Synchronization

/// The data models that this node knows: those that come with the program, and those that operators brought.
package final class ModelShelf: Sendable {
  private struct State: Sendable {
    var catalog: ModelCatalog
    /// The imported models as they were last read, each with what came of compiling it.
    var imported: [String: (record: ImportedModelRecord, model: CatalogedModel?)] = [:]
    /// The reading that was begun last.
    var reading: Task<Void, any Error>?
  }

  private let shipped: [CatalogedModel]
  private let store: FleetStore
  private let logger: Logger
  private let state: Mutex<State>

  package init(shipped: [CatalogedModel], store: FleetStore, logger: Logger) {
    self.shipped = shipped
    self.store = store
    self.logger = logger
    state = Mutex(State(catalog: ModelCatalog(shipped)))
  }

  package var catalog: ModelCatalog { state.withLock(\.catalog) }

  /// Takes in what was imported and removed, on whichever node; one reading at a time.
  package func refresh() async throws {
    let reading = state.withLock { state in
      let before = state.reading
      let reading = Task {
        _ = await before?.result
        try await self.read()
      }
      state.reading = reading
      return reading
    }
    try await reading.value
  }

  private func read() async throws {
    let records = try await store.importedModels()
    var known = state.withLock(\.imported)
    guard
      known.mapValues(\.record)
        != Dictionary(records.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
    else {
      return
    }
    var next: [String: (record: ImportedModelRecord, model: CatalogedModel?)] = [:]
    for record in records {
      if let old = known.removeValue(forKey: record.name), old.record.sha256 == record.sha256,
        old.record.model == record.model
      {
        next[record.name] = (record, old.model)
      } else {
        next[record.name] = (record, try await compile(record))
      }
    }
    let models = shipped + next.values.compactMap(\.model)
    state.withLock { state in
      state.imported = next
      state.catalog = ModelCatalog(models)
    }
  }

  /// Nil where this release makes nothing of it, which is logged.
  private func compile(_ record: ImportedModelRecord) async throws -> CatalogedModel? {
    let bundle: ModelBundle
    do {
      // Removed in the meantime: the next reading sees it.
      guard let found = try await store.documents(of: record) else { return nil }
      bundle = found
    } catch let error as StoreError where error.code == .damaged {
      logger.error("\(error.message)")
      return nil
    }
    let compiled = await Self.offLoops {
      ModelReading(bundle.documents).compile(record.file, model: record.model).model
    }
    guard let compiled else {
      logger.error(
        "an imported data model can't be compiled", metadata: ["model": "\(record.name)"])
      return nil
    }
    return CatalogedModel(compiled, name: record.name, origin: .imported)
  }

  private static let queue = DispatchQueue(label: "data models")

  /// Does what takes long and waits for nothing, one such thing at a time, on a thread that no session needs.
  package static func offLoops<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async
    -> Value
  {
    await withCheckedContinuation { continuation in
      queue.async { continuation.resume(returning: work()) }
    }
  }
}

/// Documents of data models, read as far as they can be.
struct ModelReading {
  private(set) var library = ModelLibrary()
  /// What is wrong with those that can't be read.
  private(set) var failures: [ModelDiagnostic] = []

  init(_ documents: [ModelBundle.Document], limits: ModelDocument.Limits = .init()) {
    for document in documents {
      do throws(ModelDocument.Failure) {
        library.add(try ModelDocument(document.content, file: document.file, limits: limits))
      } catch {
        failures.append(error.diagnostic)
      }
    }
  }

  func compile(_ file: String, model: String?) -> (
    model: DataModel?, diagnostics: [ModelDiagnostic]
  ) {
    DataModel.compile(file, model: model, in: library)
  }
}
