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
    var document: Int
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

  /// What a model may cost; far more than any published one does.
  enum Limits {
    static let diagnostics = 1_000
    /// The largest published model has 9,000.
    static let items = 200_000
    /// Elements that are looked at, each as often as it is; 64 bytes of facts or 64 children count as one more. The largest
    /// published model takes 93,000.
    static let work = 500_000
    /// Components, types and models within each other.
    static let depth = 100
    /// Bytes; the longest published path has 177.
    static let path = 1_000
    /// Names and `{i}` in a path; the deepest published one has 20.
    static let pathParts = 64
    /// Bytes of a description that is put together from several.
    static let text = 1 << 20
    static let uniqueKeys = 100
    /// Profiles that one names as its own, and the bytes of their names.
    static let includes = 100
    static let includedNames = 8 << 10
  }

  let library: ModelLibrary
  var documents: [ModelDocument] = []
  var names: [Names] = []
  var places: [String: Int] = [:]
  var diagnostics: [ModelDiagnostic] = []

  var items: [ModelItem] = []
  /// Items of which what they are directly in was not there when they came.
  var orphans: [Int] = []
  var index = PathIndex()
  var profiles: [ModelProfile] = []
  var profilesByName: [String: Int] = [:]
  /// The version of what has none of its own.
  var floor: ModelVersion?
  var types: [Definition: Syntax] = [:]
  /// Of the base types, by their words.
  var plainTypes: [Syntax?] = ModelWord.allCases.map { PrimitiveType($0).map { Syntax($0) } }
  /// Where types are first defined, whatever is visible where; made when it is needed.
  var typesAnywhere: [String: Definition]?
  /// Definitions that are being resolved, against circles.
  var openTypes: Set<Definition> = []
  var openDefinitions: Set<Definition> = []
  /// Whether components are only places for others, where it is known.
  var virtualComponents: [Definition: Bool] = [:]
  private var work = 0

  init(library: ModelLibrary) { self.library = library }

  mutating func note(
    _ severity: ModelDiagnostic.Severity, _ document: Int, _ node: ModelDocument.Node,
    _ message: String
  ) {
    guard diagnostics.count < Limits.diagnostics else { return }
    diagnostics.append(
      ModelDiagnostic(
        severity, file: documents[document].file, line: documents[document].line(node), message))
  }

  /// Whether there is work left for one more element; told once where there is not.
  ///
  /// - Parameter bytes: what is copied or compared besides the element itself.
  mutating func spend(_ document: Int, _ node: ModelDocument.Node, bytes: Int = 0) -> Bool {
    guard work < Limits.work else { return false }
    work += 1 + (documents[document].size(node) + bytes) / 64
    guard work >= Limits.work else { return true }
    note(.error, document, node, "the model takes more than \(Limits.work) steps; it ends here")
    return false
  }

  // MARK: Names

  /// Where a name that is visible in a document is defined.
  func find(
    _ name: String, in place: Int, _ own: KeyPath<Names, [String: ModelDocument.Node]>,
    _ imported: KeyPath<Names, [String: Imported]>
  ) -> Definition? {
    var name = name
    var place = place
    // Imports do not go in circles: each step leads to another document.
    while true {
      if let node = names[place][keyPath: own][name] {
        return Definition(document: place, node: node)
      }
      guard let next = names[place][keyPath: imported][name] else { return nil }
      name = next.name
      place = next.document
    }
  }

  func findModel(_ name: String, in place: Int) -> Definition? {
    find(name, in: place, \.models, \.importedModels)
  }

  // MARK: Models

  /// Compiles a model of a document.
  mutating func compile(model name: String, in place: Int) {
    guard let model = findModel(name, in: place) else { return }
    items.reserveCapacity(documents.reduce(0) { $0 + $1.elements.count } / 6)
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
    guard openDefinitions.count <= Limits.depth else {
      note(.error, model.document, model.node, "the model is based on too many others")
      return
    }
    let document = documents[model.document]
    if let base = document.trimmed(model.node, .base) {
      if let found = findModel(base, in: model.document), found != model {
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
    adopt()
    unifyRequirements()
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
    guard let told = document.version(model.node, .version) ?? first else { return nil }
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
