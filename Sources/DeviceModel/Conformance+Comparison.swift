extension Conformance {
  /// Compares a tree with a model.
  ///
  /// - Parameters:
  ///   - tree: each path once, in whatever order.
  ///   - reason: why it is this model.
  ///   - services: the models that say what is right below `Services.`.
  ///   - isComplete: whether the tree has been read as a whole.
  ///   - limit: items of each list at the most.
  package init(
    of tree: some Sequence<ObservedItem>, with model: CatalogedModel,
    because reason: ModelReason? = nil, services: [DataModel] = [], isComplete: Bool, limit: Int
  ) {
    var comparison = Comparison(
      survey: TreeSurvey(model.model), services: services, isComplete: isComplete)
    for item in tree { comparison.take(item) }
    comparison.countRows()
    self.init(
      model: model.name, version: model.model.name, reason: reason, isComplete: isComplete,
      counts: comparison.counts,
      profiles: comparison.survey.profiles(limit: limit),
      vendor: comparison.vendor.findings(limit: limit),
      vendors: comparison.vendorPaths.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        .prefix(limit).map { VendorShare(prefix: $0.key, paths: $0.value) },
      services: comparison.services.findings(limit: limit),
      unknown: comparison.unknown.findings(limit: limit),
      types: comparison.types.findings(limit: limit),
      values: comparison.values.findings(limit: limit),
      access: comparison.access.findings(limit: limit),
      outdated: comparison.outdated.findings(limit: limit),
      entries: comparison.entries.findings(limit: limit))
  }
}

/// A tree on its way through a model.
private struct Comparison {
  var survey: TreeSurvey
  var counts = Conformance.Counts()
  var vendor = FindingCounter()
  var vendorPaths: [String: Int] = [:]
  var services = FindingCounter()
  var unknown = FindingCounter()
  var types = FindingCounter()
  var values = FindingCounter()
  var access = FindingCounter()
  var outdated = FindingCounter()
  var entries = FindingCounter()
  private let serviceModels: [DataModel]
  private let isComplete: Bool
  /// Below which other models say what is right.
  private let servicesPath: String?

  init(survey: TreeSurvey, services: [DataModel], isComplete: Bool) {
    self.survey = survey
    serviceModels = services
    self.isComplete = isComplete
    servicesPath = survey.model.items.first.map {
      String($0.path.prefix { $0 != "." }) + ".Services."
    }
    counts.itemsInModel = survey.model.items.count { $0.effectiveStatus != .deleted }
  }

  mutating func take(_ item: ObservedItem) {
    let isObject = item.path.utf8.last == UInt8(ascii: ".")
    if isObject { counts.objects += 1 } else { counts.parameters += 1 }
    switch survey.take(item) {
    case .item(let place):
      counts.known += 1
      let known = survey.model.items[place]
      if survey.uses(of: place) == 1, known.effectiveStatus != .deleted { counts.itemsInUse += 1 }
      check(item, against: known)
    case .table(let place):
      counts.known += 1
      checkAdding(item, survey.model.items[place])
    case .none:
      strays(item)
    }
  }

  // MARK: Beyond the model

  private mutating func strays(_ item: ObservedItem) {
    if let prefix = PathTemplate.vendorPrefix(in: item.path) {
      vendor.add(PathTemplate.text(of: item.path), at: item.path)
      vendorPaths[prefix, default: 0] += 1
      return
    }
    guard let servicesPath, item.path.utf8.starts(with: servicesPath.utf8) else {
      unknown.add(PathTemplate.text(of: item.path), at: item.path)
      return
    }
    let path = String(item.path.utf8.dropFirst(servicesPath.utf8.count)) ?? ""
    for model in serviceModels {
      if let place = model.place(of: path) {
        counts.known += 1
        check(item, against: model.items[place], below: servicesPath)
        return
      }
      if path.utf8.last == UInt8(ascii: "."), model.place(of: path + "1.") != nil {
        counts.known += 1
        return
      }
    }
    services.add(PathTemplate.text(of: item.path), at: item.path)
  }

  // MARK: What the model says

