extension Compilation {
  /// Where the elements of a document are put.
  struct Scope {
    /// The document in which the names are to be understood.
    var document: Int
    /// The documents through which the way led here, the outermost first.
    var stack: [Int]
    /// Put in front of the names of objects.
    var path = ""
    /// The item to which parameters belong.
    var owner: Int?
    var arguments: Arguments?
    var clamp: ModelVersion?

    enum Arguments {
      case input, output, event
    }

    var parameterKind: ModelItem.Kind {
      switch arguments {
      case nil: .parameter
      case .input: .inputParameter
      case .output: .outputParameter
      case .event: .eventParameter
      }
    }

    var objectKind: ModelItem.Kind {
      switch arguments {
      case nil: .object
      case .input: .inputObject
      case .output: .outputObject
      case .event: .eventObject
      }
    }
  }

  mutating func apply(childrenOf node: ModelDocument.Node, _ scope: Scope) {
    let document = documents[scope.document]
    for child in document.children(node) {
      if document.word(child) == .description {
        if let owner = scope.owner { items[owner].description = document.text(child) }
      } else {
        apply(child, scope)
      }
    }
  }

  // MARK: Objects

  private mutating func object(_ node: ModelDocument.Node, _ scope: Scope) {
    let document = documents[scope.document]
    guard let (name, isEdit) = name(of: node, scope) else { return }
    let path = scope.path + (name.hasSuffix(".") ? name : name + ".")
    guard let index = item(path, scope.objectKind, isEdit: isEdit, node, scope) else { return }
    if items[index].table == nil { items[index].table = ModelItem.Table() }
    takeAccess(node, scope, index)
    if let least = document.trimmed(node, .minEntries).flatMap({ Int($0) }) {
      items[index].table?.least = least
    }
    if let most = document.trimmed(node, .maxEntries) { items[index].table?.most = Int(most) }
    for (word, target) in [
      (ModelWord.numEntriesParameter, \ModelItem.Table.countParameter),
      (.enableParameter, \.enableParameter),
      (.discriminatorParameter, \.discriminatorParameter), (.mountType, \.mountType),
    ] {
      guard let value = document.trimmed(node, word) else { continue }
      if word == .numEntriesParameter, scope.arguments != nil { continue }
      items[index].table?[keyPath: target] = value
    }
    var inner = scope
    inner.path = path
    inner.owner = index
    apply(childrenOf: node, inner)
  }

  private mutating func uniqueKey(_ node: ModelDocument.Node, _ scope: Scope) {
    let document = documents[scope.document]
    guard let owner = scope.owner else { return }
    let key = ModelItem.UniqueKey(
      isFunctional: document.flag(node, .functional) ?? true,
      parameters: document.children(node).compactMap { document.trimmed($0, .ref) })
    guard !key.parameters.isEmpty, items[owner].table?.uniqueKeys.contains(key) == false else {
      return
    }
    items[owner].table?.uniqueKeys.append(key)
  }

  // MARK: Parameters

  private mutating func parameter(_ node: ModelDocument.Node, _ scope: Scope) {
    let document = documents[scope.document]
    guard let (name, isEdit) = name(of: node, scope) else { return }
    guard
      let index = item(scope.path + name, scope.parameterKind, isEdit: isEdit, node, scope)
    else { return }
    takeAccess(node, scope, index)
    if let mandatory = document.flag(node, .mandatory) { items[index].isMandatory = mandatory }
    if let child = document.child(node, .description) {
      items[index].description = document.text(child)
    }
    if let child = document.child(node, .syntax) {
      items[index].syntax = syntax(child, in: scope, over: items[index].syntax)
    } else if let child = document.children(node).first(where: {
      PrimitiveType(document.word($0)) != nil
    }) {
      note(.warning, scope.document, child, "a type without “syntax” around it")
      items[index].syntax = syntax(node, in: scope, over: items[index].syntax)
    }
    if items[index].syntax == nil {
      note(.warning, scope.document, node, "“\(name)” has no syntax; taken for a string")
      items[index].syntax = Syntax(.string)
    }
    if scope.arguments != nil { items[index].syntax?.defaultValue?.kind = .parameter }
  }

  // MARK: Commands and events

  private mutating func command(_ node: ModelDocument.Node, _ scope: Scope) {
    let document = documents[scope.document]
    guard let (name, isEdit) = name(of: node, scope) else { return }
    let path = scope.path + name
    guard let index = item(path, .command, isEdit: isEdit, node, scope) else { return }
    if let asynchronous = document.flag(node, .async) { items[index].isAsynchronous = asynchronous }
    for child in document.children(node) {
      var inner = scope
      inner.owner = index
      switch document.word(child) {
      case .input:
        inner.path = path + ".Input."
        inner.arguments = .input
        apply(childrenOf: child, inner)
      case .output:
        inner.path = path + ".Output."
        inner.arguments = .output
        apply(childrenOf: child, inner)
      case .description: items[index].description = document.text(child)
      default: break
      }
    }
  }

  private mutating func event(_ node: ModelDocument.Node, _ scope: Scope) {
    guard let (name, isEdit) = name(of: node, scope) else { return }
    let path = scope.path + name
    guard let index = item(path, .event, isEdit: isEdit, node, scope) else { return }
    var inner = scope
    inner.owner = index
    inner.path = path + "."
    inner.arguments = .event
    apply(childrenOf: node, inner)
  }

