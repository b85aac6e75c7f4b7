/// A compiled data model: every item with all that it inherits. Immutable; any number of sessions share one.
package struct DataModel: Sendable {
  /// For example `Device:2.19`.
  package let name: String
  /// The URN of the document that defines it.
  package let spec: String
  /// An item comes after those that it is in.
  package let items: [ModelItem]
  package let profiles: [ModelProfile]
  let index: PathIndex

  init(name: String, spec: String, items: [ModelItem], profiles: [ModelProfile]) {
    self.name = name
    self.spec = spec
    self.items = items
    self.profiles = profiles
    index = PathIndex(items)
  }

  /// Compiles a model.
  ///
  /// - Parameters:
  ///   - file: the document that defines it, which is in the library with all that it imports.
  ///   - name: nil: the document's last model that is none of a service or a part.
  /// - Returns: nil for the model where there is none; what was found wrong either way.
  package static func compile(
    _ file: String, model name: String? = nil, in library: ModelLibrary
  ) -> (model: DataModel?, diagnostics: [ModelDiagnostic]) {
    var compilation = Compilation(library: library)
    guard let place = compilation.document(file) else {
      return (nil, [ModelDiagnostic(.error, file: file, line: 0, "the document is not there")])
    }
    guard let name = name ?? compilation.mainModel(in: place) else {
      return (
        nil,
        compilation.diagnostics + [
          ModelDiagnostic(.error, file: file, line: 0, "the document has no model")
        ]
      )
    }
    compilation.compile(model: name, in: place)
    guard !compilation.items.isEmpty else {
      return (
        nil,
        compilation.diagnostics + [
          ModelDiagnostic(.error, file: file, line: 0, "the model “\(name)” has no items")
        ]
      )
    }
    return (
      DataModel(
        name: name, spec: compilation.documents[place].spec, items: compilation.items,
        profiles: compilation.profiles), compilation.diagnostics
    )
  }
}

extension Compilation {
  /// The model that a document is about: the last one of a root data model, else the last one.
  fileprivate func mainModel(in place: Int) -> String? {
    let document = documents[place]
    guard !document.elements.isEmpty else { return nil }
    let models = document.children(0).filter { document.word($0) == .model }
    let named = models.compactMap { document.trimmed($0, .name) }
    return named.last { $0.hasPrefix("Device:") || $0.hasPrefix("InternetGatewayDevice:") }
      ?? named.last { !$0.hasPrefix("_") } ?? named.last
  }
}
