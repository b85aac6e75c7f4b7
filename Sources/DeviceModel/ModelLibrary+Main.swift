extension ModelLibrary {
  /// The document to compile: the first of some that has the model and that none of the others imports.
  ///
  /// - Parameters:
  ///   - files: the names of documents, in the order in which somebody gave them.
  ///   - model: nil: any.
  package func main(among files: [String], model: String?) -> String? {
    let having = files.filter { file in
      let models = self[file]?.models ?? []
      return model.map(models.contains) ?? !models.isEmpty
    }
    let imported = Set(having.flatMap { imports(of: $0) })
    return having.first { !imported.contains($0) } ?? having.first
  }

  /// A document and all that it needs, as far as it is here.
  package func needed(by file: String) -> Set<String> {
    var needed: Set<String> = []
    var open = [file]
    while let next = open.popLast() {
      guard self[next] != nil, needed.insert(next).inserted else { continue }
      open += imports(of: next)
    }
    return needed
  }

  private func imports(of file: String) -> [String] {
    (self[file].map(Self.imports) ?? []).compactMap { resolve(file: $0.file, spec: $0.spec) }
  }
}
