import ConnectionRequests
import Fleet
import HTTPAuthentication
import HTTPClient
import STUN
import Testing

/// What CPEs in the field do with connection requests, one test each. Those over UDP are with their sender's tests.
@Suite struct ConnectionRequestQuirkTests {
  private static let username = "acs"
  private static let password = "secret"
  private static let path = "/cr-7f3a"
  private static let challenge = #"Digest realm="cwmpd", qop="auth", nonce="abc""#

  private func run(
    _ server: ScriptedServer, path: String = path, allowsBasic: Bool? = nil
  ) async -> ConnectionRequestResult {
    defer { server.stop() }
    return await run(port: server.port, path: path, allowsBasic: allowsBasic)
  }

  private func run(port: UInt16, path: String = path, allowsBasic: Bool? = nil) async
    -> ConnectionRequestResult
  {
    var options = ConnectionRequestExchange.Options()
    options.totalTimeout = .seconds(120)
    options.now = { 1_800_000_000 }
    let exchange = ConnectionRequestExchange(
      client: HTTPClient(), rules: AddressRules(), options: options)
    return await exchange.run(
      ConnectionRequestTarget(
        deviceID: 1, deviceName: "device", url: "http://127.0.0.1:\(port)\(path)",
        username: Self.username, password: Self.password, allowsBasic: allowsBasic,
        contactAddress: "127.0.0.1"))
  }

  private static func field(_ name: String, of request: String) -> String? {
    for line in request.split(separator: "\r\n") where line.hasPrefix(name + ": ") {
      return String(line.dropFirst(name.count + 2))
    }
    return nil
  }

  /// A device that gives a challenge and checks the answer for a URI.
  private static func digestDevice(
    _ challenge: String, uri: String = path, refusal: ScriptedServer.Reply? = nil,
    success: ScriptedServer.Reply = .status(200)
  ) throws -> ScriptedServer {
    let verifier = Verifier(username: username, realm: "cwmpd", password: password)
    let refusal = refusal ?? .status(401, "WWW-Authenticate: " + challenge)
    return try ScriptedServer { request, _ in
      // The exact spelling matters to easycwmp.
      guard let header = field("Authorization", of: request), header.hasPrefix("Digest "),
        case .digest(let credentials)? = Authorization.parse(header), credentials.uri == uri,
        verifier.verifies(credentials, method: "GET", requestURI: uri)
      else { return refusal }
      return success
    }
  }

  @Test func quirk23ChallengeWithoutCommas() async throws {
    let server = try Self.digestDevice(#"Digest qop="auth" nonce="abc" opaque="" realm="cwmpd""#)
    #expect(await run(server) == .accepted)
  }

  @Test(arguments: [true, false, nil])
  func quirk23BasicAlthoughDigestIsConfigured(allowed: Bool?) async throws {
    let server = try ScriptedServer { request, _ in
      request.contains("Authorization: Basic YWNzOnNlY3JldA==")
        ? .status(200) : .status(401, #"WWW-Authenticate: Basic realm="cpe""#)
    }
    let result = await run(server, allowsBasic: allowed)
    if allowed == true {
      #expect(result == .accepted)
    } else {
      #expect(
        result
          == .failed(
            .challengeNotAnswerable, detail: "the device demands Basic, which is not enabled"))
      #expect(!server.received.contains { $0.contains("Authorization") })
    }
  }

  @Test func quirk23ChallengeWithoutContentLengthThenClose() async throws {
    let server = try Self.digestDevice(
      Self.challenge,
      refusal: .init(
        text: "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: \(Self.challenge)\r\n\r\n",
        end: .close))
    #expect(await run(server) == .accepted)
  }

  @Test func quirk23ConflictIsBusy() async throws {
    let server = try ScriptedServer { _, _ in .status(409) }
    #expect(await run(server) == .failed(.busy, detail: "the device answered 409"))
  }

  @Test func quirk23SignedQueryOverHTTP() async throws {
    let server = try ScriptedServer { request, _ in
      let line = request.prefix { $0 != "\r\n" }
      guard
        let received = try? UDPConnectionRequest.Received(
          decoding: Array("\(line)\r\n\r\n".utf8)),
        received.request.timestamp == 1_800_000_000, received.request.username == Self.username,
        received.isSigned(password: Self.password)
      else { return .status(403) }
      return .status(200)
    }
    #expect(await run(server) == .accepted)
    #expect(server.received.count == 2)
    let stubborn = try ScriptedServer { _, _ in .status(403) }
    guard case .failed(.credentialRefused, _) = await run(stubborn) else {
      Issue.record("not refused")
      return
    }
    #expect(stubborn.received.count == 2)
  }

  @Test(arguments: [
    ("", "/"), ("/", "/"), (path, path), ("?x=1", "/?x=1"), (path + "?x=1", path + "?x=1"),
  ])
  func quirk24TheURIIsThePathAsRequested(path: String, uri: String) async throws {
    let server = try Self.digestDevice(Self.challenge, uri: uri)
    #expect(await run(server, path: path) == .accepted)
    #expect(server.received.allSatisfy { $0.hasPrefix("GET \(uri) HTTP/1.1\r\n") })
  }

  @Test func quirk25ResetRightAfterThe200() async throws {
    let server = try Self.digestDevice(
      Self.challenge, success: .init(text: "HTTP/1.1 200 OK\r\n\r\n", end: .reset))
    #expect(await run(server) == .accepted)
  }

  @Test func quirk25RefusedOrEmptyDuringASessionIsTriedLater() async throws {
    let closed = try ClosedPort()
    let empty = try ScriptedServer { _, _ in .init(text: "", end: .close) }
    for result in [await run(port: closed.port), await run(empty)] {
      guard case .failed(let failure, _) = result else {
        Issue.record("accepted")
        continue
      }
      #expect(failure.isTransient)
    }
  }

  @Test func quirk25TheInformIsBeforeThe200() async {
    let devices = ScriptedDevices()
    let requester = devices.requester { _, _ in
      .init(result: .accepted, calls: .beforeTheAnswer)
    }
    for number in 1...3 {
      #expect(await requester.connect(1, timeout: .seconds(600)).ending == .called(by: .http))
      #expect(await requester.counters.called == [.http: number])
    }
    await requester.shutDown()
  }

  @Test func challengeWithoutQOPIsAnsweredWithoutWhatBelongsToIt() async throws {
    let server = try Self.digestDevice(#"Digest realm="cwmpd", nonce="abc", domain="/""#)
    #expect(await run(server) == .accepted)
    let last = try #require(server.received.last)
    let header = try #require(Self.field("Authorization", of: last))
    for name in ["qop", "nc=", "cnonce", "opaque", "domain"] { #expect(!header.contains(name)) }
  }

  @Test func aConnectionThatClosesOnTheGETWithCredentialsIsTriedOnceMore() async throws {
    let server = try ScriptedServer { request, number in
      guard request.contains("Authorization: Digest ") else {
        return .status(401, "WWW-Authenticate: " + Self.challenge)
      }
      return number == 1 ? .init(text: "", end: .close) : .status(200)
    }
    #expect(await run(server) == .accepted)
    #expect(server.received.count == 3)
  }

  @Test func a503IsBusyAndNoVerdictOnTheCredential() async throws {
    let server = try ScriptedServer { _, _ in .status(503) }
    #expect(await run(server) == .failed(.busy, detail: "the device answered 503"))
  }
}
