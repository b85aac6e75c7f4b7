import Foundation
import Hummingbird
import ManagementTypes

/// How the API writes and reads JSON.
enum APIJSON {
  /// Members sorted, so that equal values have equal texts and entity tags.
  static func encode(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(value)
  }

  /// Reads a body, refusing members that the type does not have: a misspelt option must not pass unnoticed.
  static func decode<Body: RequestMembers>(_ type: Body.Type, from data: Data) throws -> Body {
    let decoder = JSONDecoder()
    var isJSON = false
    do {
      let members = try decoder.decode([String: JSONValue].self, from: data)
      isJSON = true
      let unknown = members.keys.filter { !Body.members.contains($0) }.sorted()
      guard unknown.isEmpty else {
        throw Refusal(
          .invalidBody,
          "There is no member \(unknown.map { "“\($0.prefix(64))”" }.joined(separator: ", ")); known are "
            + Body.members.sorted().joined(separator: ", ") + ".")
      }
      let body = try decoder.decode(type, from: data)
      // What the type has taken comes out again when it is written; what does not come out was not understood.
      let taken = try decoder.decode(JSONValue.self, from: try encode(body))
      if let path = firstMember(of: .object(members), missingFrom: taken, at: "") {
        throw Refusal(.invalidBody, "There is no member “\(path.prefix(128))”.")
      }
      return body
    } catch let error as DecodingError {
      throw Refusal(.invalidBody, Self.sentence(error, isJSON: isJSON))
    }
  }

  private static func firstMember(
    of given: JSONValue, missingFrom taken: JSONValue, at path: String
  )
    -> String?
  {
    switch (given, taken) {
    case (.object(let given), .object(let taken)):
      for (name, value) in given.sorted(by: { $0.key < $1.key }) where value != .null {
        let path = path.isEmpty ? name : "\(path).\(name)"
        guard let counterpart = taken[name] else { return path }
        if let missing = firstMember(of: value, missingFrom: counterpart, at: path) {
          return missing
        }
      }
      return nil
    case (.array(let given), .array(let taken)):
      for (index, pair) in zip(given, taken).enumerated() {
        let path = "\(path)[\(index)]"
        if let missing = firstMember(of: pair.0, missingFrom: pair.1, at: path) { return missing }
      }
      return nil
    default: return nil
    }
  }

  private static func sentence(_ error: DecodingError, isJSON: Bool) -> String {
    switch error {
    case .keyNotFound(let key, let context):
      return "\(place(context.codingPath)) lacks the member “\(key.stringValue)”."
    case .typeMismatch(let type, let context):
      return "\(place(context.codingPath)) has to be \(name(of: type))."
    case .valueNotFound(let type, let context):
      return "\(place(context.codingPath)) has to be \(name(of: type)), not null."
    case .dataCorrupted(let context):
      if let reason = context.underlyingError as? UnfitValue {
        return "\(place(context.codingPath)) \(reason.text)."
      }
      // The decoder does not tell where.
      return isJSON
        ? "A number in the body is not whole, or too large, where a whole number has to be."
        : "The body is not JSON."
    @unknown default: return "The body can't be read."
    }
  }

  /// For example `“order.values[2].path”`.
  private static func place(_ path: [any CodingKey]) -> String {
    guard !path.isEmpty else { return "The body" }
    var text = ""
    for key in path {
      if let index = key.intValue {
        text += "[\(index)]"
      } else {
        text += (text.isEmpty ? "" : ".") + key.stringValue
      }
    }
    return "“\(text.prefix(128))”"
  }

  /// What JSON calls the values that a type is read from.
  private static func name(of type: any Any.Type) -> String {
    switch type {
    case is String.Type: "a string"
    case is Bool.Type: "true or false"
    case is any BinaryInteger.Type: "a whole number"
    case is any BinaryFloatingPoint.Type: "a number"
    case is any RandomAccessCollection.Type: "an array"
    default: "an object"
    }
  }
}

/// A body whose members are known by name.
protocol RequestMembers: Codable {
  static var members: Set<String> { get }
}

extension NewDevice: RequestMembers {
  static let members: Set = [
    "manufacturer", "oui", "productClass", "serialNumber", "tags", "credential",
  ]
}
extension DevicePatch: RequestMembers {
  static let members: Set = ["tags", "addTags", "removeTags"]
}
extension NewTask: RequestMembers {
  static let members: Set = [
    "order", "connect", "dueAt", "expiresIn", "maxAttempts", "confirmed", "force",
  ]
}
extension NewTasks: RequestMembers {
  static let members: Set = [
    "selector", "order", "connect", "dueAt", "expiresIn", "maxAttempts", "confirmed", "force",
    "limit",
    "dryRun",
  ]
}
extension NewTrace: RequestMembers {
  static let members: Set = ["seconds"]
}
extension NewToken: RequestMembers {
  static let members: Set = ["name", "role", "expiresAt"]
}
extension NewCredential: RequestMembers {
  static let members: Set = ["username", "password", "device"]
}
