import Cryptography
import Fleet
import FleetStore
import HTTPAuthentication
import Logging
import NIOConcurrencyHelpers
import Refusals
import USP
import USPTransports

/// What all links of the USP Controller share.
final class ControllerCore: Sendable {
  /// The versions of USP that this side speaks.
  static let versions = "1.0,1.1,1.2,1.3,1.4"

  let settings: ControllerSettings
  let environment: ControllerEnvironment
  let table: AgentTable
  let firmwares: SupportedObjectsCache
  /// Bytes that are held of what all agents tell.
  let held: Allotment
  let onboarding: OnboardingGate
  let claims = ClaimAllowance()
  let counter = ControllerCounter()
  let refusals: RefusalLog
  let presence: PresenceKeeper
  let logger: Logger
  private let cache = NIOLockedValueBox<[String: Cached]>([:])

  private struct Cached {
    var record: CredentialRecord?
    var loaded: Double
  }

  /// Seconds.
  private static let cacheLifetime = 10.0
  private static let recheckAfter = 1.0
  private static let cacheSize = 50_000
  private static let maxUsername = 512

  init(
    settings: ControllerSettings, environment: ControllerEnvironment, refusals: RefusalLog,
    logger: Logger
  ) {
    self.settings = settings
    self.environment = environment
    self.refusals = refusals
    self.logger = logger
    presence = PresenceKeeper(
      store: environment.store, name: settings.node, lease: settings.nodeLease, logger: logger)
    table = AgentTable(limit: settings.maxAgents)
    firmwares = SupportedObjectsCache(limit: settings.maxSupportedItems)
    held = Allotment(limit: settings.maxHeld)
    onboarding = OnboardingGate(places: settings.maxOnboarding)
  }

  /// Takes a link that has come about.
  /// - Parameter isDialled: this side has called, at an address that the operator has given.
  func accept(_ link: any Link, isDialled: Bool = false) -> any LinkReceiver {
    let conversation = AgentConversation(link: link, controller: self, isDialled: isDialled)
    counter.add(to: \.links)
    guard table.add(conversation) else {
      refusals.note("there are as many agents as may be", peer: link.peerAddress)
      link.close(.refused("the controller is full"))
      return conversation
    }
    return conversation
  }

  // MARK: - Who may come in

  /// Judges the handshake of a WebSocket.
  func judge(_ handshake: WebSocketHandshake) async -> WebSocketVerdict {
    if let endpoints = handshake.certificate {
      // A certificate without an endpoint ID proves no more than that an authority knows the device.
      if !endpoints.isEmpty || handshake.authorization.isEmpty {
        return .admitted(.certificate(endpoints))
      }
    }
    let challenge = WebSocketVerdict.unauthorized(
      challenges: [Challenge.basic(realm: settings.realm).headerValue])
    guard let header = handshake.authorization.first,
      case .basic(let username, let password)? = Authorization.parse(header)
    else {
      if settings.enrolment == .open { return .admitted(.nothing) }
      refusals.note("an agent showed no credentials", peer: handshake.peerAddress)
      return challenge
    }
    guard handshake.isEncrypted || settings.takesBasicWithoutTLS || handshake.isLocal else {
      refusals.note("a password came over a link without TLS", peer: handshake.peerAddress)
      return .refused(status: 403)
    }
    guard username.utf8.count <= Self.maxUsername, !username.utf8.contains(0) else {
      refusals.note("a user name can be none", peer: handshake.peerAddress)
      return challenge
    }
    do {
      var isRight = try await credential(username)?.verifies(username, password) ?? false
      if !isRight {
        // It may have been replaced.
        isRight =
          try await credential(username, notOlderThan: Self.recheckAfter)?
          .verifies(username, password) ?? false
      }
      guard isRight else {
        counter.add(to: \.refusedCredentials)
        refusals.note(
          "a credential was refused", peer: handshake.peerAddress,
          ["username": "\(username.prefix(200))"])
        return challenge
      }
      return .admitted(.credential(username: username))
    } catch {
      logger.error("a credential can't be looked up", metadata: ["error": "\(error)"])
      return .refused(status: 503, retryAfter: 30)
    }
  }

  /// Who an agent is by what its link has proved.
  func caller(of link: any Link, as endpoint: EndpointID, isDialled: Bool) async -> AgentCaller {
    switch link.proof {
    case .nothing: AgentCaller(deviceName: nil, proof: isDialled ? .shared : .nothing)
    case .certificate(let endpoints) where endpoints.contains(endpoint):
      AgentCaller(deviceName: nil, endpoint: endpoint, proof: .certificate)
    // An authority knows the device, whichever it is.
    case .certificate: AgentCaller(deviceName: nil, proof: .shared)
    case .broker, .fileSystem: AgentCaller(deviceName: nil, proof: .shared)
    case .credential(let username):
      if let record = try? await credential(username) {
        AgentCaller(
          deviceName: record.deviceName, proof: record.deviceName == nil ? .shared : .own)
      } else {
        AgentCaller(deviceName: nil, proof: .nothing)
      }
    }
  }

  private func credential(
    _ username: String, notOlderThan age: Double = cacheLifetime
  ) async throws -> CredentialRecord? {
    let now = environment.now()
    if let cached = cache.withLockedValue({ $0[username] }),
      now - cached.loaded < age
    {
      return cached.record
    }
    let found = try await environment.store.credential(username: username)
    let record = found?.realm == settings.realm ? found : nil
    cache.withLockedValue { cache in
      if cache.count >= Self.cacheSize { cache.removeAll(keepingCapacity: true) }
      cache[username] = Cached(record: record, loaded: now)
    }
    return record
  }
}

extension CredentialRecord {
  fileprivate func verifies(_ username: String, _ password: String) -> Bool {
    Verifier(
      username: self.username, realm: realm, ha1MD5: ha1MD5, ha1SHA256: ha1SHA256
    ).verifies(username: username, password: password)
  }
}

extension WebSocketHandshake {
  /// Whether nobody can listen on the way.
  fileprivate var isLocal: Bool {
    peerAddress == "127.0.0.1" || peerAddress == "::1" || peerAddress == "::ffff:127.0.0.1"
  }
}
