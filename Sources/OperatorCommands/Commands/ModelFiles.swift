import DeviceModel
import Foundation

/// Documents of data models on this machine: those that were named, and what they import, beside them.
struct ModelFiles {
  private(set) var library = ModelLibrary()
  /// What was read, as it is.
  private(set) var contents: [String: Data] = [:]
  private(set) var diagnostics: [ModelDiagnostic] = []
  /// The documents that were named, in their order.
  private var named: [String] = []
  /// The names of the documents in the directories of those, with their paths.
  private var beside: [String: URL] = [:]

  /// More than any published model has by far.
  private static let maxDocuments = 2_000

  mutating func read(_ path: String) throws {
    let file = URL(fileURLWithPath: path)
    let content: Data
    do {
      content = try Data(contentsOf: file)
    } catch {
      throw CommandFailure(.usage, DisplayText.escaped("“\(path)” can't be read"))
    }
    named.append(file.lastPathComponent)
    add(content, file.lastPathComponent)
    let directory = file.deletingLastPathComponent()
    for name in (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
    where name.hasSuffix(".xml") && beside[name] == nil {
      beside[name] = directory.appendingPathComponent(name)
    }
  }

  /// Reads what the documents import, and what that imports, as far as it is there.
  mutating func readImports() {
    var looked: Set<String> = []
    while let file = library.files.first(where: { !looked.contains($0) }) {
      looked.insert(file)
      guard let document = library[file] else { continue }
      for imported in ModelLibrary.imports(of: document) {
        guard library.count < Self.maxDocuments,
          let name = ModelLibrary.choose(
            file: imported.file, spec: imported.spec, among: beside.keys),
          library[name] == nil, let path = beside[name], let content = try? Data(contentsOf: path)
        else { continue }
        add(content, name)
      }
    }
  }

  private mutating func add(_ content: Data, _ file: String) {
    do throws(ModelDocument.Failure) {
      library.add(try ModelDocument(Array(content), file: file))
      contents[file] = content
    } catch {
      diagnostics.append(error.diagnostic)
    }
  }

  /// The document to compile: the first of those that were named which has the model and which none of the others imports.
  func main(model: String?) throws -> String {
    if let file = library.main(among: named, model: model) { return file }
    var lines = diagnostics.map(\.description)
    lines.append(
      model.map { "none of the documents has the model “\($0)”" }
        ?? "none of the documents has a model")
    throw CommandFailure(.usage, DisplayText.escaped(lines.joined(separator: "\n")))
  }

  /// The model of some files, compiled; what is wrong is told on standard error.
  ///
  /// - Throws: ``CommandFailure`` where there is none.
  static func compile(_ paths: [String], model: String?) throws -> DataModel {
    var documents = ModelFiles()
    for path in paths { try documents.read(path) }
    documents.readImports()
    let file = try documents.main(model: model)
    let (compiled, found) = DataModel.compile(file, model: model, in: documents.library)
    for diagnostic in documents.diagnostics + found {
      Terminal.note(DisplayText.escaped(diagnostic.description))
    }
    guard let compiled else {
      throw CommandFailure(.usage, DisplayText.escaped("\(file): there is no model to use"))
    }
    return compiled
  }
}
