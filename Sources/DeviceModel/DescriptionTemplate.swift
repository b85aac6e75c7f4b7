/// A template of a description, for example `{{param|Enable}}`, and what it says in words.
struct DescriptionTemplate {
  let name: String
  /// Expanded already.
  let arguments: [String]
  let subject: DescriptionText.Subject?

  private var first: String? { arguments.first.flatMap { $0.isEmpty ? nil : $0 } }

  /// Nothing where the item's own facts, which are shown beside the text, say it.
  var words: String {
    switch name {
    case "param", "object", "command", "event":
      return first.map(path) ?? ownName
    case "enum", "pattern":
      return arguments.first.map { $0.isEmpty ? "an empty string" : $0 } ?? ""
    case "bibref":
      return "[" + arguments.filter { !$0.isEmpty }.joined(separator: ", ") + "]"
    case "true", "false", "null": return name
    case "empty": return "an empty string"
    case "units": return subject?.item.syntax?.units ?? "units"
    case "list": return list
    case "reference": return first.map { "A reference to \($0)." } ?? ""
    case "numentries": return entries
    case "range": return subject?.item.syntax?.ranges.map(\.words).joinedByOr ?? ""
    case "maxval": return subject?.item.syntax?.ranges.last?.most ?? "the largest value"
    case "deprecated", "obsoleted", "deleted": return ended
    case "datatype", "keys", "section", "hidden", "secured", "access", "mandatory": return ""
    case _ where name.hasPrefix("no") && arguments.isEmpty: return ""
    case "trname", "xmlref", "docname", "appdate", "gloss", "abbref":
      return arguments.joined(separator: ", ")
    case "template": return first.map { "(\($0))" } ?? ""
    default:
      return arguments.isEmpty ? name : "\(name): \(arguments.joined(separator: ", "))"
    }
  }

  /// For example `DEPRECATED in 2.16 because it is superseded by Client.`
  private var ended: String {
    var text = name.uppercased()
    if let first { text += " in \(first)" }
    if arguments.count > 1, !arguments[1].isEmpty { text += " \(arguments[1])" }
    return text.hasSuffix(".") ? text : text + "."
  }

  private var list: String {
    guard let first else { return "" }
    let isClause = first.hasPrefix("where ") || first.hasPrefix("with ")
    return "Comma-separated list\(isClause ? "" : " of") \(first)\(first.hasSuffix(".") ? "" : ".")"
  }

  /// Of which table the parameter tells the number of entries.
  private var entries: String {
    guard let subject else { return "" }
    let own = Self.lastName(subject.item.path)
    let object = subject.item.path.dropLast(own.count)
    let table = subject.model.items.first { item in
      guard item.table?.countParameter == own, item.path.hasPrefix(object) else { return false }
      let rest = item.path.dropFirst(object.count)
      return rest.split(separator: ".").count { $0 != "{i}" } == 1
    }
    guard let table else { return "The number of entries." }
    return "The number of entries in the \(table.path) table."
  }

  /// What is meant by `{{object}}` and its like alone: the item itself, or the one of that kind that it is in.
  private var ownName: String {
    guard let subject else { return "" }
    var place: Int? = subject.place
    while let current = place {
      let item = subject.model.items[current]
      let isMeant =
        switch name {
        case "object": item.kind.isObject
        case "command": item.kind == .command
        case "event": item.kind == .event
        default: true
        }
      if isMeant { return Self.lastName(item.path) }
      place = item.parent
    }
    return Self.lastName(subject.item.path)
  }

  /// A path that goes up or begins at the root, in full; a plain name as it is.
  private func path(_ text: String) -> String {
    guard let subject, text.hasPrefix("#") || text.hasPrefix(".") else { return text }
    var reference = Reference(kind: .enumeration)
    reference.targets = [text]
    guard let path = subject.model.targets(of: reference, at: subject.place).first else {
      // It goes up beyond the root.
      return String(text.drop { $0 == "#" || $0 == "." })
    }
    return path
  }

  /// The last part that is no `{i}`.
  private static func lastName(_ path: String) -> String {
    path.split(separator: ".").last { $0 != "{i}" }.map(String.init) ?? path
  }
}
