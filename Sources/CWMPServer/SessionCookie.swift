/// The cookie that carries a session from request to request.
enum SessionCookie {
  static let name = "session"

  /// The value of Set-Cookie. The path is named because some devices never end a session without it.
  /// - Parameter isEncrypted: the cookie that came over TLS goes back over TLS only.
  static func header(_ token: String, isEncrypted: Bool) -> String {
    "\(name)=\(token); Path=/; HttpOnly" + (isEncrypted ? "; Secure" : "")
  }

  /// The tokens in a Cookie header, as devices really send it: with other cookies, with the attributes of Set-Cookie before or
  /// behind, joined by commas, quoted.
  static func tokens(in header: String) -> [Substring] {
    var tokens: [Substring] = []
    for part in header.utf8.split(whereSeparator: { separators.contains($0) }) {
      guard let equals = part.firstIndex(of: UInt8(ascii: "=")),
        part[..<equals].elementsEqual(name.utf8)
      else { continue }
      let value = part[part.index(after: equals)...].drop { $0 == UInt8(ascii: "\"") }
      let end = value.firstIndex(of: UInt8(ascii: "\"")) ?? value.endIndex
      tokens.append(Substring(value[..<end]))
    }
    return tokens
  }

  private static let separators: [UInt8] = [
    UInt8(ascii: ";"), UInt8(ascii: ","), UInt8(ascii: " "),
  ]
}
