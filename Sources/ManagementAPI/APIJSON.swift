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
      return try decoder.decode(type, from: data)
    } catch let error as DecodingError {
      throw Refusal(.invalidBody, Self.sentence(error))
    }
  }

  private static func sentence(_ error: DecodingError) -> String {
    func place(_ path: [any CodingKey]) -> String {
      path.isEmpty
        ? "The body"
        : "“" + path.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".") + "”"
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
protocol RequestMembers: Decodable {
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
