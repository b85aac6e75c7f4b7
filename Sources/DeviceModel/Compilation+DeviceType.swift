/// What the devices of a type have of a model (DT Schema): all that is not listed is taken away.
extension Compilation {
  /// Compiles the model that a document refers to, and cuts it down.
  mutating func compile(deviceTypeOf name: String, in place: Int) {
    let document = documents[place]
    let models = document.children(0).filter { document.word($0) == .model }
    guard let node = models.last(where: { document.trimmed($0, .ref) == name }) else { return }
    guard findModel(name, in: place) != nil else {
      note(.error, place, node, "the model “\(name)” is not imported")
      return
    }
    compile(model: name, in: place)
    var support = Support(document: place, isKept: Array(repeating: false, count: items.count))
    keep(childrenOf: node, below: "", in: &support)
    cut(support)
  }

  private struct Support {
    var document: Int
    var isKept: [Bool]
    /// Commands and events of which everything is kept.
    var whole: Set<Int> = []
  }

  private mutating func keep(
    childrenOf node: ModelDocument.Node, below path: String, in support: inout Support
  ) {
    let document = documents[support.document]
    for child in document.children(node) {
      guard spend(support.document, child) else { return }
      switch document.word(child) {
      case .object:
        guard let place = keep(child, below: path, ending: ".", in: &support) else { continue }
        narrowTable(place, child, support.document)
        keep(childrenOf: child, below: items[place].path, in: &support)
      case .parameter:
        guard let place = keep(child, below: path, in: &support) else { continue }
        narrowParameter(place, child, support.document)
      case .command, .event:
        guard let place = keep(child, below: path, in: &support) else { continue }
        keepArguments(of: place, child, in: &support)
      default: break
      }
    }
  }

  /// Keeps an item and those that it is in.
  ///
  /// - Returns: its place; nil where the model has none such.
  private mutating func keep(
    _ node: ModelDocument.Node, below path: String, ending: StaticString = "",
    in support: inout Support
  ) -> Int? {
    let document = documents[support.document]
    guard let name = document.trimmedRange(node, .ref) else {
      note(.error, support.document, node, "nothing says which item of the model is meant")
      return nil
    }
    let isWhole = document.bytes[name.upperBound - 1] == UInt8(ascii: ".")
    let full = document.joined(path, name, isWhole ? "" : ending)
    guard let found = index.exactPlace(of: full, in: items) else {
      note(.error, support.document, node, "“\(full)” is not in the model")
      return nil
    }
    var next: Int? = found
    while let current = next, !support.isKept[current] {
      support.isKept[current] = true
      next = items[current].parent
    }
    if let child = document.child(node, .annotation) {
      let text = document.text(child)
      let old = items[found].text
      if old.isEmpty {
        items[found].text = text
      } else if old.count + text.count <= Limits.text,
        spend(support.document, child, bytes: old.count + text.count)
      {
        items[found].text = SharedText(old.string + "\n" + text.string)
      }
    }
    return found
  }

  /// A command or an event of which no argument is listed has all of them: without one that is mandatory it could not be used.
  private mutating func keepArguments(
    of place: Int, _ node: ModelDocument.Node, in support: inout Support
  ) {
    let document = documents[support.document]
    let path = items[place].path
    let listing: [ModelDocument.Node]
    if items[place].kind == .event {
      let arguments = document.children(node).contains {
        document.word($0) == .parameter || document.word($0) == .object
      }
      listing = arguments ? [node] : []
    } else {
      listing = document.children(node).filter {
        document.word($0) == .input || document.word($0) == .output
      }
    }
    for inner in listing {
      let section =
        switch document.word(inner) {
        case .input: ".Input."
        case .output: ".Output."
        default: "."
        }
      keep(childrenOf: inner, below: path + section, in: &support)
    }
    if listing.isEmpty { support.whole.insert(place) }
  }

  // MARK: Narrower than the model

  private mutating func narrowTable(_ place: Int, _ node: ModelDocument.Node, _ document: Int) {
    let source = documents[document]
    guard var table = items[place].table else { return }
    if let least = source.number(node, .minEntries) {
      if least < table.least {
        note(.warning, document, node, "fewer entries than the model's \(table.least)")
      } else {
        table.least = least
      }
    }
    if let text = source.trimmed(node, .maxEntries) {
      let most = entries(text, document, node)
      if let allowed = table.most, most.map({ $0 > allowed }) ?? true {
        note(.warning, document, node, "more entries than the model's \(allowed)")
      } else {
        table.most = most
      }
    }
    table.rowAccess = source.keyword(node, .access)
    items[place].table = table
    switch table.rowAccess {
    case .readOnly: items[place].access = .readOnly
    case .create, .delete, .createDelete:
      if items[place].access == .readOnly {
        note(.warning, document, node, "“\(items[place].path)” is read-only in the model")
      }
    case nil:
      if source.has(node, .access) {
        let text = source.trimmed(node, .access) ?? ""
        note(.warning, document, node, "“\(text)” is no access to an object")
      }
    }
  }