  // MARK: Components

  private mutating func component(_ node: ModelDocument.Node, _ scope: Scope) {
    let document = documents[scope.document]
    guard let name = document.trimmed(node, .ref) else { return }
    guard let found = findComponent(name, scope) else {
      note(.error, scope.document, node, "the component “\(name)” is not there")
      return
    }
    guard openDefinitions.insert(found).inserted else {
      note(.error, scope.document, node, "the component “\(name)” contains itself")
      return
    }
    defer { openDefinitions.remove(found) }
    var inner = scope
    inner.document = found.document
    if inner.stack.last != found.document { inner.stack.append(found.document) }
    inner.clamp = [
      scope.clamp,
      document.trimmed(node, .version).flatMap { ModelVersion($0) } ?? version(above: scope.owner),
    ].compactMap(\.self).max()
    if let path = document.trimmed(node, .path) {
      inner.path = scope.path + path
      inner.owner = byPath[inner.path]
    }
    let body = documents[found.document]
    for child in body.children(found.node) where body.word(child) != .description {
      apply(child, inner)
    }
  }

  private func version(above owner: Int?) -> ModelVersion? {
    var place = owner
    while let current = place {
      if let version = items[current].version { return version }
      place = items[current].parent
    }
    return floor
  }

  private mutating func apply(_ child: ModelDocument.Node, _ scope: Scope) {
    switch documents[scope.document].word(child) {
    case .object: object(child, scope)
    case .parameter: parameter(child, scope)
    case .command: command(child, scope)
    case .event: event(child, scope)
    case .component: component(child, scope)
    case .profile: profile(child, scope)
    case .uniqueKey: uniqueKey(child, scope)
    default: break
    }
  }

  /// A component that is only a place for another is looked for on the way outward.
  private mutating func findComponent(_ name: String, _ scope: Scope) -> Definition? {
    let near = find(name, in: scope.document, \.components, \.importedComponents)
    if let near, !isVirtual(near) { return near }
    for place in scope.stack.reversed() {
      if let found = find(name, in: place, \.components, \.importedComponents), !isVirtual(found) {
        return found
      }
    }
    return near
  }

  private func isVirtual(_ component: Definition) -> Bool {
    let document = documents[component.document]
    return document.flag(component.node, .virtual) == true
      || !document.children(component.node).contains { document.word($0) != .description }
  }

  // MARK: All

  /// The name of an item, and whether it is to edit one that is there.
  private mutating func name(of node: ModelDocument.Node, _ scope: Scope) -> (String, Bool)? {
    let document = documents[scope.document]
    if let name = document.trimmed(node, .name) { return (name, false) }
    if let base = document.trimmed(node, .base) { return (base, true) }
    if !document.has(node, .ref) {
      note(.error, scope.document, node, "an item without a name is left out")
    }
    return nil
  }

  /// The place of an item, made where it is not there.
  private mutating func item(
    _ path: String, _ kind: ModelItem.Kind, isEdit: Bool, _ node: ModelDocument.Node,
    _ scope: Scope
  ) -> Int? {
    let document = documents[scope.document]
    let index: Int
    if let found = byPath[path] {
      index = found
    } else {
      if isEdit {
        note(.warning, scope.document, node, "“\(path)” is edited and was not there before")
      }
      guard items.count < Self.maxItems else {
        if items.count == Self.maxItems {
          note(.error, scope.document, node, "the model has more than \(Self.maxItems) items")
        }
        return nil
      }
      index = items.count
      var item = ModelItem(kind: kind, path: path)
      // Most are directly where they are put.
      let isPutThere = path.utf8.dropFirst(scope.path.utf8.count).dropLast().allSatisfy {
        $0 != UInt8(ascii: ".")
      }
      item.parent = isPutThere && scope.owner != nil ? scope.owner : parent(of: path) ?? scope.owner
      items.append(item)
      byPath[path] = index
    }
    if let version = document.trimmed(node, .version).flatMap({ ModelVersion($0) }) {
      items[index].version = max(version, scope.clamp ?? version)
    } else if let version = document.trimmed(node, .reportVersion).flatMap({ ModelVersion($0) }) {
      items[index].version = version
    }
    if let text = document.trimmed(node, .status), let status = ItemStatus(rawValue: text) {
      items[index].status = max(status, items[index].status ?? status)
    }
    return index
  }

  /// The object, command or event that a path is directly in.
  private func parent(of path: String) -> Int? {
    var rest = path.utf8[...]
    if rest.last == UInt8(ascii: ".") { rest = rest.dropLast() }
    while let dot = rest.lastIndex(of: UInt8(ascii: ".")) {
      if let found = byPath[String(path[...dot])] ?? byPath[String(path[..<dot])] { return found }
      rest = rest[..<dot]
    }
    return nil
  }

  private mutating func takeAccess(_ node: ModelDocument.Node, _ scope: Scope, _ index: Int) {
    guard scope.arguments == nil else { return }
    let document = documents[scope.document]
    if let text = document.trimmed(node, .access) {
      if let access = ModelItem.Access(rawValue: text) {
        items[index].access = access
      } else {
        note(.warning, scope.document, node, "“\(text)” is no access")
      }
    }
    if items[index].access == nil { items[index].access = .readOnly }
  }
}
