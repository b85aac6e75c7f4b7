import Cryptography

/// Entity tags of things that the API shows (RFC 9110, 8.8.3).
enum EntityTag {
  /// The tag of a value, which changes with all that the API shows of it.
  static func text(for value: some Encodable) throws -> String {
    "\"" + Hex.encode(SHA256.digest(of: Array(try APIJSON.encode(value))).prefix(12)) + "\""
  }

  /// Whether a list of tags, or the star, covers a tag.
  static func matches(_ list: String, _ tag: String, isWeak: Bool) -> Bool {
    list.split(separator: ",").contains { item in
      var item = item.drop { $0 == " " || $0 == "\t" }
      while item.last == " " || item.last == "\t" { item.removeLast() }
      if isWeak, item.hasPrefix("W/") { item = item.dropFirst(2) }
      return item == "*" || item == tag
    }
  }
}
