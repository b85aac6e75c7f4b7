extension Compilation {
  /// A document whose imports are being followed.
  private struct Opened {
    var place: Int
    var imports: [ModelDocument.Node]
  }

  /// Reads the names of a document, and of all that it imports.
  ///
  /// - Returns: its place; nil where it is not there.
  mutating func load(_ file: String) -> Int? {
    if let place = places[file] { return place }
    guard let first = open(file) else { return nil }
    var path = [first]
    // The documents on the way to the one at hand: an import of one of them goes in a circle.
    var isOnPath = [first.place: true]
    while let current = path.last {
      guard let node = current.imports.last else {
        isOnPath[current.place] = nil
        path.removeLast()
        continue
      }
      path[path.count - 1].imports.removeLast()
      guard let target = target(of: node, in: current.place) else { continue }
      if let known = places[target] {
        if isOnPath[known] == true {
          note(
            .error, current.place, node,
            "“\(target)” is imported in a circle; what is imported here is left out")
        } else {
          enterImports(of: node, current.place, from: known)
        }
      } else if let opened = open(target) {
        enterImports(of: node, current.place, from: opened.place)
        isOnPath[opened.place] = true
        path.append(opened)
      }
    }
    return first.place
  }

  private mutating func open(_ file: String) -> Opened? {
    guard let document = library[file] else { return nil }
    let place = documents.count
    documents.append(document)
    places[file] = place
    names.append(Names())
    var imports: [ModelDocument.Node] = []
    guard !document.elements.isEmpty else { return Opened(place: place, imports: []) }
    for node in document.children(0) {
      switch document.word(node) {
      case .dataType: enter(node, place, \.types)
      case .component: enter(node, place, \.components)
      case .model: enter(node, place, \.models)
      case .import: imports.append(node)
      default: break
      }
    }
    return Opened(place: place, imports: imports.reversed())
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

  /// The document that an import means.
  private mutating func target(of node: ModelDocument.Node, in place: Int) -> String? {
    let document = documents[place]
    // Glossaries and bibliographies bring nothing that counts here.
    guard document.elements[Int(node)].firstChild >= 0 else { return nil }
    let file = document.trimmed(node, .file) ?? ""
    let spec = document.trimmed(node, .spec) ?? ""
    if let found = library.resolve(file: file, spec: spec) {
      compare(spec, library[found]?.spec ?? "", file, node, place)
      return found
    }
    note(.error, place, node, "“\(file)” is not among the documents")
    return nil
  }

  /// Says where a document is another issue than its importer wants; numbers that this leaves out are any.
  private mutating func compare(
    _ wanted: String, _ actual: String, _ file: String, _ node: ModelDocument.Node, _ place: Int
  ) {
    guard let meant = DocumentName(urn: wanted), let found = DocumentName(urn: actual),
      meant.series != found.series || !found.numbers.starts(with: meant.numbers)
    else { return }
    note(.warning, place, node, "“\(file)” is \(actual), and \(wanted) is wanted")
  }

  private mutating func enterImports(of node: ModelDocument.Node, _ place: Int, from other: Int) {
    let document = documents[place]
    for child in document.children(node) {
      guard let name = document.trimmed(child, .name) else { continue }
      let imported = Imported(document: other, name: document.trimmed(child, .ref) ?? name)
      switch document.word(child) {
      case .dataType: names[place].importedTypes[name] = imported
      case .component: names[place].importedComponents[name] = imported
      case .model: names[place].importedModels[name] = imported
      default: break
      }
    }
  }
}
