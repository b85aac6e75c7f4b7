import FleetStore
import ManagementTypes

/// Finds out whose token a request shows.
///
/// What the database said about a token is believed for some seconds; failed attempts are limited by peer. A token that was
/// found valid moments ago is let in even where its peer has had enough, so that nobody is locked out by a neighbour.
actor Authenticator {
  private struct Known {
    var caller: APIContext.Caller
    var until: Double
  }

  private let store: FleetStore
  private let lifetime: Double
  private let capacity: Int
  private var known: [[UInt8]: Known] = [:]
  private var limiter: FailureLimiter

  init(store: FleetStore, configuration: ManagementAPI.Configuration) {
    self.store = store
    lifetime = configuration.tokenCacheLifetime
    capacity = configuration.tokenCacheSize
    limiter = FailureLimiter(
      maximumFailures: configuration.maximumFailedAttempts,
      maximumPeers: configuration.maximumPeers)
  }

  /// The sender of a request.
  ///
  /// - Parameters:
  ///   - authorization: the header of that name.
  ///   - now: seconds since 1970.
  /// - Throws: a ``ManagementTypes/Problem`` (401, 429), or what the store throws.
  func caller(authorization: String?, peer: String, now: Double) async throws -> APIContext.Caller {
    guard let authorization else {
      throw Refusal(.unauthorized, "This takes a token, in the header Authorization: Bearer.")
    }
    let parts = authorization.split(separator: " ", omittingEmptySubsequences: true)
    let token = parts.count == 2 && parts[0].lowercased() == "bearer" ? String(parts[1]) : nil
    let hash = token.map { FleetStore.hash(ofToken: $0) }
    if let hash, let entry = known[hash], entry.until > now { return entry.caller }
    if let delay = limiter.delay(for: peer, now: now) {
      throw Refusal(
        .tooManyAttempts, "There were too many failed attempts from this address.",
        retryAfter: Int(delay.rounded(.up)))
    }
    guard let hash, let record = try await store.token(hash: hash, now: now) else {
      limiter.recordFailure(of: peer, now: now)
      throw Refusal(.unauthorized, "The token is not valid.")
    }
    let caller = APIContext.Caller(name: record.name, role: Role(record.role))
    if known.count >= capacity { known.removeAll() }
    known[hash] = Known(caller: caller, until: min(now + lifetime, record.expiresAt ?? .infinity))
    return caller
  }

  /// Believes nothing any longer; for when a token was deleted.
  func forgetTokens() {
    known.removeAll()
  }
}

extension Role {
  init(_ role: OperatorRole) {
    switch role {
    case .viewer: self = .viewer
    case .operator: self = .operator
    case .admin: self = .admin
    }
  }

  var stored: OperatorRole {
    switch self {
    case .viewer: .viewer
    case .operator: .operator
    case .admin: .admin
    }
  }
}
