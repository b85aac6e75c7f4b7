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
    do {
      let decoder = JSONDecoder()
      let members = try decoder.decode([String: JSONValue].self, from: data)
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
      throw Refusal(.invalidBody, Self.sentence(error))
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

  private static func sentence(_ error: DecodingError) -> String {
    func place(_ path: [any CodingKey]) -> String {
      path.isEmpty
        ? "The body"
        : "“" + path.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
          + "”"
    }
    return switch error {
    case .keyNotFound(let key, let context):
      "\(place(context.codingPath)) lacks the member “\(key.stringValue)”."
    case .typeMismatch(_, let context): "\(place(context.codingPath)) has the wrong type."
    case .valueNotFound(_, let context): "\(place(context.codingPath)) must not be null."
    case .dataCorrupted(let context):
      context.codingPath.isEmpty
        ? "The body is not JSON." : "\(place(context.codingPath)): \(context.debugDescription)."
    @unknown default: "The body can't be read."
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
  static let members: Set = ["order", "connect", "dueAt", "expiresIn", "maxAttempts"]
}
extension NewTasks: RequestMembers {
  static let members: Set = [
    "selector", "order", "connect", "dueAt", "expiresIn", "maxAttempts", "limit", "dryRun",
  ]
}
extension NewToken: RequestMembers {
  static let members: Set = ["name", "role", "expiresAt"]
}
extension NewCredential: RequestMembers {
  static let members: Set = ["username", "password", "device"]
}
