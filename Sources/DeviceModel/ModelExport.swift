/// A data model as one document of TR-106: all facts, no prose, nothing imported.
///
/// The same model gives the same text, with a line for each item, so that two editions can be compared line by line.
/// Compiling the text gives a model with the same items, types and profiles. Of the model of a device type it has what the type
/// leaves of the items, but neither the access to the rows of tables (``ModelItem/Table/rowAccess``) nor the document's UUID.
package struct ModelExport: Sendable {
  /// The schema that has everything that is written here.
  private static let namespace = "urn:broadband-forum-org:cwmp:datamodel-1-15"

  /// The document; lines end with a line feed.
  package private(set) var text = ""
  private let model: DataModel
  private let types: SharedTypes
  /// The places of the items in each item, in their order.
  private var inside: [Int: [Int]] = [:]

  package init(_ model: DataModel) {
    self.model = model
    types = SharedTypes(model.items.compactMap { $0.syntax?.withoutProse })
    for (place, item) in model.items.enumerated() {
      if let parent = item.parent { inside[parent, default: []].append(place) }
    }
    write()
  }

  private mutating func write() {
    text += "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    var root = XMLTag("dm:document")
    root.add("xmlns:dm", Self.namespace)
    root.add("spec", model.spec)
    root.add("file", CatalogedModel.name(of: model) + ".xml")
    line(0, root.open)
    for name in types.names {
      guard let type = types[name] else { continue }
      var tag = XMLTag("dataType")
      tag.add("name", name)
      line(1, tag.around(type.listed + SyntaxText.primitive(type)))
    }
    var tag = XMLTag("model")
    tag.add("name", model.name)
    tag.add("version", floor?.description)
    line(1, tag.open)
    for place in model.items.indices where isAtTop(place) { item(place, below: "", 2) }
    for profile in model.profiles { self.profile(profile) }
    line(1, tag.close)
    line(0, root.close)
  }

  /// The version of what has none of its own.
  private var floor: ModelVersion? {
    var isBare: [Bool] = []
    for item in model.items {
      let bare = item.version == nil && (item.parent.map { isBare[$0] } ?? true)
      if bare { return item.effectiveVersion }
      isBare.append(bare)
    }
    return nil
  }

  mutating func line(_ depth: Int, _ content: String) {
    text += String(repeating: " ", count: depth)
    text += content
    text += "\n"
  }
}

// MARK: - Items

extension ModelExport {
  /// Objects stand beside each other under their full paths; what else they have, within them.
  private func isAtTop(_ place: Int) -> Bool {
    let item = model.items[place]
    guard let parent = item.parent else { return true }
    return item.kind == .object || !item.path.begins(with: model.items[parent].path)
  }

  private mutating func item(_ place: Int, below path: String, _ depth: Int) {
    switch model.items[place].kind {
    case .object, .inputObject, .outputObject, .eventObject: object(place, below: path, depth)
    case .parameter, .inputParameter, .outputParameter, .eventParameter:
      parameter(place, below: path, depth)
    case .command: command(place, below: path, depth)
    case .event: event(place, below: path, depth)
    }
  }

  private func tag(_ element: String, _ item: ModelItem, below path: String) -> XMLTag {
    var tag = XMLTag(element)
    tag.add("name", item.path.behind(path))
    if item.access != .readOnly { tag.add("access", item.access?.rawValue) }
    tag.add("version", item.version?.description)
    tag.add("status", item.status?.rawValue)
    if item.activeNotify != .normal { tag.add("activeNotify", item.activeNotify.rawValue) }
    if item.isForcedInform { tag.add("forcedInform", "true") }
    if item.isMandatory { tag.add("mandatory", "true") }
    return tag
  }

  private mutating func object(_ place: Int, below path: String, _ depth: Int) {
    let item = model.items[place]
    var tag = tag("object", item, below: path)
    let table = item.table ?? ModelItem.Table()
    if table.least != 1 || table.most != 1 {
      tag.add("minEntries", String(table.least))
      tag.add("maxEntries", table.most.map(String.init) ?? "unbounded")
    }
    tag.add("numEntriesParameter", table.countParameter)
    tag.add("enableParameter", table.enableParameter)
    tag.add("discriminatorParameter", table.discriminatorParameter)
    tag.add("mountType", table.mountType)
    let children = (inside[place] ?? []).filter { !isAtTop($0) && !model.items[$0].kind.isObject }
    guard !table.uniqueKeys.isEmpty || !children.isEmpty else { return line(depth, tag.empty) }
    line(depth, tag.open)
    for key in table.uniqueKeys {
      var outer = XMLTag("uniqueKey")
      outer.add("functional", String(key.isFunctional))
      let members = key.parameters.map { name in
        var member = XMLTag("parameter")
        member.add("ref", name)
        return member.empty
      }
      line(depth + 1, outer.around(members.joined()))
    }
    for child in children { self.item(child, below: item.path, depth + 1) }
    line(depth, tag.close)
  }

  private mutating func parameter(_ place: Int, below path: String, _ depth: Int) {
    let item = model.items[place]
    let tag = tag("parameter", item, below: path)
    let syntax = item.syntax?.withoutProse ?? Syntax(.string)
    line(depth, tag.around(SyntaxText.element(syntax, types)))
  }

