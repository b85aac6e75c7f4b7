import USP

/// The URL of a WebSocket (RFC 6455, section 3).
struct WebSocketURL: Equatable {
  var isEncrypted: Bool
  /// A name or an address; of IPv6 without brackets.
  var host: String
  var port: Int
  /// Path and query.
  var target: String

  /// - Throws: ``TransportError/unusable(_:)``.
  init(_ text: String) throws(TransportError) {
    func invalid(_ why: String) -> TransportError {
      .unusable("\(text.prefix(200)) is no URL of a WebSocket: \(why)")
    }
    guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw invalid("it holds blanks or characters that are not of ASCII")
    }
    guard let mark = text.firstRange(of: "://") else { throw invalid("it has no scheme") }
    switch text[..<mark.lowerBound].lowercased() {
    case "ws": isEncrypted = false
    case "wss": isEncrypted = true
    default: throw invalid("its scheme is neither ws nor wss")
    }
    let rest = text[mark.upperBound...]
    let end = rest.firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? rest.endIndex
    let authority = rest[..<end]
    guard !rest.contains("#") else { throw invalid("a fragment means nothing in it") }
    guard !authority.contains("@") else { throw invalid("credentials don't belong into it") }
    let portText: Substring?
    if authority.first == "[" {
      guard let close = authority.firstIndex(of: "]") else { throw invalid("a bracket is missing") }
      host = String(authority[authority.index(after: authority.startIndex)..<close])
      let behind = authority[authority.index(after: close)...]
      guard behind.isEmpty || behind.first == ":" else { throw invalid("its port can't be read") }
      portText = behind.isEmpty ? nil : behind.dropFirst()
    } else {
      let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count <= 2 else { throw invalid("an address of IPv6 stands in brackets") }
      host = String(parts.first ?? "")
      portText = parts.count == 2 ? parts[1] : nil
    }
    guard !host.isEmpty else { throw invalid("it has no host") }
    if let portText {
      guard let port = UInt16(portText), port > 0 else { throw invalid("its port can't be read") }
      self.port = Int(port)
    } else {
      port = isEncrypted ? 443 : 80
    }
    let path = rest[end...]
    target = path.first == "/" ? String(path) : "/" + path
  }

  /// The field `Host` of a request.
  var hostField: String {
    let name = host.contains(":") ? "[\(host)]" : host
    return port == (isEncrypted ? 443 : 80) ? name : "\(name):\(port)"
  }

  /// What is asked for: the endpoint ID stands in the query, behind what else is there (R-WS.10b).
  func target(as own: EndpointID) -> String {
    target + (target.contains("?") ? target.hasSuffix("?") ? "" : "&" : "?")
      + "eid=" + own.queryEncoded
  }
}
