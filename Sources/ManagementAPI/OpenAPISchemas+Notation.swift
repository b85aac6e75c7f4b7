import ManagementTypes

/// How schemas are written down here.
extension OpenAPISchemas {
  struct Object: Sendable {
    let members: [Member]
    var description: String?
    /// Members of which exactly one has to be there.
    var alternatives: [String] = []
    /// Whether other members are refused.
    var isClosed = false

    init(_ members: [Member]) {
      self.members = members
    }

    var schema: JSONValue {
      var schema: [String: JSONValue] = [
        "type": "object",
        "properties": .object(
          Dictionary(members.map { ($0.name, $0.type.schema) }) { first, _ in first }),
        "required": .texts(members.filter { $0.presence == .required }.map(\.name)),
      ]
      schema["description"] = description.map { .string($0) }
      if isClosed { schema["additionalProperties"] = false }
      if !alternatives.isEmpty {
        schema["oneOf"] = .array(alternatives.map { ["required": .texts([$0])] })
      }
      return .object(schema)
    }
  }

  struct Member: Sendable {
    enum Presence: Sendable {
      case required
      case optional
    }

    let name: String
    let type: SchemaType
    let presence: Presence

    init(_ name: String, _ type: SchemaType, _ presence: Presence = .required) {
      self.name = name
      self.type = type
      self.presence = presence
    }
  }

  indirect enum SchemaType: Sendable {
    case text
    case integer
    case flag
    case time
    case anything
    case list(SchemaType)
    case map(SchemaType)
    case reference(String)
    case oneOf([String])
    case constant(String)

    var schema: JSONValue {
      switch self {
      case .text: ["type": "string"]
      case .integer: ["type": "integer", "format": "int64"]
      case .flag: ["type": "boolean"]
      case .time: ["type": "string", "format": "date-time"]
      case .anything: .object([:])
      case .list(let item): ["type": "array", "items": item.schema]
      case .map(let value): ["type": "object", "additionalProperties": value.schema]
      case .reference(let name): ["$ref": .string("#/components/schemas/\(name)")]
      case .oneOf(let values): ["type": "string", "enum": .texts(values)]
      case .constant(let value): ["type": "string", "const": .string(value)]
      }
    }
  }
}