  private mutating func command(_ place: Int, below path: String, _ depth: Int) {
    let item = model.items[place]
    var tag = tag("command", item, below: path)
    tag.add("async", String(item.isAsynchronous))
    let arguments = arguments(of: place)
    guard !arguments.isEmpty else { return line(depth, tag.empty) }
    line(depth, tag.open)
    for (name, kinds) in [
      ("Input", [ModelItem.Kind.inputObject, .inputParameter]),
      ("Output", [.outputObject, .outputParameter]),
    ] {
      let own = arguments.filter { kinds.contains(model.items[$0].kind) }
      guard !own.isEmpty else { continue }
      let outer = XMLTag(name.lowercased())
      line(depth + 1, outer.open)
      for argument in own { self.item(argument, below: "\(item.path).\(name).", depth + 2) }
      line(depth + 1, outer.close)
    }
    line(depth, tag.close)
  }

  private mutating func event(_ place: Int, below path: String, _ depth: Int) {
    let item = model.items[place]
    let tag = tag("event", item, below: path)
    let arguments = arguments(of: place)
    guard !arguments.isEmpty else { return line(depth, tag.empty) }
    line(depth, tag.open)
    for argument in arguments { self.item(argument, below: item.path + ".", depth + 1) }
    line(depth, tag.close)
  }

  /// What is written directly within a command or an event: parameters of its own, and all objects, side by side.
  private func arguments(of place: Int) -> [Int] {
    var found: [Int] = []
    var open = inside[place] ?? []
    found += open.filter { !model.items[$0].kind.isObject }
    while let next = open.first {
      open.removeFirst()
      guard model.items[next].kind.isObject else { continue }
      found.append(next)
      open += inside[next] ?? []
    }
    return found.sorted()
  }
}

// MARK: - Profiles

extension ModelExport {
  /// What is further in than that stands beside the others, under a longer path.
  private static let maxNesting = 2

  private mutating func profile(_ profile: ModelProfile) {
    var tag = XMLTag("profile")
    tag.add("name", profile.name)
    if !profile.includes.isEmpty { tag.add("extends", profile.includes.joined(separator: " ")) }
    tag.add("version", profile.version?.description)
    if profile.status != .current { tag.add("status", profile.status.rawValue) }
    guard !profile.requirements.isEmpty else { return line(2, tag.empty) }
    line(2, tag.open)
    var open: [(tag: XMLTag, path: String)] = []
    for (place, requirement) in profile.requirements.enumerated() {
      let path = requirement.path
      while let last = open.last,
        !path.begins(with: last.path) || Self.isFullObject(path, last.path)
      {
        open.removeLast()
        line(3 + open.count, last.tag.close)
      }
      var inner = XMLTag(Self.element(of: path))
      inner.add("ref", path.behind(open.last?.path ?? ""))
      if !requirement.requirement.isEmpty { inner.add("requirement", requirement.requirement) }
      let next = place + 1 < profile.requirements.count ? profile.requirements[place + 1].path : ""
      if inner.name != "parameter", open.count < Self.maxNesting, next.begins(with: path),
        !Self.isFullObject(next, path)
      {
        line(3 + open.count, inner.open)
        open.append((inner, path))
      } else {
        line(3 + open.count, inner.empty)
      }
    }
    while let last = open.popLast() { line(3 + open.count, last.tag.close) }
    line(2, tag.close)
  }

  /// Objects are told by their full paths, unless they are arguments.
  private static func isFullObject(_ path: String, _ outer: String) -> Bool {
    path.utf8.last == UInt8(ascii: ".") && outer.utf8.last == UInt8(ascii: ".")
  }

  private static func element(of path: String) -> String {
    switch path.utf8.last {
    case UInt8(ascii: "."): "object"
    case UInt8(ascii: ")"): "command"
    case UInt8(ascii: "!"): "event"
    default: "parameter"
    }
  }
}

extension String {
  /// Compared byte by byte: a mark at the beginning of what follows makes another character of a prefix's last one.
  fileprivate func begins(with prefix: String) -> Bool { utf8.starts(with: prefix.utf8) }

  /// What follows a prefix.
  fileprivate func behind(_ prefix: String) -> String {
    String(decoding: utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
  }
}

/// A tag as it is written.
struct XMLTag {
  let name: String
  private var attributes = ""

  init(_ name: String) { self.name = name }

  mutating func add(_ name: String, _ value: String?) {
    guard let value else { return }
    attributes += " \(name)=\"\(Self.escaped(value))\""
  }

  var open: String { "<\(name)\(attributes)>" }
  var close: String { "</\(name)>" }
  var empty: String { "<\(name)\(attributes)/>" }

  func around(_ content: String) -> String { content.isEmpty ? empty : open + content + close }

  private static func escaped(_ value: String) -> String {
    guard value.utf8.contains(where: { $0 < 0x20 || "&<>\"".utf8.contains($0) }) else {
      return value
    }
    var result = ""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case _ where scalar.value < 0x20: result += "&#\(scalar.value);"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
