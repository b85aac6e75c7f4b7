/// Why an exchange gave no response that could be used.
package struct HTTPClientError: Error, Sendable, Equatable, CustomStringConvertible {
  package enum Code: String, Sendable, CaseIterable {
    /// The URL, a header or an option cannot be sent.
    case invalidRequest
    case nameNotResolved
    /// The caller's own rules refused the resolved address.
    case addressRefused
    case connectionRefused
    /// No route, network down, or another failure before the connection stood.
    case connectFailed
    case timedOut
    /// The connection broke, or closed without a whole response.
    case connectionReset
    /// The TLS handshake or the server's certificate failed.
    case tls
    case responseTooLarge
    /// The request's file cannot be read, or the receiver of the response's body wanted no more.
    case bodyAborted
    case cancelled
    /// The response is not HTTP, or the transfer failed in a way that has no code of its own.
    case protocolFailure
    /// The client has been shut down.
    case shutDown
  }

  package let code: Code
  /// The URL without userinfo and query.
  package let url: String
  /// What the machine said, for a person.
  package let detail: String

  package init(code: Code, url: String, detail: String) {
    self.code = code
    self.url = Self.withoutSecrets(url)
    self.detail = detail
  }

  package var description: String { "\(url): \(detail) (\(code.rawValue))" }

  private static func withoutSecrets(_ url: String) -> String {
    var text = String(url.prefix { $0 != "?" && $0 != "#" })
    guard let scheme = text.firstRange(of: "://") else { return text }
    let authorityEnd = text[scheme.upperBound...].firstIndex(of: "/") ?? text.endIndex
    if let at = text[scheme.upperBound..<authorityEnd].lastIndex(of: "@") {
      text.removeSubrange(scheme.upperBound...at)
    }
    return text
  }
}
