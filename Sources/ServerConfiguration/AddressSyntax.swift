/// Tells whether a text is an address, a range of addresses, a host, or a base URL; resolves nothing.
package enum AddressSyntax {
  /// Whether what goes to a host stays on this machine.
  static func isLoopback(_ host: String) -> Bool {
    host.hasPrefix("127.") || ["::1", "localhost"].contains(host)
  }

  /// An IPv4 or IPv6 address, or a host name (RFC 1123).
  package static func isHost(_ text: String) -> Bool {
    if text.contains(":") { return ipv6Groups(text) != nil }
    if text.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }) { return isIPv4(text) }
    let labels = text.split(separator: ".", omittingEmptySubsequences: false)
    return text.utf8.count <= 253
      && labels.allSatisfy { label in
        (1...63).contains(label.utf8.count) && !label.hasPrefix("-") && !label.hasSuffix("-")
          && label.allSatisfy {
            $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_")
          }
      }
  }

  /// `name@domain` or `name@domain/resource` (RFC 7622), in ASCII.
  package static func isJabberID(_ text: String) -> Bool {
    guard text.utf8.count <= 1024, text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }),
      let at = text.firstIndex(of: "@")
    else { return false }
    let name = text[..<at]
    let rest = text[text.index(after: at)...]
    let domain = rest.prefix { $0 != "/" }
    return !name.isEmpty && !name.contains { "\"&'/:<>".contains($0) } && isHost(String(domain))
      && (domain.count == rest.count || rest.count > domain.count + 1)
  }

  /// An address with a prefix length, or one address alone (RFC 4632, RFC 4291 2.3).
  package static func isRange(_ text: String) -> Bool {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard let address = parts.first.map(String.init), parts.count <= 2 else { return false }
    let longest: Int
    if isIPv4(address) {
      longest = 32
    } else if ipv6Groups(address) != nil {
      longest = 128
    } else {
      return false
    }
    guard parts.count == 2 else { return true }
    return isDecimal(parts[1], upTo: longest)
  }

  /// `http://` or `https://`, a host, perhaps a port and a path; no user, query or fragment.
  package static func isBaseURL(_ text: String) -> Bool {
    isURL(text, schemes: ["http://", "https://"])
  }

  /// The same with `ws://` or `wss://`.
  package static func isWebSocketURL(_ text: String) -> Bool {
    isURL(text, schemes: ["ws://", "wss://"])
  }

  private static func isURL(_ text: String, schemes: [String]) -> Bool {
    guard let scheme = schemes.first(where: text.hasPrefix),
      text.utf8.allSatisfy({ (0x21...0x7e).contains($0) && !"\"<>\\^`{|}?#@".utf8.contains($0) })
    else { return false }
    let rest = text.dropFirst(scheme.count)
    let authority = rest.prefix { $0 != "/" }
    if authority.hasPrefix("[") {
      guard let end = authority.firstIndex(of: "]") else { return false }
      return ipv6Groups(String(authority[authority.index(after: authority.startIndex)..<end]))
        != nil
        && isPort(authority[authority.index(after: end)...])
    }
    let host = authority.prefix { $0 != ":" }
    return isHost(String(host)) && isPort(authority.dropFirst(host.count))
  }

  /// Empty, or a colon and a port.
  private static func isPort(_ text: Substring) -> Bool {
    guard !text.isEmpty else { return true }
    return text.hasPrefix(":") && text != ":0" && isDecimal(text.dropFirst(), upTo: 65_535)
  }

  private static func isIPv4(_ text: String) -> Bool {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts.allSatisfy { isDecimal($0, upTo: 255) }
  }

  /// Digits without leading zeros.
  private static func isDecimal(_ text: Substring, upTo limit: Int) -> Bool {
    guard (1...5).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let value = Int(text)
    else { return false }
    return value <= limit && (text == "0" || !text.hasPrefix("0"))
  }

  /// The number of 16-bit groups written out; nil where the text is no IPv6 address (RFC 4291 2.2).
  private static func ipv6Groups(_ text: String) -> Int? {
    let halves = text.split(separator: "::", omittingEmptySubsequences: false)
    guard halves.count <= 2 else { return nil }
    var groups = 0
    for (index, half) in halves.enumerated() where !half.isEmpty {
      let parts = half.split(separator: ":", omittingEmptySubsequences: false)
      for (place, part) in parts.enumerated() {
        let isLast = index == halves.count - 1 && place == parts.count - 1
        if isLast, part.contains(".") {
          guard isIPv4(String(part)) else { return nil }
          groups += 2
        } else {
          guard (1...4).contains(part.utf8.count), part.allSatisfy({ $0.isASCII && $0.isHexDigit })
          else { return nil }
          groups += 1
        }
      }
    }
    return halves.count == 2 ? (groups <= 7 ? groups : nil) : (groups == 8 ? groups : nil)
  }
}
