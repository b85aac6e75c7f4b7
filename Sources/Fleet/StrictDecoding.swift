/// A key of a JSON object, whatever its name.
struct AnyKey: CodingKey {
  let stringValue: String
  let intValue: Int?

  init(stringValue: String) {
    self.stringValue = stringValue
    self.intValue = nil
  }

  init(intValue: Int) {
    self.stringValue = String(intValue)
    self.intValue = intValue
  }
}

/// An object has a member that its type does not know.
struct UnknownMember: Error {
  let name: String
  let path: [any CodingKey]
  let known: [String]

  init(_ key: AnyKey, in decoder: any Decoder, known: [String]) {
    name = key.stringValue
    path = decoder.codingPath
    self.known = known
  }
}

/// A value is none of the words that its place takes.
struct UnknownWord: Error {
  let path: [any CodingKey]
  let known: [String]
}

extension Decoder {
  /// The object to be read, all of whose members must be known: a member that is overlooked in silence is
  /// an order that is not followed.
  func strictContainer<Key: CodingKey & CaseIterable>(
    keyedBy: Key.Type
  ) throws -> KeyedDecodingContainer<Key> {
    let known = Key.allCases.map(\.stringValue)
    for key in try container(keyedBy: AnyKey.self).allKeys where !known.contains(key.stringValue) {
      throw UnknownMember(key, in: self, known: known)
    }
    return try container(keyedBy: Key.self)
  }
}

extension Diagnostic {
  /// Says what is wrong with JSON in words for the person who wrote it.
  init(decoding error: any Error) {
    switch error {
    case let error as UnknownMember:
      let name = error.name.clipped(to: 64)
      self.init(
        "There is no member “\(name)” here.",
        hint: error.known.nearest(to: name).map { "did you mean “\($0)”?" }
          ?? (error.known.isEmpty
            ? "leave it out" : "known are \(error.known.joined(separator: ", "))"),
        field: error.path.field)
    case let error as UnknownWord:
      self.init(
        "The value is none of those allowed.",
        hint: "known are \(error.known.joined(separator: ", "))",
        field: error.path.field)
    case DecodingError.keyNotFound(let key, let context):
      self.init(
        "The member “\(key.stringValue)” is missing.", field: context.codingPath.field)
    case DecodingError.typeMismatch(let type, let context):
      self.init("\(jsonName(of: type)) is wanted here.", field: context.codingPath.field)
    case DecodingError.valueNotFound(let type, let context):
      self.init(
        "\(jsonName(of: type)) is wanted here, not null.", field: context.codingPath.field)
    case DecodingError.dataCorrupted(let context) where !context.codingPath.isEmpty:
      self.init("The value is none of those allowed.", field: context.codingPath.field)
    default:
      self.init("This is not JSON.", hint: "an object in braces is wanted, for example {}")
    }
  }
}

private func jsonName(of type: any Any.Type) -> String {
  if type == String.self { return "A string" }
  if type == Bool.self { return "true or false" }
  if type == Int.self || type == Double.self { return "A number" }
  if type is any Collection.Type && !(type is any DictionaryLike.Type) { return "An array" }
  return "An object"
}

private protocol DictionaryLike {}
extension Dictionary: DictionaryLike {}

extension [any CodingKey] {
  /// For example `values[2].path`.
  fileprivate var field: String {
    reduce(into: "") { text, key in
      if let index = key.intValue {
        text += "[\(index)]"
      } else {
        text += text.isEmpty ? key.stringValue : ".\(key.stringValue)"
      }
    }.clipped(to: 256)
  }
}
