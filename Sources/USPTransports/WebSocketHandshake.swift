import USP

/// What an endpoint that calls has shown of itself, before it is let in.
package struct WebSocketHandshake: Sendable {
  /// The IP address.
  package var peerAddress: String
  /// Who the caller says it is: `eid` of the request's query (R-WS.10b), or else of the old extension.
  package var endpoint: EndpointID?
  /// The endpoint IDs in the certificate that the caller has shown and that was verified; nil where it has shown none.
  package var certificate: [EndpointID]?
  /// The fields `Authorization` of the request.
  package var authorization: [String]
  package var isEncrypted: Bool

  package init(
    peerAddress: String, endpoint: EndpointID?, certificate: [EndpointID]? = nil,
    authorization: [String] = [], isEncrypted: Bool = false
  ) {
    self.peerAddress = peerAddress
    self.endpoint = endpoint
    self.certificate = certificate
    self.authorization = authorization
    self.isEncrypted = isEncrypted
  }
}

/// Whether an endpoint that calls is let in.
package enum WebSocketVerdict: Sendable, Equatable {
  case admitted(LinkProof)
  /// It shall show who it is: 401 with these values of `WWW-Authenticate`, for example `Basic realm="usp"`.
  case unauthorized(challenges: [String])
  /// - Parameters:
  ///   - status: of HTTP, 400 or more, for example 403.
  ///   - retryAfter: seconds; nil: nothing is said of it.
  case refused(status: Int, retryAfter: Int? = nil)
}

/// Decides on whoever calls; it is asked once for each handshake.
package typealias WebSocketAuthorizer = @Sendable (WebSocketHandshake) async -> WebSocketVerdict
