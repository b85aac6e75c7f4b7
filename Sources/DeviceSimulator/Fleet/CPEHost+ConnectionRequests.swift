import Cryptography
import HTTPAuthentication
import NIOCore

extension CPEHost {
  /// Answers a GET to the device's connection request URL (TR-069 Amendment 6, 3.2.2).
  func connectionRequest(authorization: String?, uri: String) -> ConnectionRequestReply {
    let manner = ConnectionRequestManner(cpe.quirks)
    return manner.reply(answer(authorization, uri, manner))
  }

  private func answer(_ authorization: String?, _ uri: String, _ manner: ConnectionRequestManner)
    -> ConnectionRequestAnswer
  {
    let now = now
    guard cpe.isOn, !loop.isStopping else { return .unavailable }
    // The port is the whole fleet's, so that a device which does not listen can only keep silent.
    guard cpe.takesHTTPConnectionRequests(now) else { return .silence }
    if let refusal = manner.refusal(authorization: authorization) { return refusal }
    // Nonces live by our time, however fast the device's own goes.
    let clock = Int64(NIODeadline.now().uptimeNanoseconds / 1_000_000_000)
    func challenge(stale: Bool = false) -> ConnectionRequestAnswer {
      .challenge(manner.challenge(nonce: loop.nonces.issue(now: clock), stale: stale))
    }
    guard let (username, password) = cpe.connectionRequestCredentials(now), let authorization,
      manner.takes(authorization)
    else { return challenge() }
    switch Authorization.parse(authorization) {
    case .basic(let name, let word)? where manner.takesBasic:
      guard name == username, constantTimeEquals(word.utf8, password.utf8) else {
        return challenge()
      }
    case .digest(let credentials)? where !manner.takesBasic:
      let verdict = loop.nonces.check(credentials.nonce, now: clock)
      let verifier = Verifier(
        username: username, realm: ConnectionRequestAnswer.realm, password: password)
      guard verdict != .forged, credentials.username == username,
        verifier.verifies(credentials, method: "GET", requestURI: uri)
      else { return challenge() }
      guard case .fresh = verdict else { return challenge(stale: true) }
    default: return challenge()
    }
    if manner.forbids { return .forbidden }
    if manner.closesOnce, !hasClosedOnce {
      hasClosedOnce = true
      return .silence
    }
    return takeConnectionRequest() ? .accepted : .unavailable
  }

  /// Whether the device comes; it is counted then.
  func takeConnectionRequest() -> Bool {
    guard cpe.connectionRequested(at: now) else { return false }
    loop.counts.connectionRequests += 1
    wake()
    return true
  }
}