  private mutating func check(
    _ item: ObservedItem, against known: ModelItem, below root: String = ""
  ) {
    let name = root + known.path
    if known.effectiveStatus != .current {
      outdated.add(name, at: item.path, found: known.effectiveStatus.rawValue)
    }
    guard known.kind.isParameter, let syntax = known.syntax else { return }
    if let isWritable = item.isWritable, let expected = known.access {
      let mayWrite = expected != .readOnly
      if isWritable != mayWrite {
        access.add(
          name, at: item.path, found: isWritable ? "readWrite" : "readOnly",
          expected: expected.rawValue)
      }
    }
    guard let value = item.value else { return }
    if let type = item.type, type != syntax.transmittedType {
      types.add(
        name, at: item.path, found: type.rawValue, expected: syntax.transmittedType.rawValue)
    }
    // What has nothing to say is empty (TR-106 3.2.2), and what is secret reads as nothing.
    if value.isEmpty, syntax.transmittedType == .string || syntax.isHidden || syntax.isSecured {
      return
    }
    if !syntax.problems(of: value, .reported).isEmpty {
      let isSecret = item.isSecret || syntax.isHidden || syntax.isSecured
      values.add(
        name, at: item.path, value: isSecret ? nil : value, expected: syntax.words)
    }
  }

  /// A table's own path tells whether rows can be added.
  private mutating func checkAdding(_ item: ObservedItem, _ table: ModelItem) {
    guard let isWritable = item.isWritable, let expected = table.access else { return }
    let mayAdd = expected != .readOnly
    guard isWritable != mayAdd else { return }
    access.add(
      table.path, at: item.path, found: isWritable ? "createDelete" : "readOnly",
      expected: mayAdd ? "createDelete" : "readOnly")
  }

  // MARK: Rows

  mutating func countRows() {
    guard isComplete else { return }
    for (path, table, rows, counted) in survey.tables() {
      let item = survey.model.items[table]
      guard let bounds = item.table else { continue }
      let found = "\(rows) row\(rows == 1 ? "" : "s")"
      if let counted, let name = bounds.countParameter, Int(counted) != rows {
        entries.add(
          item.path, at: path, found: "\(found), \(name) is \(TextPiece.shortened(counted))",
          expected: "as many rows as \(name) says")
      }
      if rows < bounds.least {
        entries.add(item.path, at: path, found: found, expected: "at least \(bounds.least)")
      } else if let most = bounds.most, rows > most {
        entries.add(item.path, at: path, found: found, expected: "at most \(most)")
      }
    }
  }
}

extension Syntax {
  /// The type with which a value goes over the wire: lists are texts (TR-106 3.2.3).
  package var transmittedType: PrimitiveType { list == nil ? primitive : .string }
}

/// Counts what is found at many paths by the item that it is found of.
private struct FindingCounter {
  private struct Key: Hashable {
    var item: String
    var expected: String?
    /// Where it is one of a few words rather than a value.
    var found: String?
  }

  private var findings: [Key: Findings.Finding] = [:]
  private var items: Set<String> = []
  private var paths = 0

  mutating func add(
    _ item: String, at path: String, value: String? = nil, found: String? = nil,
    expected: String? = nil
  ) {
    let shown = found ?? value.map { TextPiece.shortened($0) }
    let key = Key(item: item, expected: expected, found: found)
    items.insert(item)
    paths += 1
    if findings[key] != nil {
      findings[key]?.paths += 1
      if let first = findings[key]?.path, path < first {
        findings[key]?.path = path
        findings[key]?.found = shown
      }
    } else {
      findings[key] = Findings.Finding(
        item: item, path: path, paths: 1, found: shown, expected: expected)
    }
  }

  func findings(limit: Int) -> Findings {
    let sorted = findings.values.sorted {
      ($0.item, $0.path, $0.expected ?? "") < ($1.item, $1.path, $1.expected ?? "")
    }
    return Findings(items: items.count, paths: paths, list: Array(sorted.prefix(limit)))
  }
}

/// A value as far as a report has room for it.
private enum TextPiece {
  private static let longest = 80

  static func shortened(_ text: String) -> String {
    guard text.utf8.count > longest, text.count > longest else { return text }
    return text.prefix(longest) + "…"
  }
}

extension ModelCatalog {
  /// The newest model of each service, to say what is right below `Services.`.
  package var services: [DataModel] {
    var newest: [String: CatalogedModel] = [:]
    for model in models {
      let root = String(model.model.name.prefix { $0 != ":" })
      guard root != "Device", root != "InternetGatewayDevice" else { continue }
      if let known = newest[root],
        !known.model.numbers.lexicographicallyPrecedes(model.model.numbers)
      {
        continue
      }
      newest[root] = model
    }
    return newest.values.map(\.model)
  }
}
