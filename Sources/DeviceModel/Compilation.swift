/// Makes a data model of the documents that describe it.
///
/// Items are expanded at the point where they are referred to, in the order of the document; a later edit wins.
struct Compilation {
  /// What a document makes visible under a name.
  struct Definition: Hashable {
    var document: Int
    var node: ModelDocument.Node
  }

  /// A name that a document has from another.
  struct Imported {
    var file: String
    var name: String
  }

  struct Names {
    var types: [String: ModelDocument.Node] = [:]
    var components: [String: ModelDocument.Node] = [:]
    var models: [String: ModelDocument.Node] = [:]
    var importedTypes: [String: Imported] = [:]
    var importedComponents: [String: Imported] = [:]
    var importedModels: [String: Imported] = [:]
  }

  let library: ModelLibrary
  var documents: [ModelDocument] = []
  var names: [Names] = []
  var places: [String: Int] = [:]
  var diagnostics: [ModelDiagnostic] = []

  var items: [ModelItem] = []
  var byPath: [String: Int] = [:]
  var profiles: [ModelProfile] = []
  /// The version below which an item's is raised, where the component that brought it was included with one.
  /// The version of what has none of its own.
  var floor: ModelVersion?
  var types: [Definition: Syntax] = [:]
  /// Definitions that are being resolved, against circles.
  var openTypes: Set<Definition> = []
  var openDefinitions: Set<Definition> = []

  static let maxDiagnostics = 1_000
  /// Items of one model; the largest published one has 9,000.
  static let maxItems = 200_000

  init(library: ModelLibrary) { self.library = library }

  mutating func note(
    _ severity: ModelDiagnostic.Severity, _ document: Int, _ node: ModelDocument.Node,
    _ message: @autoclosure () -> String
  ) {
    guard diagnostics.count < Self.maxDiagnostics else { return }
    diagnostics.append(
      ModelDiagnostic(
        severity, file: documents[document].file, line: documents[document].line(node), message()))
  }

  // MARK: Documents and names

  /// The place of a document, read in as far as its names go.
  mutating func document(_ file: String) -> Int? {
    if let place = places[file] { return place }
    guard let document = library[file] else { return nil }
    let place = documents.count
    documents.append(document)
    places[file] = place
    names.append(Names())
    guard !document.elements.isEmpty else { return place }
    for node in document.children(0) {
      switch document.word(node) {
      case .dataType: enter(node, place, \.types)
      case .component: enter(node, place, \.components)
      case .model: enter(node, place, \.models)
      case .import: enterImports(of: node, place)
      default: break
      }
    }
    return place
  }

  private mutating func enter(
    _ node: ModelDocument.Node, _ place: Int,
    _ kind: WritableKeyPath<Names, [String: ModelDocument.Node]>
  ) {
    guard let name = documents[place].trimmed(node, .name) else { return }
    if names[place][keyPath: kind].updateValue(node, forKey: name) != nil {
      note(.warning, place, node, "“\(name)” is defined more than once; the last one counts")
    }
  }

  private mutating func enterImports(of node: ModelDocument.Node, _ place: Int) {
    let document = documents[place]
    let file = document.trimmed(node, .file) ?? ""
    let spec = document.trimmed(node, .spec) ?? ""
    guard let found = library.resolve(file: file, spec: spec) else {
      // Glossaries and bibliographies bring nothing that counts here.
      if document.elements[Int(node)].firstChild >= 0 {
        note(.error, place, node, "“\(file)” is not among the documents")
      }
      return
    }
    for child in document.children(node) {
      guard let name = document.trimmed(child, .name) else { continue }
      let imported = Imported(file: found, name: document.trimmed(child, .ref) ?? name)
      switch document.word(child) {
      case .dataType: names[place].importedTypes[name] = imported
      case .component: names[place].importedComponents[name] = imported
      case .model: names[place].importedModels[name] = imported
      default: break
      }
    }
  }

  /// Where a name that is visible in a document is defined.
  mutating func find(
    _ name: String, in place: Int, _ own: KeyPath<Names, [String: ModelDocument.Node]>,
    _ imported: KeyPath<Names, [String: Imported]>
  ) -> Definition? {
    var name = name
    var place = place
    // A chain of imports is as long as there are documents, unless it goes in a circle.
    for _ in 0...library.count {
      if let node = names[place][keyPath: own][name] {
        return Definition(document: place, node: node)
      }
      guard let next = names[place][keyPath: imported][name], let other = document(next.file)
      else { return nil }
      name = next.name
      place = other
    }
    return nil
  }

  // MARK: Models

  /// Compiles a model of a document.
  mutating func compile(model name: String, in place: Int) {
    guard let model = find(name, in: place, \.models, \.importedModels) else { return }
    floor = version(ofModel: model, name)
    expand(model, Scope(document: model.document, stack: [place]))
    finish()
  }

  private mutating func expand(_ model: Definition, _ scope: Scope) {
    guard openDefinitions.insert(model).inserted else {
      note(.error, model.document, model.node, "the model is based on itself")
      return
    }
    defer { openDefinitions.remove(model) }
    let document = documents[model.document]
    if let base = document.trimmed(model.node, .base) {
      if let found = find(base, in: model.document, \.models, \.importedModels), found != model {
        var inner = scope
        inner.document = found.document
        inner.stack.append(found.document)
        expand(found, inner)
      } else {
        note(
          .error, model.document, model.node,
          "the model “\(base)”, on which it is based, is not there")
      }
    }
    apply(childrenOf: model.node, scope)
  }

  // MARK: What is derived at the end

  private mutating func finish() {
    for index in items.indices {
      let parent = items[index].parent
      let above = parent.map { items[$0].effectiveStatus } ?? .current
      items[index].effectiveStatus = max(items[index].status ?? .current, above)
      items[index].effectiveVersion =
        items[index].version ?? parent.flatMap { items[$0].effectiveVersion } ?? floor
    }
  }

  /// The version in which a model's items came that tell none: that of the model's first issue, and not before USP had one.
  private func version(ofModel model: Definition, _ name: String) -> ModelVersion? {
    let document = documents[model.document]
    let parts = name.split(separator: ":")
    let first = parts.last.flatMap { $0.split(separator: ".").first }.flatMap {
      ModelVersion("\($0).0")
    }
    guard
      let told = document.trimmed(model.node, .version).flatMap({ ModelVersion($0) }) ?? first
    else { return nil }
    guard document.file.hasSuffix("-usp.xml") || document.file.contains("-usp-"),
      let oldest = parts.first.flatMap({ Self.firstWithUSP[String($0)] }),
      let version = ModelVersion(oldest)
    else { return told }
    return max(told, version)
  }

  private static let firstWithUSP = [
    "Device": "2.12", "FAPService": "2.1.1", "StorageService": "1.3.1", "STBService": "1.4.1",
    "VoiceService": "2.0.1",
  ]
}