  private mutating func narrowParameter(_ place: Int, _ node: ModelDocument.Node, _ document: Int) {
    let source = documents[document]
    let access: ModelItem.Access? = source.keyword(node, .access)
    if items[place].access != nil, let access {
      if access != .readOnly, items[place].access == .readOnly {
        note(.warning, document, node, "“\(items[place].path)” is read-only in the model")
      } else if access == .readOnly || items[place].access == .readWrite {
        items[place].access = access
      }
    }
    if source.trimmed(node, .activeNotify) == ModelItem.ActiveNotify.willDeny.rawValue {
      if items[place].activeNotify == .canDeny {
        items[place].activeNotify = .willDeny
      } else {
        note(.warning, document, node, "the model does not allow that notification is denied")
      }
    }
    if let child = source.child(node, .syntax), let old = items[place].syntax {
      items[place].syntax = narrowed(old, child, document)
    }
  }

  private mutating func narrowed(_ old: Syntax, _ node: ModelDocument.Node, _ place: Int) -> Syntax
  {
    let document = documents[place]
    var facets = old.facets
    for child in document.children(node) {
      guard spend(place, child, bytes: old.facets.size) else { break }
      switch document.word(child) {
      case .list:
        guard var list = facets.list else {
          note(.warning, place, child, "it is no list in the model")
          continue
        }
        let own = listFacet(child, place)
        list.items.least = own.items.least ?? list.items.least
        list.items.most = own.items.most ?? list.items.most
        if !own.sizes.isEmpty { list.sizes = own.sizes }
        list.nestedBrackets = own.nestedBrackets ?? list.nestedBrackets
        facets.list = list
      case .default:
        guard facets.defaultValue == nil, let text = document.string(child, .value) else {
          continue
        }
        facets.defaultValue = DefaultValue(
          kind: document.keyword(child, .type) ?? .implementation, value: text)
      case let word:
        guard word == .dataType || PrimitiveType(word) != nil else { continue }
        if let type = PrimitiveType(word), type != old.primitive {
          note(.warning, place, child, "it is \(old.primitive.rawValue) in the model")
          continue
        }
        let own = self.facets(of: child, in: place, over: Syntax(old.primitive)).facets
        facets.narrow(own)
        let unknown = facets.narrow(enumerations: own.enumerations)
        if !unknown.isEmpty {
          let values = unknown.prefix(8).map { "“\($0)”" }.joined(separator: ", ")
          note(.warning, place, child, "the model does not have \(values)")
        }
      }
    }
    return Syntax(facets)
  }

  // MARK: What is left

  private mutating func cut(_ support: Support) {
    var whole = support.whole
    var places: [Int: Int] = [:]
    var kept: [ModelItem] = []
    for (place, item) in items.enumerated() {
      let isInside = item.parent.map(whole.contains) ?? false
      if isInside { whole.insert(place) }
      guard isInside || support.isKept[place] else { continue }
      places[place] = kept.count
      kept.append(item)
      kept[kept.count - 1].parent = item.parent.flatMap { places[$0] }
    }
    items = kept
    index = PathIndex(kept)
    // A profile is there where all is that it requires, and all that it includes.
    var isWhole = Dictionary(
      profiles.map { ($0.name, $0.requirements.allSatisfy(isThere)) },
      uniquingKeysWith: { $0 && $1 })
    for _ in 0..<Limits.depth {
      var hasChanged = false
      for profile in profiles
      where isWhole[profile.name] == true
        && profile.includes.contains(where: { isWhole[$0] == false })
      {
        isWhole[profile.name] = false
        hasChanged = true
      }
      if !hasChanged { break }
    }
    profiles.removeAll { isWhole[$0.name] != true }
  }

  private func isThere(_ requirement: ModelProfile.Requirement) -> Bool {
    index.exactPlace(of: requirement.path, in: items) != nil
  }
}

extension Syntax.Facets {
  /// Takes the kinds of facets that another has, but for enumerations.
  fileprivate mutating func narrow(_ own: Self) {
    if !own.sizes.isEmpty { sizes = own.sizes }
    if !own.ranges.isEmpty { ranges = own.ranges }
    if !own.patterns.isEmpty { patterns = own.patterns }
    if !own.references.isEmpty { references = own.references }
    units = own.units ?? units
  }

  /// Keeps of the values those that are listed.
  ///
  /// - Returns: those that are listed and were none.
  fileprivate mutating func narrow(enumerations listed: [Enumeration]) -> [String] {
    guard !listed.isEmpty else { return [] }
    let known = Dictionary(enumerations.map { ($0.value, $0) }) { first, _ in first }
    let hadAny = !enumerations.isEmpty
    var unknown: [String] = []
    enumerations = listed.map { own in
      guard var value = known[own.value] else {
        if hadAny, !own.value.hasPrefix("X_") { unknown.append(own.value) }
        return own
      }
      value.isWritable = value.isWritable && own.isWritable
      return value
    }
    return unknown
  }
}
