/// A path of a device's tree, taken apart (TR-106 3.1; TR-069 3.6.1 and A.2.2.3; TR-369 2.5).
///
/// The one form of a path: whoever takes paths from people, from files or from devices parses them here.
package struct InstancePath: Sendable, Hashable {
  package enum Part: Sendable, Hashable {
    case name(String)
    case instance(UInt64)
    /// `[cpe-1]`: the row of that alias.
    case alias(String)
    /// `*`: all rows.
    case wildcard
    /// `{i}`: any row, in the path of a model's item.
    case placeholder
    /// `[Enable==true&&Name=="a"]`: the rows for which all hold.
    case search([Comparison])
    /// `Interface+`, `Interface#2+`, `Interface#*+`: what the parameter refers to.
    case reference(String, item: ReferenceItem)
  }

  /// Which item of a list of references is followed.
  package enum ReferenceItem: Sendable, Hashable {
    /// The first one, where nothing is said.
    case only
    case number(UInt64)
    case all
  }

  package enum Ending: Sendable, Hashable {
    /// A dot at the end: the object, and all below it.
    case object
    case parameter
    /// `Reboot()`
    case command
    /// `Boot!`
    case event
  }

  /// One of a search's conditions.
  package struct Comparison: Sendable, Hashable {
    package enum Relation: String, Sendable, CaseIterable {
      // The longer ones first, as they are looked for.
      case equal = "=="
      case unequal = "!="
      case contains = "~="
      case atMost = "<="
      case atLeast = ">="
      case less = "<"
      case greater = ">"
    }

    /// From the row, without a dot at the end; names and references.
    package var path: [Part]
    package var relation: Relation
    /// Decoded.
    package var value: String
    /// Whether it stands in quotes: a text, not a number, a truth value or a time.
    package var isText: Bool

    package init(path: [Part], relation: Relation, value: String, isText: Bool) {
      self.path = path
      self.relation = relation
      self.value = value
      self.isText = isText
    }
  }

  /// What a path may have besides names and numbers of rows.
  package struct Features: OptionSet, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let aliases = Features(rawValue: 1)
    package static let wildcards = Features(rawValue: 2)
    package static let placeholders = Features(rawValue: 4)
    package static let searches = Features(rawValue: 8)
    package static let references = Features(rawValue: 16)
    package static let commandsAndEvents = Features(rawValue: 32)

    /// TR-069; without wildcards, which few of its requests take.
    package static let cwmp: Features = [.aliases]
    /// TR-369 2.5; without `{i}`, which stands in paths of the supported model only.
    package static let usp: Features = [.wildcards, .searches, .references, .commandsAndEvents]
  }

  /// Why a text is no path.
  package struct Flaw: Error, Sendable, Equatable {
    package enum Kind: Sendable {
      case empty, nothingBetweenDots, placeholder, wildcard, trailingWildcard, number, alias, name
      case search, reference, ending
    }

    package var kind: Kind
    /// What stands there.
    package var part: String
    /// Whether it is the first part.
    package var isFirst: Bool

    package init(kind: Kind, part: String, isFirst: Bool) {
      self.kind = kind
      self.part = part
      self.isFirst = isFirst
    }
  }

  package var parts: [Part]
  package var ending: Ending

  package init(parts: [Part], ending: Ending) {
    self.parts = parts
    self.ending = ending
  }

  package init(_ text: String, taking features: Features) throws(Flaw) {
    var parser = InstancePathParser(text, features)
    self = try parser.path()
  }
}

extension InstancePath: CustomStringConvertible {
  /// The path in its canonical form.
  package var description: String {
    let text = parts.map(\.description).joined(separator: ".")
    return switch ending {
    case .object: text + "."
    case .parameter: text
    case .command: text + "()"
    case .event: text + "!"
    }
  }
}

extension InstancePath.Part: CustomStringConvertible {
  package var description: String {
    switch self {
    case .name(let name): name
    case .instance(let number): String(number)
    case .alias(let alias): "[\(alias)]"
    case .wildcard: "*"
    case .placeholder: "{i}"
    case .search(let comparisons):
      "[\(comparisons.map(\.description).joined(separator: "&&"))]"
    case .reference(let name, .only): "\(name)+"
    case .reference(let name, .number(let number)): "\(name)#\(number)+"
    case .reference(let name, .all): "\(name)#*+"
    }
  }

  /// Whether it stands for rows of a table.
  package var isInstance: Bool {
    switch self {
    case .instance, .alias, .wildcard, .placeholder, .search: true
    case .name, .reference: false
    }
  }
}

extension InstancePath.Comparison: CustomStringConvertible {
  package var description: String {
    let text = isText ? "\"\(Self.encoded(value))\"" : value
    return path.map(\.description).joined(separator: ".") + relation.rawValue + text
  }

  private static func encoded(_ value: String) -> String {
    var text = ""
    for character in value {
      switch character {
      case "%": text += "%25"
      case "\"": text += "%22"
      default: text.append(character)
      }
    }
    return text
  }
}

extension InstancePath {
  /// Whether another path, which names rows by numbers or aliases, is what this one stands for, or below it where this is an object.
  ///
  /// A number may stand in place of an alias, since devices may answer so (TR-069 3.6.1).
  package func covers(_ other: InstancePath) -> Bool {
    guard ending == .object ? other.parts.count >= parts.count : other.parts.count == parts.count
    else { return false }
    if ending == .object, other.parts.count == parts.count, other.ending != .object { return false }
    return zip(parts, other.parts).allSatisfy { part, given in
      switch (part, given) {
      case (.wildcard, _), (.placeholder, _), (.search, _): given.isInstance
      case (.alias, .instance): true
      default: part == given
      }
    }
  }
}
