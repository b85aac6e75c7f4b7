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
      guard spend(place, child) else { break }
      let word = document.word(child)
      switch word {
      case .list: list = listFacet(child, place)
      case .default: defaultValue = self.defaultValue(child, place)
      case .dataType:
        let name = document.trimmed(child, .ref) ?? document.trimmed(child, .base) ?? ""
        made = facets(
          of: child, in: place, over: type(name, in: scope, at: child), clamp: scope.clamp)
      default:
        if let plain = plainTypes[word.rawValue] {
          made = facets(of: child, in: place, over: plain, clamp: scope.clamp)
        }
      }
    }
    var syntax = made ?? old ?? Syntax(.string)
    if let made, let old {
      // An edit that changes the type leaves what does not depend on it.
      if made.primitive == old.primitive {
        syntax = Syntax(made.facets.edited(from: old.facets))
      } else {
        syntax.units = made.units ?? old.units
      }
    }
    if let list {
      if let made { syntax.itemList = made.list }
      syntax.list = old?.list.map { list.filled(from: $0) } ?? list
    }
    if let defaultValue { syntax.defaultValue = defaultValue }
    guard spend(place, node, bytes: syntax.facets.size + (old?.facets.size ?? 0)) else {
      return Syntax(syntax.primitive)
    }
    if let hidden = document.flag(node, .hidden) { syntax.isHidden = hidden }
    if let secured = document.flag(node, .secured) { syntax.isSecured = secured }
    if let command = document.flag(node, .command) { syntax.isCommand = command }
    return syntax
  }

  private mutating func defaultValue(_ node: ModelDocument.Node, _ place: Int) -> DefaultValue {
    let document = documents[place]
    let text = document.trimmed(node, .type)
    let kind = text.flatMap(DefaultValue.Kind.init)
    if let text, kind == nil { note(.warning, place, node, "“\(text)” is no type of a default") }
    return DefaultValue(kind: kind ?? .object, value: document.string(node, .value) ?? "")
  }

  /// A named type with all that it inherits, under the name that it has where it is used.
  private mutating func type(_ name: String, in scope: Scope, at node: ModelDocument.Node)
    -> Syntax
  {
    var type = definedType(name, in: scope, at: node)
    // A document may have imported it under another.
    if let defined = type.typeName, defined != name { type.typeName = name }
    return type
  }

  private mutating func definedType(
    _ name: String, in scope: Scope, at node: ModelDocument.Node
  ) -> Syntax {
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
    guard openTypes.count <= Limits.depth else {
      note(.error, place, node, "the type “\(name)” is based on too many others")
      return Syntax(.string)
    }
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
    // What a parameter begins with is said where it is.
    made.defaultValue = nil
    types[found] = made
    return made
  }

  /// A type that a document uses and does not import, as many do, is looked for on the way outward, and then everywhere.
  private mutating func findType(_ name: String, _ scope: Scope) -> Definition? {
    if let found = find(name, in: scope.document, \.types, \.importedTypes) { return found }
    for place in scope.stack.reversed() {
      if let found = find(name, in: place, \.types, \.importedTypes) { return found }
    }
    if PrimitiveType(rawValue: name) != nil { return nil }
    if let typesAnywhere { return typesAnywhere[name] }
    var all: [String: Definition] = [:]
    for place in documents.indices {
      for (name, node) in names[place].types where all[name] == nil {
        all[name] = Definition(document: place, node: node)
      }
    }
    typesAnywhere = all
    return all[name]
  }

  /// What is written below a type, over what it inherits: each kind of facet as a whole.
  ///
  /// - Parameter clamp: no value came in an earlier version.
  mutating func facets(
    of node: ModelDocument.Node, in place: Int, over base: Syntax, clamp: ModelVersion? = nil
  ) -> Syntax {
    let document = documents[place]
    guard document.elements[Int(node)].firstChild >= 0 else { return base }
    guard spend(place, node, bytes: base.facets.size) else { return Syntax(base.primitive) }
    var own = Syntax.Facets(base.primitive)
    for child in document.children(node) {
      guard spend(place, child) else { break }
      switch document.word(child) {
      case .size: own.sizes.append(size(child, place))
      case .range, .decimalRange:
        own.ranges.append(
          NumberRange(
            least: document.trimmed(child, .minInclusive),
            most: document.trimmed(child, .maxInclusive), step: document.trimmed(child, .step)))
      case .enumeration: own.enumerations.append(enumeration(child, place, clamp))
      case .pattern: own.patterns.append(document.string(child, .value) ?? "")
      case .units: own.units = document.trimmed(child, .value)
      case .pathRef: own.references.append(reference(child, place, .path))
      case .instanceRef: own.references.append(reference(child, place, .instance))
      case .enumerationRef: own.references.append(reference(child, place, .enumeration))
      default: break
      }
    }
    return Syntax(own.filled(from: base.facets))
  }

  private func enumeration(
    _ node: ModelDocument.Node, _ place: Int, _ clamp: ModelVersion?
  ) -> Enumeration {
    let document = documents[place]
    var value = Enumeration(value: document.string(node, .value) ?? "")
    let access: ModelItem.Access? = document.keyword(node, .access)
    value.isWritable = access != .readOnly
    value.isOptional = document.flag(node, .optional) ?? false
    value.status = document.keyword(node, .status)
    value.version = document.trimmed(node, .version) ?? document.trimmed(node, .reportVersion)
    if let clamp, let text = value.version, let version = ModelVersion(text), version < clamp {
      value.version = clamp.description
    }
    value.code = document.number(node, .code)
    if let child = document.child(node, .description) { value.text = document.text(child) }
    return value
  }

  private func reference(_ node: ModelDocument.Node, _ place: Int, _ kind: Reference.Kind)
    -> Reference
  {
    let document = documents[place]
    let isEnumeration = kind == .enumeration
    var reference = Reference(kind: kind)
    reference.strength = document.keyword(node, .refType)
    reference.targets = document.words(node, isEnumeration ? .targetParam : .targetParent)
    reference.scope = document.keyword(
      node, isEnumeration ? .targetParamScope : .targetParentScope)
    reference.targetType = document.trimmed(node, .targetType)
    reference.targetDataType = document.trimmed(node, .targetDataType)
    reference.nullValue = document.string(node, .nullValue)
    return reference
  }

  private func size(_ node: ModelDocument.Node, _ place: Int) -> SizeRange {
    let document = documents[place]
    return SizeRange(
      document.number(node, .minLength), document.number(node, .maxLength))
  }

  mutating func listFacet(_ node: ModelDocument.Node, _ place: Int) -> ListFacet {
    let document = documents[place]
    var list = ListFacet(
      items: SizeRange(
        document.number(node, .minItems), document.number(node, .maxItems)),
      nestedBrackets: document.keyword(node, .nestedBrackets))
    for child in document.children(node) {
      guard spend(place, child) else { break }
      if document.word(child) == .size { list.sizes.append(size(child, place)) }
    }
    return list
  }
}
