import XML

/// Why a body is not taken as a CWMP envelope; it is answered with status 400 (TR-069 3.4.1).
package struct CWMPError: Error, Sendable, Equatable {
  package enum Code: Sendable, Equatable {
    /// Not well-formed XML, a DOCTYPE, or an encoding that cannot be read.
    case notXML
    /// Larger or deeper than a limit allows.
    case limitExceeded
    /// XML, but no SOAP envelope with a Body.
    case notSOAP
    /// A known message without something it cannot do without.
    case invalidMessage
  }

  package var code: Code
  /// A sentence for people; it quotes no values.
  package var message: String
  /// The parser's own report, where it refused the document.
  package var xml: XMLError?

  package init(_ code: Code, _ message: String, xml: XMLError? = nil) {
    self.code = code
    self.message = message
    self.xml = xml
  }
}

extension CWMPError: CustomStringConvertible {
  package var description: String {
    guard let xml else { return message }
    return "\(message): \(xml)"
  }
}
