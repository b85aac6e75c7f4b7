/// What may be shown of a libpq connection string (PostgreSQL documentation, 34.1.1).
package enum ConnectionString {
  private static let mask = "***"
  private static let harmless: Set<String> = [
    "host", "hostaddr", "port", "dbname", "user", "application_name", "sslmode", "connect_timeout",
    "target_session_attrs", "service", "passfile", "sslrootcert", "options",
  ]

  /// The string with every password masked; masked as a whole where it cannot be understood.
  package static func masked(_ text: String) -> String {
    if text.isEmpty { return "" }
    let isURI = ["postgres://", "postgresql://"].contains { text.hasPrefix($0) }
    return (isURI ? maskedURI(text) : maskedPairs(text)) ?? mask
  }

  private static func maskedURI(_ text: String) -> String? {
    guard let start = text.firstRange(of: "://")?.upperBound else { return nil }
    let rest = text[start...]
    let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
    var authority = String(rest[..<end])
    // A password may hold an unescaped slash or question mark; then the @ comes after what looked like the end.
    guard !rest[end...].prefix(while: { $0 != "?" }).contains("@") else { return nil }
    if let at = authority.lastIndex(of: "@"),
      let colon = authority[..<at].firstIndex(of: ":")
    {
      authority = authority[..<colon] + ":" + mask + authority[at...]
    }
    var tail = String(rest[end...])
    if let question = tail.firstIndex(of: "?") {
      let pairs = tail[tail.index(after: question)...].split(separator: "&").map { pair in
        let name = String(pair.prefix { $0 != "=" })
        return harmless.contains(name) ? String(pair) : "\(name)=\(mask)"
      }
      tail = tail[...question] + pairs.joined(separator: "&")
    }
    return text[..<start] + authority + tail
  }

  private static func maskedPairs(_ text: String) -> String? {
    var shown: [String] = []
    var rest = text[...]
    func skipBlanks() { rest = rest.drop { $0.isWhitespace } }
    skipBlanks()
    while !rest.isEmpty {
      let name = rest.prefix { $0 != "=" && !$0.isWhitespace }
      rest = rest.dropFirst(name.count)
      skipBlanks()
      guard !name.isEmpty, rest.first == "=" else { return nil }
      rest = rest.dropFirst()
      skipBlanks()
      guard let value = takeValue(&rest) else { return nil }
      shown.append("\(name)=\(harmless.contains(String(name)) ? value : mask)")
      skipBlanks()
    }
    return shown.joined(separator: " ")
  }

  /// The next value as it is written, with its quotes; nil where a quote is not closed.
  private static func takeValue(_ rest: inout Substring) -> String? {
    var value = ""
    let isQuoted = rest.first == "'"
    if isQuoted { value.append(rest.removeFirst()) }
    while let character = rest.first {
      if !isQuoted, character.isWhitespace { break }
      value.append(rest.removeFirst())
      if character == "\\", !rest.isEmpty {
        value.append(rest.removeFirst())
      } else if isQuoted, character == "'" {
        return value
      }
    }
    return isQuoted ? nil : value
  }
}
