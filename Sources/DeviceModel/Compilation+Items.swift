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
        guard spend(scope.document, child) else { return }
        if let owner = scope.owner { describe(owner, child, scope) }
      } else {
        apply(child, scope)
      }
    }
  }

  private mutating func describe(
    _ index: Int, _ node: ModelDocument.Node, _ scope: Scope
  ) {
    let document = documents[scope.document]
    let text = document.text(node)
    let old = items[index].text
    guard !old.isEmpty, let action = document.trimmed(node, .action), action != "replace",
      action != "create"
    else {
      items[index].text = text
      return
    }
    guard old.count + text.count <= Limits.text else {
      note(.warning, scope.document, node, "the description is too long to be added to")
      return
    }
    guard spend(scope.document, node, bytes: old.count + text.count) else { return }
    switch action {
    case "append": items[index].text = SharedText(old.string + "\n" + text.string)
    case "prefix": items[index].text = SharedText(text.string + "\n" + old.string)
    default:
      note(.warning, scope.document, node, "“\(action)” is nothing to do with a description")
      items[index].text = text
    }
  }

  // MARK: Objects

  private mutating func object(_ node: ModelDocument.Node, _ scope: Scope) {
    let document = documents[scope.document]
    guard let (name, isEdit) = name(of: node, scope.objectKind, scope) else { return }
    let isWhole = document.bytes[name.upperBound - 1] == UInt8(ascii: ".")
    let path = document.joined(scope.path, name, isWhole ? "" : ".")
    guard let index = item(path, scope.objectKind, isEdit: isEdit, node, scope) else { return }
    takeAccess(node, scope, index)
    var table = items[index].table ?? ModelItem.Table()
    if let least = document.number(node, .minEntries) { table.least = least }
    if let most = document.trimmed(node, .maxEntries) {
      table.most = entries(most, scope.document, node)
    }
    if scope.arguments == nil, let name = shortName(node, .numEntriesParameter, scope) {
      table.countParameter = name
    }
    if let name = shortName(node, .enableParameter, scope) { table.enableParameter = name }
    if let name = shortName(node, .discriminatorParameter, scope) {
      table.discriminatorParameter = name
    }
    if let type = shortName(node, .mountType, scope) { table.mountType = type }
    items[index].table = table
    var inner = scope
    inner.path = path
    inner.owner = index
    apply(childrenOf: node, inner)
  }

  /// The greatest number of entries; nil for any number.
  mutating func entries(_ text: String, _ place: Int, _ node: ModelDocument.Node) -> Int? {
    if let number = Int(text) { return number }
    if text != "unbounded" {
      note(.warning, place, node, "“\(text)” is no number of entries; taken for “unbounded”")
    }
    return nil
  }

  private mutating func shortName(
    _ node: ModelDocument.Node, _ word: ModelWord, _ scope: Scope
  ) -> String? {
    guard let range = documents[scope.document].trimmedRange(node, word) else { return nil }
    guard range.count <= Limits.path else {
      note(.error, scope.document, node, "“\(word)” has more than \(Limits.path) bytes")
      return nil
    }
    return documents[scope.document].string(range)
  }

  private mutating func uniqueKey(_ node: ModelDocument.Node, _ scope: Scope) {
    let document = documents[scope.document]
    guard let owner = scope.owner else { return }
    var key = ModelItem.UniqueKey(
      isFunctional: document.flag(node, .functional) ?? true, parameters: [])
    for child in document.children(node) {
      guard spend(scope.document, child) else { return }
      if let name = document.trimmed(child, .ref) { key.parameters.append(name) }
    }
    let known = items[owner].table?.uniqueKeys ?? []
    guard items[owner].table != nil, !key.parameters.isEmpty, !known.contains(key) else { return }
    guard known.count < Limits.uniqueKeys else {
      note(
        .error, scope.document, node, "more than \(Limits.uniqueKeys) keys; this one is left out")
      return
    }
    items[owner].table?.uniqueKeys.append(key)
  }

  // MARK: Parameters

  private mutating func parameter(_ node: ModelDocument.Node, _ scope: Scope) {
    let document = documents[scope.document]
    guard let (name, isEdit) = name(of: node, scope.parameterKind, scope) else { return }
    guard
      let index = item(
        document.joined(scope.path, name), scope.parameterKind, isEdit: isEdit, node, scope)
    else { return }
    takeAccess(node, scope, index)
    if scope.arguments == nil {
      takeNotification(node, scope, index)
    } else if let mandatory = document.flag(node, .mandatory) {
      items[index].isMandatory = mandatory
    }
    var old = items[index].syntax
    let hasSyntax = document.child(node, .syntax) != nil
    var isTyped = false
    for child in document.children(node) {
      guard spend(scope.document, child) else { break }
      switch document.word(child) {
      case .description: describe(index, child, scope)
      case .syntax:
        let new = syntax(child, in: scope, over: old)
        items[index].syntax = new
        old = new
      case let word:
        guard PrimitiveType(word) != nil, !hasSyntax, !isTyped else { continue }
        isTyped = true
        note(.warning, scope.document, child, "a type without “syntax” around it")
        items[index].syntax = syntax(node, in: scope, over: old)
      }
    }
    if items[index].syntax == nil {
      note(
        .warning, scope.document, node, "“\(items[index].path)” has no syntax; taken for a string")
      items[index].syntax = Syntax(.string)
    }
    if scope.arguments != nil, items[index].syntax?.defaultValue != nil {
      items[index].syntax?.defaultValue?.kind = .parameter
    }
  }

  private mutating func takeNotification(
    _ node: ModelDocument.Node, _ scope: Scope, _ index: Int
  ) {
    let document = documents[scope.document]
    if let forced = document.flag(node, .forcedInform) { items[index].isForcedInform = forced }
    guard let text = document.trimmed(node, .activeNotify) else { return }
    if let notify = ModelItem.ActiveNotify(rawValue: text) {
      items[index].activeNotify = notify
    } else {
      note(.warning, scope.document, node, "“\(text)” is no rule for active notification")
    }
  }

  // MARK: Commands and events

  private mutating func command(_ node: ModelDocument.Node, _ scope: Scope) {
    let document = documents[scope.document]
    guard let (name, isEdit) = name(of: node, .command, scope) else { return }
    let path = document.joined(scope.path, name)
    guard let index = item(path, .command, isEdit: isEdit, node, scope) else { return }
    if let asynchronous = document.flag(node, .async) { items[index].isAsynchronous = asynchronous }
    for child in document.children(node) {
      guard spend(scope.document, child) else { return }
      var inner = scope
      inner.owner = index
      switch document.word(child) {
      case .input:
        inner.path = path + ".Input."
        inner.arguments = .input
        apply(partsOf: child, inner)
      case .output:
        inner.path = path + ".Output."
        inner.arguments = .output
        apply(partsOf: child, inner)
      case .description: describe(index, child, scope)
      default: break
      }
    }
  }

  /// What `input`, `output` and components say of themselves says nothing of what they are put in.
  private mutating func apply(partsOf node: ModelDocument.Node, _ scope: Scope) {
    let document = documents[scope.document]
    for child in document.children(node) {
      guard spend(scope.document, child) else { return }
      if document.word(child) != .description { apply(child, scope) }
    }
  }

  private mutating func event(_ node: ModelDocument.Node, _ scope: Scope) {
    guard let (name, isEdit) = name(of: node, .event, scope) else { return }
    let path = documents[scope.document].joined(scope.path, name)
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
    guard openDefinitions.count <= Limits.depth else {
      note(.error, scope.document, node, "too many components within each other")
      return
    }
    var inner = scope
    inner.document = found.document
    if inner.stack.last != found.document { inner.stack.append(found.document) }
    inner.clamp = [
      scope.clamp,
      document.version(node, .version) ?? version(above: scope.owner),
    ].compactMap(\.self).max()
    if let path = document.trimmedRange(node, .path) {
      guard ItemName.isName(document.bytes[path], of: .object) else {
        note(.error, scope.document, node, "“\(document.string(path))” is no path of an object")
        return
      }
      let isWhole = document.bytes[path.upperBound - 1] == UInt8(ascii: ".")
      inner.path = document.joined(scope.path, path, isWhole ? "" : ".")
      inner.owner = index.exactPlace(of: inner.path, in: items)
    }
    apply(partsOf: found.node, inner)
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
    guard spend(scope.document, child) else { return }
    switch documents[scope.document].word(child) {
    case .command where scope.arguments != nil, .event where scope.arguments != nil:
      note(.error, scope.document, child, "arguments can have no commands or events; left out")
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

  private mutating func isVirtual(_ component: Definition) -> Bool {
    if let known = virtualComponents[component] { return known }
    let document = documents[component.document]
    let isVirtual =
      document.flag(component.node, .virtual) == true
      || !document.children(component.node).contains { document.word($0) != .description }
    virtualComponents[component] = isVirtual
    return isVirtual
  }

  // MARK: All

  /// Where the name of an item is, and whether it is to edit one that is there.
  private mutating func name(
    of node: ModelDocument.Node, _ kind: ModelItem.Kind, _ scope: Scope
  ) -> (Range<Int>, Bool)? {
    let document = documents[scope.document]
    let name = document.trimmedRange(node, .name)
    guard let range = name ?? document.trimmedRange(node, .base) else {
      if !document.has(node, .ref) {
        note(.error, scope.document, node, "an item without a name is left out")
      }
      return nil
    }
    guard ItemName.isName(document.bytes[range], of: kind) else {
      note(
        .error, scope.document, node,
        "“\(document.string(range))” can't be \(ItemName.form(of: kind)); it is left out")
      return nil
    }
    return (range, name == nil)
  }

  /// The place of an item, made where it is not there.
  private mutating func item(
    _ path: String, _ kind: ModelItem.Kind, isEdit: Bool, _ node: ModelDocument.Node,
    _ scope: Scope
  ) -> Int? {
    let document = documents[scope.document]
    let place: Int
    if let found = index.exactPlace(of: path, in: items) {
      guard items[found].kind == kind else {
        let other = items[found].kind.rawValue
        note(.error, scope.document, node, "“\(path)” is there already, as \(other)")
        return nil
      }
      place = found
    } else {
      if isEdit {
        note(.warning, scope.document, node, "“\(path)” is edited and was not there before")
      }
      guard let made = make(path, kind, node, scope) else { return nil }
      place = made
    }
    if let version = document.version(node, .version) {
      items[place].version = max(version, scope.clamp ?? version)
    } else if let version = document.version(node, .reportVersion) {
      items[place].version = version
    }
    if document.has(node, .status) {
      if let status: ItemStatus = document.keyword(node, .status) {
        items[place].status = max(status, items[place].status ?? status)
      } else {
        note(
          .warning, scope.document, node, "“\(document.trimmed(node, .status) ?? "")” is no status")
      }
    }
    return place
  }

  private mutating func make(
    _ path: String, _ kind: ModelItem.Kind, _ node: ModelDocument.Node, _ scope: Scope
  ) -> Int? {
    guard items.count < Limits.items else {
      note(.error, scope.document, node, "the model has more than \(Limits.items) items")
      return nil
    }
    guard path.utf8.count <= Limits.path else {
      note(.error, scope.document, node, "a path of more than \(Limits.path) bytes")
      return nil
    }
    guard path.utf8.count(where: { $0 == UInt8(ascii: ".") }) <= Limits.pathParts else {
      note(.error, scope.document, node, "a path of more than \(Limits.pathParts) parts")
      return nil
    }
    guard spend(scope.document, node, bytes: path.utf8.count) else { return nil }
    let document = documents[scope.document]
    var item = ModelItem(kind: kind, path: path)
    // Most are directly where they are put.
    if let owner = scope.owner, Self.isSimple(node, in: document) {
      item.parent = owner
    } else {
      let found = parent(of: path, kind)
      item.parent = found.place ?? scope.owner
      if !found.isNearest { orphans.append(items.count) }
    }
    items.append(item)
    index.add(path, at: items.count - 1)
    return items.count - 1
  }

  /// Whether the name of an item has no dots but one at its end.
  private static func isSimple(_ node: ModelDocument.Node, in document: ModelDocument) -> Bool {
    let name = document.trimmedRange(node, .name) ?? document.trimmedRange(node, .base)
    return name.map { !document.bytes[$0.dropLast()].contains(UInt8(ascii: ".")) } ?? false
  }

  private mutating func takeAccess(_ node: ModelDocument.Node, _ scope: Scope, _ index: Int) {
    guard scope.arguments == nil else { return }
    let document = documents[scope.document]
    if document.has(node, .access) {
      if let access: ModelItem.Access = document.keyword(node, .access) {
        items[index].access = access
      } else {
        note(
          .warning, scope.document, node, "“\(document.trimmed(node, .access) ?? "")” is no access")
      }
    }
    if items[index].access == nil { items[index].access = .readOnly }
  }
}
