/// A ConnectionRequestURL that has been taken apart and may be asked.
package struct ConnectionRequestURL: Sendable, Equatable {
  /// The longest URL that is looked at; ManagementServer.ConnectionRequestURL has at most 256 characters.
  package static let maximumLength = 1024

  package struct Problem: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String
  }

  package let host: String
  package let port: UInt16
  /// Path and query as the device wrote them; `/` if it wrote none.
  package let target: String

  /// Scheme, host and port, without anything else that the device wrote.
  package var origin: String { "http://\(host):\(port)" }

  /// Reads a URL that came from a device.
  ///
  /// Only plain http is taken (TR-069 Amendment 6, 3.2.2.1), no userinfo, and only characters that no parser
  /// reads in two ways.
  package init(_ text: String) throws(Problem) {
    let text = text.trimmingWhitespace()
    guard !text.isEmpty else { throw Problem(description: "the URL is empty") }
    guard text.utf8.count <= Self.maximumLength else {
      throw Problem(description: "the URL is longer than \(Self.maximumLength) bytes")
    }
    guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") }) else {
      throw Problem(description: "the URL has characters that no URL has")
    }
    let scheme = "http://"
    guard text.prefix(scheme.count).lowercased() == scheme else {
      throw Problem(description: "the URL's scheme is not http")
    }
    let rest = text.dropFirst(scheme.count)
    let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    guard !authority.contains("@") else { throw Problem(description: "the URL has userinfo") }
    (host, port) = try Self.hostAndPort(authority)
    let target = rest[authority.endIndex...].prefix { $0 != "#" }
    self.target = target.hasPrefix("/") ? String(target) : "/" + target
  }

  private static func hostAndPort(_ authority: Substring) throws(Problem) -> (String, UInt16) {
    var host = authority
    var portText: Substring?
    if authority.hasPrefix("[") {
      guard let end = authority.firstIndex(of: "]") else {
        throw Problem(description: "the URL's host has no closing bracket")
      }
      host = authority[...end]
      let after = authority[authority.index(after: end)...]
      guard after.isEmpty || after.hasPrefix(":") else {
        throw Problem(description: "the URL's host is malformed")
      }
      if !after.isEmpty { portText = after.dropFirst() }
      guard host.dropFirst().dropLast().allSatisfy({ $0.isHexDigit || $0 == ":" || $0 == "." })
      else { throw Problem(description: "the URL's host is no IPv6 address") }
    } else if let colon = authority.firstIndex(of: ":") {
      host = authority[..<colon]
      portText = authority[authority.index(after: colon)...]
    }
    guard !host.isEmpty, host.first == "[" || host.allSatisfy(Self.isHostCharacter) else {
      throw Problem(description: "the URL's host is malformed")
    }
    guard let portText, !portText.isEmpty else { return (String(host), 80) }
    guard portText.allSatisfy({ $0.isASCII && $0.isNumber }), let port = UInt16(portText), port > 0
    else { throw Problem(description: "the URL's port is not between 1 and 65535") }
    return (String(host), port)
  }

  private static func isHostCharacter(_ character: Character) -> Bool {
    character.isASCII
      && (character.isLetter || character.isNumber || character == "-" || character == "."
        || character == "_")
  }
}

extension String {
  fileprivate func trimmingWhitespace() -> Substring {
    var text = drop { $0.isWhitespace }
    while let last = text.last, last.isWhitespace { text = text.dropLast() }
    return text
  }
}
