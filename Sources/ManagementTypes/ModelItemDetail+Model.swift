import DeviceModel

extension ModelItemDetail {
  /// - Parameters:
  ///   - place: nil: the model as a whole, with what is at its top.
  ///   - isRecursive: whether the children are all that is in it at any depth; they have no summaries then.
  package init(_ place: Int?, of model: DataModel, isRecursive: Bool = false) {
    guard let place else {
      self.init(path: "", kind: "model")
      children =
        isRecursive
        ? model.items.indices.map { ModelItemSummary($0, of: model, isBrief: true) }
        : model.children(of: nil).map { ModelItemSummary($0, of: model) }
      return
    }
    let item = model.items[place]
    self.init(
      path: item.path, kind: Self.kind(item.kind), status: item.effectiveStatus.rawValue)
    access = item.access?.rawValue
    type = item.syntax.map { ModelTypeDetail($0, at: place, of: model) }
    if item.kind.isObject { table = item.table.map(ModelTableDetail.init) }
    version = item.effectiveVersion?.description
    switch item.kind {
    case .inputParameter: isMandatory = item.isMandatory
    case .command: isAsynchronous = item.isAsynchronous
    case .parameter:
      if item.activeNotify != .normal { activeNotify = item.activeNotify.rawValue }
      isForcedInform = item.isForcedInform
    default: break
    }
    let text = DescriptionText(about: .init(model, place)).plain(item.description)
    description = text.isEmpty ? nil : text
    profiles = model.profiles(requiring: item.path).filter { !$0.hasPrefix("_") }
    children =
      isRecursive
      ? model.descendants(of: place).map { ModelItemSummary($0, of: model, isBrief: true) }
      : model.children(of: place).map { ModelItemSummary($0, of: model) }
  }

  static func kind(_ kind: ModelItem.Kind) -> String {
    switch kind {
    case .object: "object"
    case .parameter: "parameter"
    case .command: "command"
    case .event: "event"
    case .inputParameter, .inputObject: "input"
    case .outputParameter, .outputObject: "output"
    case .eventParameter, .eventObject: "argument"
    }
  }
}

extension ModelItemSummary {
  /// - Parameter isBrief: without a summary.
  package init(_ place: Int, of model: DataModel, isBrief: Bool = false) {
    let item = model.items[place]
    let text =
      isBrief ? "" : DescriptionText(about: .init(model, place)).plain(item.description)
    self.init(
      path: item.path, kind: ModelItemDetail.kind(item.kind), access: item.access?.rawValue,
      type: item.syntax?.words, status: item.effectiveStatus.rawValue,
      summary: Self.firstSentence(of: text))
  }

  /// Up to the first full stop before a blank, or the first line.
  private static func firstSentence(of text: String) -> String? {
    let line = text.prefix { $0 != "\n" }
    guard !line.isEmpty else { return nil }
    var rest = line[...]
    while let stop = rest.firstRange(of: ". ") {
      let sentence = line[..<stop.upperBound].dropLast()
      // “e.g.” and “i.e.” end no sentence.
      if !["e.g.", "i.e.", "etc."].contains(where: sentence.hasSuffix) { return String(sentence) }
      rest = rest[stop.upperBound...]
    }
    return String(line)
  }
}

extension ModelTableDetail {
  fileprivate init(_ table: ModelItem.Table) {
    self.init(
      minEntries: table.least, maxEntries: table.most,
      uniqueKeys: table.uniqueKeys.map {
        Key(isFunctional: $0.isFunctional, parameters: $0.parameters)
      })
    countParameter = table.countParameter
    enableParameter = table.enableParameter
    discriminatorParameter = table.discriminatorParameter
    mountType = table.mountType
  }
}

extension ModelTypeDetail {
  fileprivate init(_ syntax: Syntax, at place: Int, of model: DataModel) {
    let description = DescriptionText(about: .init(model, place))
    self.init(
      words: syntax.words, primitive: syntax.primitive.rawValue, name: syntax.typeName,
      isList: syntax.list != nil,
      items: syntax.list.flatMap { list in
        list.items == SizeRange(nil, nil) ? nil : Range(list.items)
      },
      lengths: syntax.sizes.map(Range.init),
      ranges: syntax.ranges.map { Range(min: $0.least, max: $0.most, step: $0.step) },
      values: syntax.enumerations.map { Value($0, description) }, patterns: syntax.patterns,
      units: syntax.units,
      references: syntax.references.map { reference in
        Reference(
          kind: reference.kind.rawValue, strength: reference.strength?.rawValue,
          targets: model.targets(of: reference, at: place), targetType: reference.targetType)
      },
      defaultValue: syntax.defaultValue.map { Default(kind: $0.kind.rawValue, value: $0.value) },
      isHidden: syntax.isHidden, isSecured: syntax.isSecured, isCommand: syntax.isCommand)
  }
}

extension ModelTypeDetail.Value {
  fileprivate init(_ enumeration: Enumeration, _ renderer: DescriptionText) {
    self.init(
      value: enumeration.value, isWritable: enumeration.isWritable,
      isOptional: enumeration.isOptional, status: (enumeration.status ?? .current).rawValue)
    version = enumeration.version
    let text = renderer.plain(enumeration.description)
    description = text.isEmpty ? nil : text
  }
}

extension ModelTypeDetail.Range {
  fileprivate init(_ size: SizeRange) {
    self.init(min: size.least.map(String.init), max: size.most.map(String.init))
  }
}

extension ModelDetail {
  package init(_ cataloged: CatalogedModel) {
    let items = cataloged.model.items
    func count(_ kind: ModelItem.Kind) -> Int { items.count { $0.kind == kind } }
    self.init(
      name: cataloged.name, model: cataloged.model.name, spec: cataloged.model.spec,
      origin: cataloged.origin == .shipped ? "shipped" : "imported", objects: count(.object),
      parameters: count(.parameter), commands: count(.command), events: count(.event),
      profiles: cataloged.model.profiles.count,
      hasDescriptions: items.contains { !$0.description.isEmpty })
  }
}
