import ConnectionRequests
import HTTPAuthentication
import HTTPClient
import Testing

/// Real exchanges with a device on 127.0.0.1 that answers like the CPEs in the field.
@Suite struct ConnectionRequestExchangeTests {
  private static let username = "acs"
  private static let password = "secret"
  private static let path = "/cr-7f3a?x=1"

  private func run(
    _ server: ScriptedServer, password: String = password, path: String = path,
    contact: String = "127.0.0.1", allowsBasic: Bool = false, timeout: Duration = .seconds(120)
  ) async -> ConnectionRequestResult {
    defer { server.stop() }
    var options = ConnectionRequestExchange.Options()
    options.allowsBasic = allowsBasic
    options.totalTimeout = timeout
    let exchange = ConnectionRequestExchange(
      client: HTTPClient(), rules: AddressRules(), options: options)
    return await exchange.run(
      ConnectionRequestTarget(
        deviceID: 1, deviceName: "device", url: "http://127.0.0.1:\(server.port)\(path)",
        username: Self.username, password: password, contactAddress: contact))
  }

  /// A device that demands Digest with the challenge given.
  private func device(
    challenge: String, success: ScriptedServer.Reply = .status(200),
    refusal: ScriptedServer.Reply.End = .keep, uri: String = path
  ) throws -> ScriptedServer {
    let verifier = Verifier(username: Self.username, realm: "cwmpd", password: Self.password)
    return try ScriptedServer { request, _ in
      guard let header = Self.field("Authorization", of: request) else {
        return .status(401, "WWW-Authenticate: " + challenge, end: refusal)
      }
      guard header.hasPrefix("Digest "),
        case .digest(let credentials)? = Authorization.parse(header), credentials.uri == uri,
        verifier.verifies(credentials, method: "GET", requestURI: uri)
      else { return .status(401, "WWW-Authenticate: " + challenge, end: refusal) }
      return success
    }
  }

  private static func field(_ name: String, of request: String) -> String? {
    for line in request.split(separator: "\r\n") where line.hasPrefix(name + ": ") {
      return String(line.dropFirst(name.count + 2))
    }
    return nil
  }

  @Test(arguments: [
    #"Digest realm="cwmpd", qop="auth", nonce="abc", opaque="o""#,
    #"Digest qop="auth" nonce="abc" opaque="o" realm="cwmpd""#,
    #"Digest realm="cwmpd", nonce="abc", domain="/""#,
    #"Digest realm="cwmpd", nonce="abc", qop="auth", algorithm=SHA-256"#,
    #"Basic realm="x", Digest realm="cwmpd", nonce="abc""#,
  ]) func everyDigestChallengeIsAnswered(challenge: String) async throws {
    let server = try device(challenge: challenge)
    #expect(await run(server) == .accepted)
    #expect(server.received.count == 2)
    #expect(server.received.allSatisfy { $0.hasPrefix("GET \(Self.path) HTTP/1.1\r\n") })
  }

  private static let challenge = #"Digest realm="cwmpd", qop="auth", nonce="abc""#

  @Test func aURLWithoutPathIsAskedAsSlash() async throws {
    let server = try device(challenge: Self.challenge, uri: "/")
    #expect(await run(server, path: "") == .accepted)
  }

  @Test func aDeviceThatClosesAfterTheChallengeIsAskedOnANewConnection() async throws {
    let server = try device(challenge: Self.challenge, success: .status(204), refusal: .close)
    #expect(await run(server) == .accepted)
    #expect(server.connectionCount == 2)
  }

  @Test func aChallengeWithoutContentLengthThatEndsInAResetIsAnswered() async throws {
    let server = try ScriptedServer { request, _ in
      request.contains("Authorization: Digest ")
        ? .status(200)
        : .init(
          text: "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: \(Self.challenge)\r\n\r\n",
          end: .reset)
    }
    #expect(await run(server) == .accepted)
  }

  @Test func aResetAfterTheStatusIsASuccess() async throws {
    let server = try device(
      challenge: Self.challenge, success: .init(text: "HTTP/1.1 200 OK\r\n\r\n", end: .reset))
    #expect(await run(server) == .accepted)
    #expect(server.received.count == 2)
  }

  @Test func aResetBeforeTheStatusIsTriedOnceMore() async throws {
    let server = try ScriptedServer { _, number in
      number == 0 ? .init(text: "", end: .reset) : .status(204)
    }
    #expect(await run(server) == .accepted)
    #expect(server.received.count == 2)
  }

  @Test func resetsAgainAndAgainAreAFailure() async throws {
    let server = try ScriptedServer { _, _ in .init(text: "", end: .reset) }
    guard case .failed(.connectionReset, _) = await run(server) else {
      Issue.record("not a reset")
      return
    }
    #expect(server.received.count <= 3)
  }

