import Refusals

/// What the handshakes of one server share.
final class WebSocketDesk: Sendable {
  let settings: WebSocketServerSettings
  let terms: WebSocketTerms
  /// Connections on which no link has come about yet.
  let handshakes: Allotment
  let refusals: RefusalTally
  let authorize: WebSocketAuthorizer
  let accept: LinkAcceptor

  init(
    settings: WebSocketServerSettings, refusals: RefusalLog,
    authorize: @escaping WebSocketAuthorizer,
    accept: @escaping LinkAcceptor
  ) {
    self.settings = settings
    terms = WebSocketTerms(
      limits: settings.limits, keepAlive: settings.keepAlive, isServer: true,
      maxLinks: settings.maxLinks)
    handshakes = Allotment(limit: settings.maxHandshakes)
    self.refusals = RefusalTally(log: refusals)
    self.authorize = authorize
    self.accept = accept
  }
}
