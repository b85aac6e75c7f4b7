/// What is to be done, as a request says it: a kind and the members that this kind has.
///
/// | kind | members; those in brackets may be missing |
/// |---|---|
/// | `get`, `getAttributes` | `paths` |
/// | `set` | `values` |
/// | `add` | `object`, [`values`] (paths relative to the new instance) |
/// | `delete` | `object` |
/// | `refresh` | [`path`] (none: the whole tree) |
/// | `setAttributes` | `attributes` |
/// | `reboot`, `factoryReset`, `listMethods` | |
/// | `download` | `file` or `url`; [`username`, `password`, `size`, `fileType`, `targetFileName`, `expectedVersion`, `delay`, `windows`, `successURL`, `failureURL`, `stage`] |
/// | `upload` | `fileType`, [`delay`, `url`, `username`, `password`] |
/// | `scheduleContact` | `delay` |
/// | `changeSoftware` | `changes` |
/// | `cancelTransfer` | `commandKey` |
/// | `listTransfers` | [`onlyOrdered`] |
/// | `setVouchers` | `vouchers` |
/// | `getOptions` | [`name`] |
/// | `diagnose` | `diagnosis`, and what the diagnosis takes |
/// | `command` | `command`, [`arguments`] |
///
/// Passwords are taken and never shown again: answers have an empty text in their place.
package struct TaskOrder: Codable, Sendable, Equatable {
  package var kind: String
  /// The other members. Whether the kind has them, and they make sense, is the server's to say.
  package var arguments: [String: JSONValue]

  package init(kind: String, _ arguments: [String: JSONValue] = [:]) {
    self.kind = kind
    self.arguments = arguments
  }

  /// A value to write.
  package struct Value: Codable, Sendable, Equatable {
    package var path: String
    package var value: TypedValue
    /// Nil: the type that the device's tree tells, else its data model.
    package var type: String?
    /// True where it is written as it is, type and all, whatever the device or its data model have against it.
    package var force: Bool?

    package init(path: String, value: TypedValue, type: String? = nil, force: Bool? = nil) {
      self.path = path
      self.value = value
      self.type = type
      self.force = force
    }
  }

  private enum Member: String, CodingKey { case kind }

  package init(from decoder: any Decoder) throws {
    kind = try decoder.container(keyedBy: Member.self).decode(String.self, forKey: .kind)
    arguments = try [String: JSONValue](from: decoder)
    arguments[Member.kind.rawValue] = nil
  }

  package func encode(to encoder: any Encoder) throws {
    var members = arguments
    members[Member.kind.rawValue] = .string(kind)
    try members.encode(to: encoder)
  }
}

extension TaskOrder {
  package subscript(argument: String) -> JSONValue? { arguments[argument] }

  /// What `set` and `add` write.
  package var values: [Value] {
    (arguments["values"]?.elements ?? []).compactMap { value in
      guard let path = value["path"]?.text, let typed = value["value"].flatMap(TypedValue.init)
      else { return nil }
      return Value(
        path: path, value: typed, type: value["type"]?.text, force: value["force"]?.flag)
    }
  }

  /// The order with its values as devices have them.
  package var withTextValues: TaskOrder {
    guard case .array(let elements)? = arguments["values"] else { return self }
    var order = self
    order.arguments["values"] = .array(
      elements.map { element in
        guard case .object(var members) = element, let text = members["value"]?.parameterText else {
          return element
        }
        members["value"] = .string(text)
        return .object(members)
      })
    return order
  }

  /// The last parts of the parameters of ManagementServer by which a device finds this server and shows who it is.
  private static let doorParameters: Set<String> = ["url", "username", "password", "enablecwmp"]

  /// The parameters that it writes and that may keep devices from ever calling again where their new values are not right.
  package var mayShutOut: [String] {
    guard kind == "set" else { return [] }
    return values.map(\.path).filter { path in
      let parts = path.split(separator: ".").suffix(2).map { $0.lowercased() }
      return parts.count == 2 && parts[0] == "managementserver"
        && Self.doorParameters.contains(parts[1])
    }
  }

  /// The order without its passwords, its vouchers, and the values of parameters that hold credentials.
  package func withoutSecrets(isSecret: (_ path: String) -> Bool) -> TaskOrder {
    TaskOrder(kind: kind, arguments.mapMembers { Self.blank($0, $1, isSecret) })
  }

  private static func blank(
    _ name: String, _ value: JSONValue, _ isSecret: (_ path: String) -> Bool
  ) -> JSONValue {
    switch value {
    case _ where name == "password": ""
    case .array(let elements) where name == "vouchers": .array(elements.map { _ in "" })
    case .object(let members) where name == "arguments":
      .object(members.mapMembers { isSecret($0) ? "" : blank($0, $1, isSecret) })
    case .object(let members):
      // A value of a parameter that holds a credential.
      members["path"]?.text.map(isSecret) == true
        ? .object(members.mapMembers { $0 == "value" ? "" : $1 })
        : .object(members.mapMembers { blank($0, $1, isSecret) })
    case .array(let elements): .array(elements.map { blank("", $0, isSecret) })
    default: value
    }
  }
}

extension JSONValue {
  package init(_ value: TaskOrder.Value) {
    var members: [String: JSONValue] = [
      "path": .string(value.path), "value": .string(value.value.text),
    ]
    members["type"] = value.type.map { .string($0) }
    members["force"] = value.force.map { .bool($0) }
    self = .object(members)
  }
}

extension [String: JSONValue] {
  fileprivate func mapMembers(_ transform: (String, JSONValue) -> JSONValue) -> Self {
    Dictionary(uniqueKeysWithValues: map { ($0.key, transform($0.key, $0.value)) })
  }
}
