/// An `http://` or `https://` URL taken apart: where to connect and what to ask for.
package struct HTTPTarget: Sendable, Hashable {
  package var isSecure: Bool
  package var host: String
  package var port: Int
  /// Path and query, at least `/`.
  package var path: String

  /// Nil unless it is such a URL with a host, a port from 1 to 65535 if there is one, and no user.
  package init?(_ url: String) {
    let lowered = url.prefix(8).lowercased()
    guard lowered.hasPrefix("http://") || lowered.hasPrefix("https://"), url.utf8.count <= 2048,
      url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
    else { return nil }
    isSecure = lowered.hasPrefix("https://")
    let rest = url.dropFirst(isSecure ? 8 : 7).prefix { $0 != "#" }
    let authority = rest.prefix { $0 != "/" && $0 != "?" }
    let remainder = String(rest.dropFirst(authority.count))
    path = remainder.hasPrefix("/") ? remainder : "/" + remainder
    guard !authority.contains("@") else { return nil }
    var name = authority
    var digits: Substring?
    if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
      name = authority[authority.index(after: authority.startIndex)..<end]
      let tail = authority[authority.index(after: end)...]
      guard tail.isEmpty || tail.hasPrefix(":") else { return nil }
      if !tail.isEmpty { digits = tail.dropFirst() }
    } else if let colon = authority.firstIndex(of: ":") {
      name = authority[..<colon]
      digits = authority[authority.index(after: colon)...]
    }
    guard !name.isEmpty else { return nil }
    host = String(name)
    guard let digits, !digits.isEmpty else {
      port = Self.usualPort(isSecure)
      return
    }
    guard let number = Int(digits), (1...65535).contains(number) else { return nil }
    port = number
  }

  private static func usualPort(_ isSecure: Bool) -> Int { isSecure ? 443 : 80 }

  /// The value of the Host header.
  package var hostHeader: String {
    let name = host.contains(":") ? "[\(host)]" : host
    return port == Self.usualPort(isSecure) ? name : "\(name):\(port)"
  }
}
