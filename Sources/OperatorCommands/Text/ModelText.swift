import ManagementTypes

/// Items of data models as a person reads them.
package enum ModelText {
  /// - Parameters:
  ///   - model: the name of the model that it is of.
  ///   - width: columns of a line; nil: any number.
  package static func lines(
    _ item: ModelItemDetail, model: String, isRecursive: Bool, width: Int?
  ) -> [String] {
    var lines = facts(item, model: model, width: width)
    if let description = item.description {
      lines += ["", "DESCRIPTION:"] + ParagraphText.lines(description, indent: 2, width: width)
    }
    if let type = item.type { lines += values(type, width: width) }
    if !item.children.isEmpty {
      lines.append("")
      lines += isRecursive ? tree(item, width: width) : children(item, width: width)
    }
    return lines
  }

  // MARK: Facts

  private static func facts(_ item: ModelItemDetail, model: String, width: Int?) -> [String] {
    var facts: [(String, String)] = []
    if !item.path.isEmpty { facts.append(("PATH", item.path)) }
    if item.kind != "model" { facts.append(("KIND", kind(item))) }
    if let type = item.type {
      facts.append(("TYPE", typeWords(type)))
      if !type.patterns.isEmpty {
        facts.append(
          ("PATTERN", type.patterns.map { $0.isEmpty ? "(empty)" : $0 }.joined(separator: "  or  "))
        )
      }
    }
    if let access = access(item) { facts.append(("ACCESS", access)) }
    if let value = item.type?.defaultValue { facts.append(("DEFAULT", defaultWords(value))) }
    for reference in item.type?.references ?? [] {
      facts.append(("REFERENCE", referenceWords(reference)))
    }
    if let table = item.table { facts += tableFacts(table) }
    if item.isForcedInform == true { facts.append(("INFORM", "comes with every Inform")) }
    if let words = item.activeNotify.flatMap(notifyWords) { facts.append(("NOTIFY", words)) }
    if item.status != "current" { facts.append(("STATUS", item.status)) }
    if let version = item.version { facts.append(("SINCE", version)) }
    if !item.profiles.isEmpty {
      facts.append(("PROFILES", item.profiles.joined(separator: ", ")))
    }
    facts.append(("MODEL", model))
    let column = 13
    return facts.flatMap { name, text in
      ParagraphText.lines(text, indent: column, width: width).enumerated().map { number, line in
        number == 0 ? pad(name + ":", column) + line.dropFirst(column) : line
      }
    }
  }

  private static func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }

  private static func kind(_ item: ModelItemDetail) -> String {
    var words = item.kind
    switch item.kind {
    case "input":
      words = item.path.hasSuffix(".") ? "input object" : "input"
      if item.isMandatory == true { words += ", has to be given" }
    case "output": words = item.path.hasSuffix(".") ? "output object" : "output"
    case "command":
      words += item.isAsynchronous == true ? ", goes on after its answer" : ", ends with its answer"
    default: break
    }
    guard let table = item.table else { return words }
    switch (table.minEntries, table.maxEntries) {
    case (1, 1): return words
    case (0, 1): return words + ", may be absent"
    case (let least, nil):
      return words + ", table of \(least == 0 ? "any number of" : "at least \(least)") rows"
    case (let least, let most?):
      return words
        + (least == most ? ", table of \(least) rows" : ", table of \(least) to \(most) rows")
    }
  }

  private static func access(_ item: ModelItemDetail) -> String? {
    switch (item.kind, item.access) {
    case (_, nil): nil
    case ("object", "readWrite"): "rows can be added and deleted"
    case ("object", _):
      item.table.map { $0.maxEntries != 1 } ?? false ? "rows come and go by themselves" : nil
    case (_, "readOnly"): "read only"
    case (_, "readWrite"): "read and write"
    case (_, "writeOnceReadOnly"): "written when its row is added, then read only"
    case (_, let other): other
    }
  }

  private static func typeWords(_ type: ModelTypeDetail) -> String {
    // The values have a list of their own.
    var words = type.words
    if !type.values.isEmpty,
      let start = words.firstRange(of: /, (each )?(one of “|any value that may be set|“)/)
    {
      words = String(words[..<start.lowerBound]) + ", one of the values below"
      if let units = type.units { words += ", in \(units)" }
    }
    if let name = type.name { words += " (\(name))" }
    if type.isHidden { words += "; reads as nothing" }
    if type.isSecured, !type.isHidden { words += "; reads as nothing without a role for it" }
    if type.isCommand { words += "; setting it makes the device act" }
    return words
  }

  private static func defaultWords(_ value: ModelTypeDetail.Default) -> String {
    let text = value.value.isEmpty ? "an empty text" : value.value
    return switch value.kind {
    case "object": text
    case "factory": "\(text), after a factory reset"
    case "implementation": "\(text), where the device says nothing else"
    default: text
    }
  }

  private static func referenceWords(_ reference: ModelTypeDetail.Reference) -> String {
    let targets = reference.targets.joined(separator: ", ")
    let words =
      switch reference.kind {
      case "enumeration": "one of the values of \(targets)"
      case "instance": "the number of a row\(targets.isEmpty ? "" : " of \(targets)")"
      default:
        "the path of \(targetWords(reference.targetType))\(targets.isEmpty ? "" : " in \(targets)")"
      }
    switch reference.strength {
    case "strong": return words + " (cleared when that goes)"
    case "weak": return words + " (stays when that goes)"
    default: return words
    }
  }

  private static func targetWords(_ type: String?) -> String {
    switch type {
    case "row": "a row"
    case "parameter": "a parameter"
    case "object", "single": "an object"
    case "table": "a table"
    default: "anything"
    }
  }

  private static func tableFacts(_ table: ModelTableDetail) -> [(String, String)] {
    var facts: [(String, String)] = []
    if !table.uniqueKeys.isEmpty {
      let keys = table.uniqueKeys.map { key in
        key.parameters.joined(separator: " + ")
          + (key.isFunctional && table.enableParameter != nil ? " (of enabled rows)" : "")
      }
      facts.append(("KEYS", keys.joined(separator: "; ")))
    }
    if let name = table.countParameter { facts.append(("COUNTED BY", name)) }
    if let name = table.enableParameter { facts.append(("ENABLED BY", name)) }
    if let name = table.discriminatorParameter { facts.append(("CHOSEN BY", name)) }
    if let type = table.mountType { facts.append(("MOUNT", type)) }
    return facts
  }

  private static func notifyWords(_ rule: String) -> String? {
    switch rule {
    case "forceEnabled": "changes are always reported at once"
    case "forceDefaultEnabled": "changes are reported at once unless that is switched off"
    case "canDeny": "the device may refuse to report changes at once"
    case "willDeny": "the device refuses to report changes at once"
    default: nil
    }
  }

  // MARK: Values

  private static func values(_ type: ModelTypeDetail, width: Int?) -> [String] {
    guard !type.values.isEmpty else { return [] }
    var lines = ["", type.isList ? "VALUES, EACH ITEM ONE OF:" : "VALUES:"]
    for value in type.values {
      var remarks: [String] = []
      if !value.isWritable { remarks.append("only reported") }
      if value.isOptional { remarks.append("optional") }
      if value.status != "current" { remarks.append(value.status) }
      if let version = value.version { remarks.append("since \(version)") }
      let name = value.value.isEmpty ? "(empty)" : value.value
      lines.append(
        DisplayText.escaped(
          "  " + name + (remarks.isEmpty ? "" : " (\(remarks.joined(separator: ", ")))")))
      if let text = value.description {
        lines += ParagraphText.lines(text, indent: 6, width: width)
      }
    }
    return lines
  }

  // MARK: What is inside

  private static func children(_ item: ModelItemDetail, width: Int?) -> [String] {
    let hasSummaries = item.children.contains { $0.summary != nil }
    var table =
      hasSummaries
      ? TextTable("NAME", "ACCESS", "TYPE", "WHAT") : TextTable("NAME", "ACCESS", "TYPE")
    for child in item.children {
      table.add(
        name(of: child, in: item), shortAccess(child), shortType(child),
        remark(child))
    }
    return table.lines(cellLimit: width == nil ? nil : 44, width: width)
  }

  /// What is written after the path of the item that it is in.
  private static func name(of child: ModelItemSummary, in item: ModelItemDetail) -> String {
    let rest = child.path.dropFirst(item.path.count)
    return String(rest.hasPrefix(".") ? rest.dropFirst() : rest)
  }

  private static func tree(_ item: ModelItemDetail, width: Int?) -> [String] {
    let depth = depth(of: item.path)
    return item.children.map { child in
      let indent = String(repeating: "  ", count: max(0, Self.depth(of: child.path) - depth - 1))
      let type = child.type.map { "  <\($0)>" } ?? ""
      var line = DisplayText.escaped(indent + lastName(child.path) + type)
      if child.access == "readWrite", child.kind != "object" { line += " rw" }
      if child.status != "current" { line += " \(child.status)" }
      return width.map { DisplayText.clipped(line, to: $0) } ?? line
    }
  }

  /// Objects in an object, however many instances are written in the path.
  private static func depth(of path: String) -> Int {
    path.split(separator: ".").count { $0 != "{i}" }
  }

  private static func lastName(_ path: String) -> String {
    let parts = path.split(separator: ".")
    let name = parts.last { $0 != "{i}" }.map(String.init) ?? path
    guard path.hasSuffix(".") else { return name }
    return name + (parts.last == "{i}" ? ".{i}." : ".")
  }

  private static func shortAccess(_ item: ModelItemSummary) -> String {
    switch (item.kind, item.access) {
    case ("object", "readWrite"): "add, delete"
    case ("object", _): ""
    case (_, "readWrite"): "read, write"
    case (_, "readOnly"): "read"
    case (_, "writeOnceReadOnly"): "write once"
    default: ""
    }
  }

  private static func shortType(_ item: ModelItemSummary) -> String {
    if let type = item.type { return type }
    return item.path.hasSuffix(".") && item.kind == "object" ? "object" : item.kind
  }

  /// What the item is for, or what has become of it.
  static func remark(_ item: ModelItemSummary) -> String {
    let status = item.status == "current" ? nil : "\(item.status)."
    return [status, item.summary].compactMap(\.self).joined(separator: " ")
  }
}
