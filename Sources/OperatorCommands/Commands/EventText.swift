import ManagementTypes

/// Events and their details as a person reads them.
enum EventText {
  static func table(_ events: [EventDetail]) -> TextTable {
    var table = TextTable("AT", "KIND", "DETAIL")
    for event in events { table.add(event.at.description, event.kind, oneLine(event.detail)) }
    return table
  }

  /// One event of several devices.
  static func line(_ event: EventDetail) -> String {
    DisplayText.escaped(
      "\(event.at)  \(event.device)  \(event.kind)  \(oneLine(event.detail))")
  }

  /// `key=value` pairs for an object, in the order of their keys; nested things in brackets.
  static func oneLine(_ value: JSONValue) -> String {
    switch value {
    case .null: ""
    case .bool(let value): String(value)
    case .integer(let value): String(value)
    case .number(let value): String(value)
    case .string(let text): text
    case .array(let items): items.map(nested).joined(separator: ", ")
    case .object(let members):
      members.sorted { $0.key < $1.key }.map { "\($0.key)=\(nested($0.value))" }
        .joined(separator: " ")
    }
  }

  private static func nested(_ value: JSONValue) -> String {
    switch value {
    case .array: "[" + oneLine(value) + "]"
    case .object: "{" + oneLine(value) + "}"
    case .string(let text) where text.isEmpty || text.contains(" "): "\"\(text)\""
    default: oneLine(value)
    }
  }
}
