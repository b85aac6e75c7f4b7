import Cryptography
import HTTPAuthentication
import HTTPClient
import STUN

/// One connection request on the wire: a GET, the answer to its challenge, one more try after a reset.
package struct ConnectionRequestExchange: Sendable {
  package struct Options: Sendable {
    package var connectTimeout: Duration = .seconds(5)
    /// For each of the at most four GETs.
    package var totalTimeout: Duration = .seconds(10)
    /// Bytes of an answer's body; CPEs should send none.
    package var maximumResponseBytes = 64 << 10
    /// Whether a password may go out in clear because a device demands Basic, unless its target says otherwise.
    package var allowsBasic = false
    /// Seconds since 1970, for devices that want a signed query.
    package var now: @Sendable () -> Double = { 0 }

    package init() {}
  }

  private let client: HTTPClient
  private let rules: AddressRules
  private let options: Options

  package init(client: HTTPClient, rules: AddressRules, options: Options) {
    self.client = client
    self.rules = rules
    self.options = options
  }

  package func run(_ target: ConnectionRequestTarget) async -> ConnectionRequestResult {
    let url: ConnectionRequestURL
    do { url = try ConnectionRequestURL(target.url) } catch {
      return .failed(.addressNotAllowed, detail: error.description)
    }
    do throws(HTTPClientError) {
      let first = try await get(url, target, authorization: nil)
      if first.status == 403 { return try await sign(url, target) }
      guard first.status == 401 else { return Self.judge(first.status) }
      return try await authenticate(url, target, challenge: first.values(of: "WWW-Authenticate"))
    } catch {
      return .failed(
        Self.failure(of: error.code),
        detail: error.code == .addressRefused
          ? "\(error.detail): \(AddressRules.hint)" : error.detail)
    }
  }

  private func authenticate(
    _ url: ConnectionRequestURL, _ target: ConnectionRequestTarget, challenge: [String]
  ) async throws(HTTPClientError) -> ConnectionRequestResult {
    var digest = DigestClient(username: target.username, password: target.password)
    if digest.receive(challenge) {
      var response = try await get(
        url, target, authorization: digest.authorization(method: "GET", uri: url.target))
      if response.status == 401 {
        let again = response.values(of: "WWW-Authenticate")
        // A nonce that went stale between the two GETs says nothing about the password.
        if again.contains(where: { DigestClient.challenges(in: $0).contains(where: \.isStale) }),
          digest.receive(again)
        {
          response = try await get(
            url, target, authorization: digest.authorization(method: "GET", uri: url.target))
        }
      }
      return Self.judge(response.status)
    }
    guard Self.offersBasic(challenge) else {
      return .failed(.challengeNotAnswerable, detail: "the device sent no challenge that is known")
    }
    guard target.allowsBasic ?? options.allowsBasic else {
      return .failed(
        .challengeNotAnswerable, detail: "the device demands Basic, which is not enabled")
    }
    let header = Authorization.basicHeader(username: target.username, password: target.password)
    return Self.judge(try await get(url, target, authorization: header).status)
  }

  /// Some CPEs want over HTTP what Annex G has for UDP: a query that is signed with the password.
  private func sign(_ url: ConnectionRequestURL, _ target: ConnectionRequestTarget)
    async throws(HTTPClientError) -> ConnectionRequestResult
  {
    let request = UDPConnectionRequest(
      timestamp: UInt64(max(0, options.now())), id: UInt32.random(in: 1...UInt32.max),
      username: target.username, nonce: SecureRandom.token(bytes: 12))
    let separator = url.target.contains("?") ? "&" : "?"
    let response = try await get(
      url, target, query: separator + request.query(password: target.password), authorization: nil)
    return Self.judge(response.status)
  }

  /// One GET; one more if the connection breaks before a status line.
  private func get(
    _ url: ConnectionRequestURL, _ target: ConnectionRequestTarget, query: String = "",
    authorization: String?
  ) async throws(HTTPClientError) -> HTTPClient.Response {
    var request = HTTPClient.Request(method: "GET", url: url.origin + url.target + query)
    request.target = url.target + query
    request.connectTimeout = options.connectTimeout
    request.totalTimeout = options.totalTimeout
    request.maximumResponseBytes = options.maximumResponseBytes
    request.bearsAbruptEnd = true
    let contact = IPAddress(target.contactAddress)
    let rules = rules
    request.acceptsAddress = { rules.accepts($0, contactAddress: contact) }
    if let authorization {
      request.headers = [HTTPField("Authorization", authorization)]
      request.connectionClosing = .always
    } else {
      request.needsNewConnection = true
      request.connectionClosing = .unless(status: 401)
    }
    do throws(HTTPClientError) { return try await client.send(request) } catch {
      guard error.code == .connectionReset else { throw error }
      request.needsNewConnection = true
      return try await client.send(request)
    }
  }

  private static func offersBasic(_ challenges: [String]) -> Bool {
    challenges.contains { header in
      header.split { $0 == " " || $0 == "," }.contains { $0.lowercased() == "basic" }
    }
  }

  private static func judge(_ status: Int) -> ConnectionRequestResult {
    switch status {
    case 200..<300: .accepted
    case 401, 403: .failed(.credentialRefused, detail: "the device refused the credential")
    case 408, 409, 429, 500..<600: .failed(.busy, detail: "the device answered \(status)")
    default: .failed(.unexpectedAnswer, detail: "the device answered \(status)")
    }
  }

  private static func failure(of code: HTTPClientError.Code) -> ConnectionRequestResult.Failure {
    switch code {
    case .addressRefused, .invalidRequest: .addressNotAllowed
    case .nameNotResolved: .nameNotResolved
    case .connectionRefused: .connectionRefused
    case .connectFailed: .unreachable
    case .timedOut: .timedOut
    case .connectionReset: .connectionReset
    case .cancelled, .shutDown: .shutDown
    case .tls, .responseTooLarge, .bodyAborted, .protocolFailure: .unexpectedAnswer
    }
  }
}
