import Cryptography
import FleetStore
import HTTPAuthentication
import Logging
import NIOConcurrencyHelpers
import Refusals

/// Decides by a request's Authorization header who calls.
///
/// Verifiers are kept for a short while, so that a session costs no query for them; a credential that was replaced or deleted is
/// refused after that while at the latest, and a new one is taken after a second.
package final class DeviceAuthenticator: Sendable {
  /// Who may come in.
  enum Verdict: Sendable, Equatable {
    case admitted(Caller)
    /// Values for `WWW-Authenticate`.
    case challenged([String])
    /// The credential can't be looked up at the moment.
    case unavailable
  }

  /// A request as far as its credentials go.
  struct Request: Sendable {
    /// The value of Authorization.
    var authorization: String?
    var method = "POST"
    /// The target of the request line.
    var uri: String
    var isEncrypted: Bool
    /// The peer's IP address.
    var peer: String
    /// Seconds since 1970.
    var now: Double
  }

  private struct Cached {
    var verifier: Verifier?
    var deviceName: String?
    var loaded: Double
  }

  private let settings: DoorSettings
  private let nonces: NonceIssuer
  private let store: FleetStore
  private let refusals: RefusalLog
  private let counter: DoorCounter
  private let logger: Logger
  private let cache = NIOLockedValueBox<[String: Cached]>([:])

  /// Seconds.
  private static let cacheLifetime = 10.0
  /// Seconds after which a credential that did not fit is looked up again: it may have been replaced.
  private static let recheckAfter = 1.0
  private static let cacheSize = 50_000
  /// Bytes of a username that is looked up.
  private static let maxUsername = 512

  /// - Parameter key: signs nonces; shared by all nodes, so that each bears the challenges of the others.
  init(
    settings: DoorSettings, store: FleetStore, key: [UInt8], refusals: RefusalLog,
    counter: DoorCounter, logger: Logger
  ) {
    self.settings = settings
    nonces = NonceIssuer(key: key, lifetime: settings.nonceLifetime)
    self.store = store
    self.refusals = refusals
    self.counter = counter
    self.logger = logger
  }

  /// - Returns: nil where the credential has to be looked up first; see ``judge(_:)``.
  func judgeAtOnce(_ request: Request) -> Verdict? { judge(request, mayLookUp: true) }

  /// As above, looking the credential up where it is not at hand.
  func judge(_ request: Request) async -> Verdict {
    if let verdict = judgeAtOnce(request) { return verdict }
    guard let username = request.authorization.flatMap(Authorization.parse)?.username else {
      return challenge(request)
    }
    guard username.utf8.count <= Self.maxUsername, !username.utf8.contains(0) else {
      return refuse(username, request)
    }
    do {
      try await look(up: username, now: request.now)
    } catch {
      logger.error("a credential can't be looked up", metadata: ["error": "\(error)"])
      return .unavailable
    }
    return judge(request, mayLookUp: false) ?? .unavailable
  }

  private func judge(_ request: Request, mayLookUp: Bool) -> Verdict? {
    guard let header = request.authorization, let authorization = Authorization.parse(header)
    else { return challenge(request) }
    switch authorization {
    case .unsupported:
      return challenge(request)
    case .basic(let username, let password):
      guard takesBasic(request.isEncrypted) else { return challenge(request) }
      guard let cached = cached(username, now: request.now) else { return nil }
      guard let verifier = cached.verifier,
        verifier.verifies(username: username, password: password)
      else {
        if mayLookUp, isWorthAnotherLook(cached, now: request.now) { return nil }
        return refuse(username, request)
      }
      return .admitted(caller(cached, request))
    case .digest(let credentials):
      guard takesDigest(request.isEncrypted), accepts(credentials.algorithm) else {
        return challenge(request)
      }
      let freshness = nonces.check(credentials.nonce, now: Int64(request.now))
      guard freshness != .forged else { return challenge(request) }
      guard let cached = cached(credentials.username, now: request.now) else { return nil }
      guard let verifier = cached.verifier,
        verifier.verifies(credentials, method: request.method, requestURI: request.uri)
      else {
        if mayLookUp, isWorthAnotherLook(cached, now: request.now) { return nil }
        return refuse(credentials.username, request)
      }
      guard case .fresh(let issued) = freshness else {
        return challenge(request, stale: true)
      }
      var caller = caller(cached, request)
      // Whether it was taken before is known where all nodes meet.
      caller.answer = ChallengeAnswer(
        fingerprint: credentials.fingerprint,
        until: Double(issued + settings.nonceLifetime + NonceIssuer.clockTolerance))
      return .admitted(caller)
    }
  }

  private func caller(_ cached: Cached, _ request: Request) -> Caller {
    Caller(
      deviceName: cached.deviceName, proof: cached.deviceName == nil ? .shared : .own,
      isEncrypted: request.isEncrypted)
  }

  // MARK: - Verifiers

  /// Forgets what is known of a credential, because it has changed.
  func forget(_ username: String) {
    cache.withLockedValue { $0[username] = nil }
  }

  private func look(up username: String, now: Double) async throws {
    var entry = Cached(verifier: nil, deviceName: nil, loaded: now)
    if let record = try await store.credential(username: username),
      record.realm == settings.realm
    {
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
      guard let entry = cache[username], now - entry.loaded < Self.cacheLifetime else {
        return nil
      }
      return entry
    }
  }

  private func isWorthAnotherLook(_ cached: Cached, now: Double) -> Bool {
    now - cached.loaded >= Self.recheckAfter
  }

  // MARK: - Schemes

  /// Basic shows the password to whoever listens.
  private func takesBasic(_ isEncrypted: Bool) -> Bool {
    settings.scheme != .digest && (isEncrypted || settings.takesBasicWithoutTLS)
  }

  private func takesDigest(_ isEncrypted: Bool) -> Bool {
    settings.scheme != .basic || !takesBasic(isEncrypted)
  }

  private func accepts(_ algorithm: HTTPAuthentication.DigestAlgorithm) -> Bool {
    settings.digestAlgorithms.contains { $0.usesMD5 == algorithm.usesMD5 }
  }

  private func refuse(_ username: String, _ request: Request) -> Verdict {
    counter.add(to: \.refusedCredentials)
    refusals.note(
      "a credential was refused", peer: request.peer, ["username": "\(username.prefix(200))"])
    return challenge(request)
  }

  private func challenge(_ request: Request, stale: Bool = false) -> Verdict {
    .challenged(challenges(isEncrypted: request.isEncrypted, now: request.now, stale: stale))
  }

  /// Values for `WWW-Authenticate`.
  /// - Parameter stale: the answer to the last challenge was right, and can't be taken (again).
  func challenges(isEncrypted: Bool, now: Double, stale: Bool) -> [String] {
    var values: [String] = []
    if takesDigest(isEncrypted) {
      // One nonce for all algorithms: simple clients mix up the lines.
      let nonce = nonces.issue(now: Int64(now))
      values += settings.digestAlgorithms.map {
        Challenge.digest(
          realm: settings.realm, nonce: nonce, opaque: nil, algorithm: $0, stale: stale
        ).headerValue
      }
    }
    if takesBasic(isEncrypted) { values.append(Challenge.basic(realm: settings.realm).headerValue) }
    return values
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
