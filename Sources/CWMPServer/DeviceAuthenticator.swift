import Cryptography
import FleetStore
import HTTPAuthentication
import Logging
import NIOConcurrencyHelpers

/// Decides by a request's Authorization header who calls.
///
/// Verifiers are kept for a short while, so that a session costs no query for them; a credential that was replaced or deleted is
/// refused after that while at the latest.
package final class DeviceAuthenticator: Sendable {
  /// Who may come in.
  package enum Verdict: Sendable, Equatable {
    /// The device that the credential belongs to; nil: any device.
    case admitted(deviceName: String?)
    /// Values for `WWW-Authenticate`.
    case challenged([String])
    /// The credential can't be looked up at the moment.
    case unavailable
  }

  private struct Cached {
    var verifier: Verifier?
    var deviceName: String?
    var until: Double
  }

  private let realm: String
  private let scheme: DoorSettings.Scheme
  private let nonces: NonceIssuer
  private let store: FleetStore
  private let logger: Logger
  private let cache = NIOLockedValueBox<[String: Cached]>([:])

  /// Seconds.
  private static let cacheLifetime = 10.0
  private static let cacheSize = 50_000
  /// Bytes of a username that is looked up.
  private static let maxUsername = 512

  /// - Parameter key: signs nonces; shared by all nodes, so that each bears the challenges of the others.
  package init(settings: DoorSettings, store: FleetStore, key: [UInt8], logger: Logger) {
    realm = settings.realm
    scheme = settings.scheme
    nonces = NonceIssuer(key: key, lifetime: 300)
    self.store = store
    self.logger = logger
  }

  /// - Parameter header: the value of Authorization.
  /// - Parameter now: seconds since 1970.
  /// - Returns: nil where the credential has to be looked up first; see ``judge(_:method:uri:now:)-async``.
  func judgeAtOnce(_ header: String?, method: String, uri: String, now: Double) -> Verdict? {
    guard let header, let authorization = Authorization.parse(header) else {
      return challenge(now: now)
    }
    switch authorization {
    case .unsupported:
      return challenge(now: now)
    case .basic(let username, let password):
      guard scheme != .digest else { return challenge(now: now) }
      guard let cached = cached(username, now: now) else { return nil }
      guard let verifier = cached.verifier,
        verifier.verifies(username: username, password: password)
      else { return refuse(username, now: now) }
      return .admitted(deviceName: cached.deviceName)
    case .digest(let credentials):
      guard scheme != .basic else { return challenge(now: now) }
      let freshness = nonces.check(credentials.nonce, now: Int64(now))
      guard freshness != .forged else { return challenge(now: now) }
      guard let cached = cached(credentials.username, now: now) else { return nil }
      guard let verifier = cached.verifier,
        verifier.verifies(credentials, method: method, requestURI: uri)
      else { return refuse(credentials.username, now: now) }
      guard freshness == .fresh else { return challenge(now: now, stale: true) }
      return .admitted(deviceName: cached.deviceName)
    }
  }

  /// As above, looking the credential up where it is not at hand.
  func judge(_ header: String?, method: String, uri: String, now: Double) async -> Verdict {
    if let verdict = judgeAtOnce(header, method: method, uri: uri, now: now) { return verdict }
    guard let header, let username = Authorization.parse(header)?.username else {
      return challenge(now: now)
    }
    guard username.utf8.count <= Self.maxUsername, !username.utf8.contains(0) else {
      return refuse(username, now: now)
    }
    do {
      try await look(up: username, now: now)
    } catch {
      logger.error("a credential can't be looked up", metadata: ["error": "\(error)"])
      return .unavailable
    }
    return judgeAtOnce(header, method: method, uri: uri, now: now) ?? .unavailable
  }

  private func look(up username: String, now: Double) async throws {
    var entry = Cached(verifier: nil, deviceName: nil, until: now + Self.cacheLifetime)
    if let record = try await store.credential(username: username), record.realm == realm {
      entry.verifier = Verifier(
        username: record.username, realm: record.realm, ha1MD5: record.ha1MD5,
        ha1SHA256: record.ha1SHA256)
      entry.deviceName = record.deviceName
    }
    let found = entry
    cache.withLockedValue { cache in
      // Names that nobody has are cached too; a flood of them empties the cache rather than the memory.
      if cache.count >= Self.cacheSize { cache.removeAll(keepingCapacity: true) }
      cache[username] = found
    }
  }

  private func cached(_ username: String, now: Double) -> Cached? {
    cache.withLockedValue { cache in
      guard let entry = cache[username], entry.until > now else { return nil }
      return entry
    }
  }

  private func refuse(_ username: String, now: Double) -> Verdict {
    logger.notice(
      "a credential was refused", metadata: ["username": "\(username.prefix(200))"]
    )
    return challenge(now: now)
  }

  func challenge(now: Double, stale: Bool = false) -> Verdict {
    var values: [String] = []
    if scheme != .basic {
      let nonce = nonces.issue(now: Int64(now))
      values.append(Challenge.digest(realm: realm, nonce: nonce, stale: stale).headerValue)
    }
    if scheme != .digest { values.append(Challenge.basic(realm: realm).headerValue) }
    return .challenged(values)
  }
}

extension Authorization {
  fileprivate var username: String? {
    switch self {
    case .basic(let username, _): username
    case .digest(let credentials): credentials.username
    case .unsupported: nil
    }
  }
}