  @Test func aWrongPasswordIsSentOnce() async throws {
    let server = try device(challenge: Self.challenge)
    let result = await run(server, password: "wrong")
    #expect(result == .failed(.credentialRefused, detail: "the device refused the credential"))
    #expect(server.received.count == 2)
  }

  @Test func aStaleNonceIsReplaced() async throws {
    let server = try ScriptedServer { request, number in
      if number == 2, request.contains(#"nonce="second""#) { return .status(200) }
      let stale = number == 0 ? "" : ", stale=true"
      let nonce = number == 0 ? "first" : "second"
      return .status(
        401, #"WWW-Authenticate: Digest realm="cwmpd", qop="auth", nonce="\#(nonce)"\#(stale)"#)
    }
    #expect(await run(server) == .accepted)
  }

  @Test func basicIsAnsweredOnlyWhereEnabled() async throws {
    let script: ScriptedServer.Script = { request, _ in
      request.contains("Authorization: Basic YWNzOnNlY3JldA==")
        ? .status(200) : .status(401, #"WWW-Authenticate: Basic realm="cpe""#)
    }
    #expect(await run(try ScriptedServer(script), allowsBasic: true) == .accepted)
    let server = try ScriptedServer(script)
    guard case .failed(.challengeNotAnswerable, _) = await run(server) else {
      Issue.record("answered")
      return
    }
    #expect(server.received.count == 1)
  }

  @Test(arguments: [
    (503, ConnectionRequestResult.Failure.busy), (409, .busy), (404, .unexpectedAnswer),
    (302, .unexpectedAnswer),
  ]) func otherAnswersAreTold(status: Int, failure: ConnectionRequestResult.Failure) async throws {
    let server = try ScriptedServer { _, _ in
      .status(status, "Location: http://127.0.0.1:1/")
    }
    let result = await run(server)
    #expect(result == .failed(failure, detail: "the device answered \(status)"))
    #expect(server.received.count == 1)
  }

  @Test func theConnectionIsNotLeftOpen() async throws {
    // The server serves one connection at a time: behind one that stays open the next request would fail.
    let server = try ScriptedServer { _, _ in .status(200) }
    defer { server.stop() }
    let exchange = ConnectionRequestExchange(
      client: HTTPClient(), rules: AddressRules(), options: .init())
    let target = ConnectionRequestTarget(
      deviceID: 1, deviceName: "d", url: "http://127.0.0.1:\(server.port)/", username: "",
      password: "", contactAddress: "127.0.0.1")
    for _ in 0..<3 { #expect(await exchange.run(target) == .accepted) }
    #expect(server.connectionCount == 3)
  }

  @Test func anAddressThatTheDeviceDidNotCallFromIsRefusedUnasked() async throws {
    let server = try ScriptedServer { _, _ in .status(200) }
    let result = await run(server, contact: "192.0.2.7")
    #expect(
      result
        == .failed(
          .addressNotAllowed,
          detail: "the address 127.0.0.1 is not allowed: "
            + "see connectionRequests.allow, deny, ownAddresses, ownNetworks and contactAddress"))
    #expect(server.connectionCount == 0)
  }

  @Test func aNameIsJudgedByTheAddressItLeadsTo() async throws {
    let server = try ScriptedServer { _, _ in .status(200) }
    defer { server.stop() }
    let exchange = ConnectionRequestExchange(
      client: HTTPClient(), rules: AddressRules(), options: .init())
    let result = await exchange.run(
      ConnectionRequestTarget(
        deviceID: 1, deviceName: "d", url: "http://localhost:\(server.port)/", username: "",
        password: "", contactAddress: "192.0.2.7"))
    guard case .failed(.addressNotAllowed, _) = result else {
      Issue.record("\(result)")
      return
    }
    #expect(server.connectionCount == 0)
  }

  @Test func aClosedPortIsAConnectionRefused() async throws {
    let closed = try ClosedPort()
    let exchange = ConnectionRequestExchange(
      client: HTTPClient(), rules: AddressRules(), options: .init())
    let result = await exchange.run(
      ConnectionRequestTarget(
        deviceID: 1, deviceName: "d", url: "http://127.0.0.1:\(closed.port)/", username: "",
        password: "", contactAddress: "127.0.0.1"))
    guard case .failed(.connectionRefused, _) = result else {
      Issue.record("not refused")
      return
    }
  }

  @Test func aSilentDeviceTimesOut() async throws {
    let server = try ScriptedServer { _, _ in .init(text: "") }
    guard case .failed(.timedOut, _) = await run(server, timeout: .milliseconds(200)) else {
      Issue.record("no time-out")
      return
    }
  }

  @Test func aFloodOfBytesIsCutOff() async throws {
    let flood = String(repeating: "x", count: 80 << 10)
    let server = try ScriptedServer { _, _ in
      .init(text: "HTTP/1.1 200 OK\r\n\r\n" + flood, end: .close)
    }
    guard case .failed(.unexpectedAnswer, _) = await run(server) else {
      Issue.record("not cut off")
      return
    }
  }
}
