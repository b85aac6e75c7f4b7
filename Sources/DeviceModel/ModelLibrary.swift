/// The documents among which imports are looked for.
package struct ModelLibrary: Sendable {
  private var documents: [String: ModelDocument] = [:]
  private var names: [(file: String, name: DocumentName)] = []

  package init() {}

  package mutating func add(_ document: ModelDocument) {
    if documents.updateValue(document, forKey: document.file) == nil,
      let name = DocumentName(document.file)
    {
      names.append((document.file, name))
    }
  }

  package var count: Int { documents.count }

  package var files: [String] { documents.keys.sorted() }

  package subscript(_ file: String) -> ModelDocument? { documents[file] }

  /// The document that an import means: the one of that name, else the newest that fits it.
  ///
  /// - Parameters:
  ///   - file: as written; only a name, never a path or a URL.
  ///   - spec: the URN beside it; empty where there is none.
  func resolve(file: String, spec: String) -> String? {
    documents[file] != nil ? file : Self.choose(file, spec, among: names)
  }

  /// As above, among documents of which only the names are known.
  package static func choose(file: String, spec: String, among files: some Collection<String>)
    -> String?
  {
    if files.contains(file) { return file }
    return choose(
      file, spec, among: files.compactMap { file in DocumentName(file).map { (file, $0) } })
  }

  private static func choose(
    _ file: String, _ spec: String, among names: [(file: String, name: DocumentName)]
  ) -> String? {
    guard !file.contains("/"), let named = DocumentName(file) else { return nil }
    let meant = named.completed(by: DocumentName(urn: spec))
    for wanted in meant == named ? [named] : [meant, named] {
      let fitting = names.filter { wanted.means($0.name) }
      let newest = fitting.max { $0.name.numbers.lexicographicallyPrecedes($1.name.numbers) }
      if let newest { return newest.file }
    }
    return nil
  }

  /// The names of the files that a document imports, with the URNs beside them; for whoever gathers documents.
  package static func imports(of document: ModelDocument) -> [(file: String, spec: String)] {
    guard !document.elements.isEmpty else { return [] }
    return document.children(0).filter { document.word($0) == .import }.map {
      (document.trimmed($0, .file) ?? "", document.trimmed($0, .spec) ?? "")
    }
  }
}
