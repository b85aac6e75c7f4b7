import NIOCore

/// Writes the POSTs of a CPE (TR-069 Amendment 6, 3.4.1).
struct ACSRequest {
  /// The part that all requests to one ACS have in common, up to the first field that differs.
  private let head: String

  init(target: HTTPTarget) {
    head =
      "POST \(target.path) HTTP/1.1\r\nHost: \(target.hostHeader)\r\nUser-Agent: cpesim\r\n"
  }

  /// An empty body makes the empty POST, which has neither Content-Type nor SOAPAction.
  func write(
    body: ByteBuffer, cookies: [String], authorization: String?, into buffer: inout ByteBuffer
  ) {
    buffer.writeString(head)
    if !cookies.isEmpty {
      buffer.writeString("Cookie: \(cookies.joined(separator: "; "))\r\n")
    }
    if let authorization { buffer.writeString("Authorization: \(authorization)\r\n") }
    if body.readableBytes > 0 {
      buffer.writeString("Content-Type: text/xml; charset=\"utf-8\"\r\nSOAPAction: \r\n")
    }
    buffer.writeString("Content-Length: \(body.readableBytes)\r\n\r\n")
    buffer.writeImmutableBuffer(body)
  }
}

/// The cookies of one session, the latest of each name (TR-069 Amendment 6, 3.4.1).
struct SessionCookies {
  private(set) var pairs: [String] = []

  /// Takes the Set-Cookie values of a response.
  ///
  /// - Parameter needsPath: Whether the device ignores those without `Path=/`.
  mutating func receive(_ received: [String], needsPath: Bool = false) {
    for value in received {
      let parts = value.split(separator: ";").map { String($0[...].trimmed) }
      guard let pair = parts.first, !needsPath || parts.dropFirst().contains("Path=/") else {
        continue
      }
      let name = pair.prefix { $0 != "=" } + "="
      pairs.removeAll { $0.hasPrefix(name) }
      pairs.append(pair)
    }
  }
}
