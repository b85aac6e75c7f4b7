/// The named types of a model, each with what all its users have of it.
struct SharedTypes: Sendable {
  private var types: [String: Syntax] = [:]

  /// In their order.
  var names: [String] { types.keys.sorted() }

  subscript(_ name: String) -> Syntax? { types[name] }

  /// - Parameter syntaxes: those of all items.
  init(_ syntaxes: [Syntax]) {
    var users: [String: [Syntax]] = [:]
    for syntax in syntaxes {
      if let name = syntax.typeName { users[name, default: []].append(syntax) }
    }
    types = users.compactMapValues { Self.type(of: $0) }
  }

  private static func type(of users: [Syntax]) -> Syntax? {
    guard let primitive = mostFrequent(users.map(\.primitive)) else { return nil }
    var type = Syntax(primitive)
    // Where a list of the type's items is a list again, the type is one.
    type.list = mostFrequent(users.compactMap(\.itemList))
    let fitting = users.filter { fits($0, type) }
    func shared<Facet: Hashable>(_ kind: KeyPath<Syntax, [Facet]>) -> [Facet] {
      let values = fitting.map { $0[keyPath: kind] }
      // What one of them lacks can't be the type's: nothing takes it away.
      return values.contains([]) ? [] : mostFrequent(values) ?? []
    }
    type.sizes = shared(\.sizes)
    type.ranges = shared(\.ranges)
    type.enumerations = shared(\.enumerations)
    type.patterns = shared(\.patterns)
    type.references = shared(\.references)
    let units = fitting.map(\.units)
    type.units = units.contains(nil) ? nil : mostFrequent(units) ?? nil
    return type
  }

  /// The first of those that are there most often.
  private static func mostFrequent<Value: Hashable>(_ values: [Value]) -> Value? {
    var counts: [Value: Int] = [:]
    for value in values { counts[value, default: 0] += 1 }
    let most = counts.values.max()
    return values.first { counts[$0] == most }
  }

  private static func fits(_ user: Syntax, _ type: Syntax) -> Bool {
    user.primitive == type.primitive
      && (user.itemList == type.list || user.itemList == nil && user.list == type.list)
  }

  /// The type of a syntax, where it can be written as that type with more of its own.
  func type(of syntax: Syntax) -> Syntax? {
    guard let name = syntax.typeName, let type = types[name], Self.fits(syntax, type) else {
      return nil
    }
    return type
  }
}

/// A syntax as TR-106 writes it.
enum SyntaxText {
  /// The element `syntax`.
  static func element(_ syntax: Syntax, _ types: SharedTypes) -> String {
    var tag = XMLTag("syntax")
    if syntax.isHidden { tag.add("hidden", "true") }
    if syntax.isSecured { tag.add("secured", "true") }
    if syntax.isCommand { tag.add("command", "true") }
    var content = ""
    if let type = types.type(of: syntax), let name = syntax.typeName {
      // A type that is a list itself needs to be told only of the list around it.
      if type.list == nil || syntax.itemList != nil { content += syntax.listed }
      var inner = XMLTag("dataType")
      inner.add("ref", name)
      content += inner.around(facets(syntax, over: type))
    } else {
      content += syntax.listed + primitive(syntax)
    }
    if let value = syntax.defaultValue {
      var inner = XMLTag("default")
      inner.add("type", value.kind.rawValue)
      inner.add("value", value.value)
      content += inner.empty
    }
    return tag.around(content)
  }

  /// The base type with all facets.
  static func primitive(_ syntax: Syntax) -> String {
    XMLTag(syntax.primitive.rawValue).around(facets(syntax, over: Syntax(syntax.primitive)))
  }

  /// The kinds of facets that are not as another syntax has them.
  private static func facets(_ syntax: Syntax, over type: Syntax) -> String {
    var text = ""
    if syntax.sizes != type.sizes { text += syntax.sizes.map(size).joined() }
    if syntax.ranges != type.ranges { text += syntax.ranges.map(range).joined() }
    if syntax.enumerations != type.enumerations {
      text += syntax.enumerations.map(enumeration).joined()
    }
    if syntax.patterns != type.patterns {
      text += syntax.patterns.map { pattern in
        var tag = XMLTag("pattern")
        tag.add("value", pattern)
        return tag.empty
      }.joined()
    }
    if syntax.units != type.units {
      var tag = XMLTag("units")
      tag.add("value", syntax.units)
      text += tag.empty
    }
    if syntax.references != type.references { text += syntax.references.map(reference).joined() }
    return text
  }

  static func size(_ size: SizeRange) -> String {
    var tag = XMLTag("size")
    tag.add("minLength", size.least.map(String.init))
    tag.add("maxLength", size.most.map(String.init))
    return tag.empty
  }

  private static func range(_ range: NumberRange) -> String {
    var tag = XMLTag("range")
    tag.add("minInclusive", range.least)
    tag.add("maxInclusive", range.most)
    tag.add("step", range.step)
    return tag.empty
  }

  private static func enumeration(_ enumeration: Enumeration) -> String {
    var tag = XMLTag("enumeration")
    tag.add("value", enumeration.value)
    tag.add("code", enumeration.code.map(String.init))
    if !enumeration.isWritable { tag.add("access", "readOnly") }
    tag.add("status", enumeration.status?.rawValue)
    if enumeration.isOptional { tag.add("optional", "true") }
    tag.add("version", enumeration.version)
    return tag.empty
  }

  private static func reference(_ reference: Reference) -> String {
    var tag = XMLTag("\(reference.kind.rawValue)Ref")
    tag.add("refType", reference.strength?.rawValue)
    let targets = reference.targets.isEmpty ? nil : reference.targets.joined(separator: " ")
    tag.add(reference.kind == .enumeration ? "targetParam" : "targetParent", targets)
    tag.add(
      reference.kind == .enumeration ? "targetParamScope" : "targetParentScope",
      reference.scope?.rawValue)
    tag.add("targetType", reference.targetType)
    tag.add("targetDataType", reference.targetDataType)
    tag.add("nullValue", reference.nullValue)
    return tag.empty
  }
}

extension Syntax {
  /// With no descriptions of its values, so that those alike are equal.
  var withoutProse: Syntax {
    guard enumerations.contains(where: { !$0.text.isEmpty }) else { return self }
    var syntax = self
    syntax.enumerations = enumerations.map { enumeration in
      var enumeration = enumeration
      enumeration.text = SharedText()
      return enumeration
    }
    return syntax
  }

  /// The element `list`; empty where it is none.
  var listed: String {
    guard let list else { return "" }
    var tag = XMLTag("list")
    tag.add("minItems", list.items.least.map(String.init))
    tag.add("maxItems", list.items.most.map(String.init))
    tag.add("nestedBrackets", list.nestedBrackets?.rawValue)
    return tag.around(list.sizes.map(SyntaxText.size).joined())
  }
}
