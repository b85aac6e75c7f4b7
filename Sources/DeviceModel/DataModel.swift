/// A compiled data model: every item with all that it inherits. Immutable; any number of sessions share one.
package struct DataModel: Sendable {
  /// For example `Device:2.19`.
  package let name: String
  /// The URN of the document that defines it; the URI of the device type where it is the model of one.
  package let spec: String
  /// Where it is cut down to what the devices of a type have: the UUID of the document that says so.
  package let uuid: String?
  /// Whether it is cut down so.
  package let isOfDeviceType: Bool
  /// Whether it is of the flavour that USP has: with commands and events.
  package let isForUSP: Bool
  /// An item comes after those that it is in.
  package let items: [ModelItem]
  package let profiles: [ModelProfile]
  let index: PathIndex

  private init(_ compilation: Compilation, name: String, of document: ModelDocument) {
    self.name = name
    spec = document.spec
    uuid = document.uuid
    isOfDeviceType = document.isDeviceType
    items = compilation.items
    profiles = compilation.profiles
    index = compilation.index
    isForUSP = Self.isForUSP(compilation.items)
  }

  private static func isForUSP(_ items: [ModelItem]) -> Bool {
    items.contains { $0.kind == .command || $0.kind == .event }
  }

  /// Compiles a model, or cuts one down to what the devices of a type have.
  ///
  /// - Parameters:
  ///   - file: the document that defines it, or that describes the device type; it is in the library with all that it imports.
  ///   - name: nil: the document's last model that is none of a service or a part.
  /// - Returns: nil for the model where there is none; what was found wrong either way.
  package static func compile(
    _ file: String, model name: String? = nil, in library: ModelLibrary
  ) -> (model: DataModel?, diagnostics: [ModelDiagnostic]) {
    var compilation = Compilation(library: library)
    func failure(_ message: String) -> (DataModel?, [ModelDiagnostic]) {
      let last = ModelDiagnostic(.error, file: file, line: 0, message)
      return (nil, compilation.diagnostics + [last])
    }
    guard let place = compilation.load(file) else { return failure("the document is not there") }
    let document = compilation.documents[place]
    guard let name = name ?? compilation.mainModel(in: place) else {
      return failure("the document has no model")
    }
    if document.isDeviceType {
      compilation.compile(deviceTypeOf: name, in: place)
    } else {
      compilation.compile(model: name, in: place)
    }
    guard !compilation.items.isEmpty else { return failure("the model “\(name)” has no items") }
    return (DataModel(compilation, name: name, of: document), compilation.diagnostics)
  }
}

extension Compilation {
  /// The model that a document is about: the last one of a root data model, else the last one.
  fileprivate func mainModel(in place: Int) -> String? {
    let named = documents[place].models
    return named.last { $0.hasPrefix("Device:") || $0.hasPrefix("InternetGatewayDevice:") }
      ?? named.last { !$0.hasPrefix("_") } ?? named.last
  }
}
