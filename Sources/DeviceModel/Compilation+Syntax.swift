extension Compilation {
  /// Reads `syntax`, which may add to what an item has already.
  mutating func syntax(
    _ node: ModelDocument.Node, in scope: Scope, over old: Syntax?
  ) -> Syntax {
    let place = scope.document
    let document = documents[place]
    var list: ListFacet?
    var made: Syntax?
    var defaultValue: DefaultValue?
    for child in document.children(node) {
      let word = document.word(child)
      switch word {
      case .list: list = listFacet(child, place)
      case .default:
        let text = document.trimmed(child, .type)
        defaultValue = DefaultValue(
          kind: text.flatMap(DefaultValue.Kind.init) ?? .object,
          value: document.string(child, .value) ?? "")
      case .dataType:
        let name = document.trimmed(child, .ref) ?? document.trimmed(child, .base) ?? ""
        var base = type(name, in: scope, at: child)
        base.defaultValue = nil
        made = facets(of: child, in: place, over: base)
      default:
        if let primitive = PrimitiveType(word) {
          made = facets(of: child, in: place, over: Syntax(primitive))
        }
      }
    }
    var syntax = made ?? old ?? Syntax(.string)
    if let made, let old {
      // An edit that changes the type leaves what does not depend on it.
      if made.primitive == old.primitive {
        syntax = made.filled(from: old)
      } else {
        syntax.units = made.units ?? old.units
      }
    }
    if let list {
      if made != nil { syntax.itemList = made?.list }
      syntax.list = list
    }
    if let defaultValue { syntax.defaultValue = defaultValue }
    if let hidden = document.flag(node, .hidden) { syntax.isHidden = hidden }
    if let secured = document.flag(node, .secured) { syntax.isSecured = secured }
    if let command = document.flag(node, .command) { syntax.isCommand = command }
    return syntax
  }

  /// A named type with all that it inherits.
  mutating func type(_ name: String, in scope: Scope, at node: ModelDocument.Node) -> Syntax {
    let place = scope.document
    guard let found = findType(name, scope) else {
      if let primitive = PrimitiveType(rawValue: name) { return Syntax(primitive) }
      note(.error, place, node, "the type “\(name)” is not there; taken for a string")
      return Syntax(.string)
    }
    if let known = types[found] { return known }
    guard openTypes.insert(found).inserted else {
      note(.error, place, node, "the type “\(name)” is based on itself; taken for a string")
      return Syntax(.string)
    }
    defer { openTypes.remove(found) }
    let document = documents[found.document]
    var inner = scope
    inner.document = found.document
    var made: Syntax
    if let base = document.trimmed(found.node, .base) ?? document.trimmed(found.node, .ref) {
      made = facets(
        of: found.node, in: found.document, over: type(base, in: inner, at: found.node))
    } else {
      made = syntax(found.node, in: inner, over: nil)
    }
    if let child = document.child(found.node, .list) {
      made.list = listFacet(child, found.document)
    }
    made.typeName = document.trimmed(found.node, .name)
    types[found] = made
    return made
  }

  /// A type that a document uses and does not import, as many do, is looked for on the way outward, and then everywhere.
  private mutating func findType(_ name: String, _ scope: Scope) -> Definition? {
    for place in [scope.document] + scope.stack.reversed() {
      if let found = find(name, in: place, \.types, \.importedTypes) { return found }
    }
    if PrimitiveType(rawValue: name) != nil { return nil }
    for place in documents.indices {
      if let node = names[place].types[name] { return Definition(document: place, node: node) }
    }
    return nil
  }

  /// What is written below a type, over what it inherits: each kind of facet as a whole.
  private mutating func facets(
    of node: ModelDocument.Node, in place: Int, over base: Syntax
  ) -> Syntax {
    let document = documents[place]
    var own = Syntax(base.primitive)
    for child in document.children(node) {
      switch document.word(child) {
      case .size: own.sizes.append(size(child, place))
      case .range, .decimalRange:
        own.ranges.append(
          NumberRange(
            least: document.trimmed(child, .minInclusive),
            most: document.trimmed(child, .maxInclusive), step: document.trimmed(child, .step)))
      case .enumeration:
        own.enumerations.append(
          Enumeration(
            value: document.string(child, .value) ?? "",
            isWritable: document.trimmed(child, .access) != "readOnly",
            isOptional: document.flag(child, .optional) ?? false,
            status: document.trimmed(child, .status).flatMap(ItemStatus.init),
            version: document.trimmed(child, .version) ?? document.trimmed(child, .reportVersion)))
      case .pattern: own.patterns.append(document.string(child, .value) ?? "")
      case .units: own.units = document.trimmed(child, .value)
      case .pathRef: own.references.append(reference(child, place, .path))
      case .instanceRef: own.references.append(reference(child, place, .instance))
      case .enumerationRef: own.references.append(reference(child, place, .enumeration))
      default: break
      }
    }
    return own.filled(from: base)
  }

  private func reference(_ node: ModelDocument.Node, _ place: Int, _ kind: Reference.Kind)
    -> Reference
  {
    let document = documents[place]
    return Reference(
      kind: kind, strength: document.trimmed(node, .refType).flatMap(Reference.Strength.init),
      targets: document.words(node, kind == .enumeration ? .targetParam : .targetParent),
      targetType: document.trimmed(node, .targetType),
      targetDataType: document.trimmed(node, .targetDataType),
      nullValue: document.string(node, .nullValue))
  }

  private func size(_ node: ModelDocument.Node, _ place: Int) -> SizeRange {
    let document = documents[place]
    return SizeRange(
      document.trimmed(node, .minLength).flatMap { Int($0) },
      document.trimmed(node, .maxLength).flatMap { Int($0) })
  }

  private func listFacet(_ node: ModelDocument.Node, _ place: Int) -> ListFacet {
    let document = documents[place]
    return ListFacet(
      items: SizeRange(
        document.trimmed(node, .minItems).flatMap { Int($0) },
        document.trimmed(node, .maxItems).flatMap { Int($0) }),
      sizes: document.children(node).filter { document.word($0) == .size }.map { size($0, place) })
  }
}

extension Syntax {
  /// This one, with the kinds of facets that it lacks from another.
  func filled(from base: Syntax) -> Syntax {
    var syntax = self
    if syntax.sizes.isEmpty { syntax.sizes = base.sizes }
    if syntax.ranges.isEmpty { syntax.ranges = base.ranges }
    if syntax.enumerations.isEmpty { syntax.enumerations = base.enumerations }
    if syntax.patterns.isEmpty { syntax.patterns = base.patterns }
    if syntax.references.isEmpty { syntax.references = base.references }
    syntax.units = units ?? base.units
    syntax.list = list ?? base.list
    syntax.itemList = itemList ?? base.itemList
    syntax.typeName = typeName ?? base.typeName
    syntax.defaultValue = defaultValue ?? base.defaultValue
    syntax.isHidden = isHidden || base.isHidden
    syntax.isSecured = isSecured || base.isSecured
    syntax.isCommand = isCommand || base.isCommand
    return syntax
  }
}
