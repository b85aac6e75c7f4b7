/// A model, or what devices support of one, as far as two of them are compared.
package struct ModelOutline: Sendable, Codable, Equatable {
  package var name: String
  /// By path, with `{i}` for instances.
  package var items: [String: Item]

  package struct Item: Sendable, Equatable {
    /// As ``ModelItem/Kind`` spells it.
    package var kind: String
    /// What is known of it; an aspect that is not there is unknown, and one without texts has nothing to say.
    package var aspects: [Aspect: [String]]

    package init(kind: String, _ aspects: [Aspect: [String]] = [:]) {
      self.kind = kind
      self.aspects = aspects
    }
  }

  /// What two items may differ in, in the order in which it is told.
  package enum Aspect: String, Sendable, Codable, CaseIterable, CodingKeyRepresentable {
    case kind
    /// `readOnly`, `readWrite` …; of tables `create`, `delete`, `createDelete`.
    case access
    case type
    case list
    case length
    case range
    case values
    case patterns
    case units
    case references
    case `default`
    case secret
    case entries
    case keys
    case countedBy
    case enabledBy
    case arguments
    case status
  }

  package init(name: String, items: [String: Item]) {
    self.name = name
    self.items = items
  }
}

extension ModelOutline.Item: Codable {
  private enum CodingKeys: CodingKey {
    case kind, aspects
  }

  /// Aspects that only another release knows are left out: they are unknown here.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    kind = try container.decode(String.self, forKey: .kind)
    let told = try container.decode([String: [String]].self, forKey: .aspects)
    aspects = Dictionary(
      told.compactMap { name, texts in ModelOutline.Aspect(rawValue: name).map { ($0, texts) } }
    ) { first, _ in first }
  }
}

extension ModelOutline {
  /// All that a model says, the descriptions apart.
  package init(_ model: CatalogedModel) {
    self.init(
      name: model.name,
      items: Dictionary(model.model.items.map { ($0.path, Item($0)) }) { first, _ in first })
  }
}

extension ModelOutline.Item {
  fileprivate init(_ item: ModelItem) {
    self.init(kind: item.kind.rawValue)
    aspects[.status] = [item.effectiveStatus.rawValue]
    aspects[.access] = item.access.map { [item.isTable ? $0.ofTables : $0.rawValue] }
    if item.kind == .command { aspects[.arguments] = item.isAsynchronous ? ["asynchronous"] : [] }
    if item.kind == .inputParameter || item.kind == .inputObject {
      aspects[.arguments] = item.isMandatory ? ["mandatory"] : []
    }
    if let syntax = item.syntax { take(syntax) }
    if let table = item.table {
      aspects[.entries] = ["\(table.least)–\(table.most.map(String.init) ?? "any")"]
      aspects[.keys] = table.uniqueKeys.map {
        $0.parameters.sorted().joined(separator: " + ")
          + ($0.isFunctional ? "" : " (not functional)")
      }
      aspects[.countedBy] = [table.countParameter].compactMap(\.self)
      aspects[.enabledBy] = [table.enableParameter].compactMap(\.self)
    }
  }

  private mutating func take(_ syntax: Syntax) {
    // As it goes over the wire, so that it can be held against what devices tell.
    aspects[.type] = [syntax.transmittedType.rawValue]
    aspects[.list] =
      syntax.list.map { list in
        let count = list.items.isOpen ? nil : list.items.words
        return [[count, "\(syntax.primitive) items"].compactMap(\.self).joined(separator: " ")]
      } ?? []
    aspects[.length] = syntax.sizes.contains(where: \.isOpen) ? [] : syntax.sizes.map(\.words)
    aspects[.range] = syntax.ranges.contains(where: \.isOpen) ? [] : syntax.ranges.map(\.words)
    aspects[.values] = syntax.enumerations.map {
      $0.isWritable ? $0.value : "\($0.value) (reported)"
    }
    aspects[.patterns] = syntax.patterns
    aspects[.units] = [syntax.units].compactMap(\.self)
    aspects[.references] = syntax.references.flatMap { [$0.kind.rawValue] + $0.targets }
    aspects[.default] = syntax.defaultValue.map { ["“\($0.value)” (\($0.kind.rawValue))"] } ?? []
    aspects[.secret] = syntax.isHidden || syntax.isSecured ? ["reads as nothing"] : []
  }
}

extension ModelItem.Access {
  /// A table that can be written is one whose rows come and go on request.
  fileprivate var ofTables: String { self == .readOnly ? "readOnly" : "createDelete" }
}
