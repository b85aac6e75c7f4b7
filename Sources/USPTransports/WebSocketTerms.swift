import Refusals

/// What the WebSockets of one server or one client share.
final class WebSocketTerms: Sendable {
  let limits: LinkLimits
  let keepAlive: KeepAliveSettings
  let isServer: Bool
  /// Places for links.
  let links: Allotment
  /// Bytes of Records that are not there in full.
  let arriving: Allotment

  init(limits: LinkLimits, keepAlive: KeepAliveSettings, isServer: Bool, maxLinks: Int) {
    self.limits = limits
    self.keepAlive = keepAlive
    self.isServer = isServer
    links = Allotment(limit: maxLinks)
    arriving = Allotment(limit: limits.maxArriving)
  }
}
