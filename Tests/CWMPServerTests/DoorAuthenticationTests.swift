import CWMP
import Fleet
import FleetStore
import HTTPAuthentication
import NIOConcurrencyHelpers
import Testing

@testable import CWMPServer

@Suite(.serialized) struct DoorAuthenticationTests {
  private static func client(_ username: String = DoorFixture.username) -> DigestClient {
    DigestClient(username: username, password: DoorFixture.password)
  }

  private static func answer(_ challenge: String) throws -> String {
    var client = client()
    let isUsable = client.receive([challenge])
    try #require(isUsable)
    let header = client.authorization(method: "POST", uri: "/")
    return "Authorization: \(try #require(header))"
  }

  private static func challenges(_ response: TestResponse) -> [String] {
    response.headers.filter { $0.name == "WWW-Authenticate" }.map(\.value)
  }

  /// Gets a challenge on a connection of its own.
  private static func challenge(_ port: Int) async throws -> String {
    let response = try await TestCPE(port: port).post(TestCPE.inform())
    #expect(response.status == 401)
    return try #require(challenges(response).first)
  }

  private static func directive(_ name: String, in challenge: String) throws -> String {
    let start = try #require(challenge.firstRange(of: "\(name)=\""))
    return String(challenge[start.upperBound...].prefix { $0 != "\"" })
  }

  // MARK: - Challenges

  @Test func bothAlgorithmsAreOfferedTheOldOneFirst() async throws {
    try await DoorFixture.run({ _ in }) { door in
      let response = try await door.connect().post(TestCPE.inform())
      let offered = Self.challenges(response)
      try #require(offered.count == 2)
      #expect(!offered[0].contains("algorithm"), "silence means MD5")
      #expect(offered[1].contains("algorithm=SHA-256"))
      #expect(
        try Self.directive("nonce", in: offered[0]) == Self.directive("nonce", in: offered[1]))
    }
  }

  @Test(arguments: [[DigestAlgorithm.sha256], [.sha256, .md5], [.md5]])
  func theOrderIsConfiguration(algorithms: [DigestAlgorithm]) async throws {
    try await DoorFixture.run({ $0.digestAlgorithms = algorithms }) { door in
      let offered = Self.challenges(try await door.connect().post(TestCPE.inform()))
      #expect(
        offered.map { $0.contains("SHA-256") } == algorithms.map { $0 == DigestAlgorithm.sha256 })
    }
  }

  @Test(arguments: DigestAlgorithm.allCases)
  func everyAlgorithmIsTaken(algorithm: DigestAlgorithm) async throws {
    try await DoorFixture.run({ _ in }) { door in
      let nonce = try Self.directive("nonce", in: try await Self.challenge(door.server.port))
      for qop in [#"qop="auth", "#, ""] {
        let header = try Self.answer(
          #"Digest realm="fairlead", \#(qop)nonce="\#(nonce)", algorithm=\#(algorithm.rawValue)"#)
        let cpe = try await door.connect()
        #expect(try await cpe.post(TestCPE.inform(), headers: [header]).status == 200, "\(qop)")
      }
    }
  }

  @Test func anAlgorithmThatIsNotOfferedIsNotTaken() async throws {
    try await DoorFixture.run({ $0.digestAlgorithms = [.sha256] }) { door in
      let nonce = try Self.directive("nonce", in: try await Self.challenge(door.server.port))
      let cpe = try await door.connect()
      let weak = try Self.answer(#"Digest realm="fairlead", qop="auth", nonce="\#(nonce)""#)
      #expect(try await cpe.post(TestCPE.inform(), headers: [weak]).status == 401)
      // Nor does it help to call it otherwise.
      let renamed = weak + ", algorithm=SHA-256"
      #expect(try await cpe.post(TestCPE.inform(), headers: [renamed]).status == 401)
    }
  }

  @Test func aClientThatMixesUpTheChallengesIsTaken() async throws {
    try await DoorFixture.run({ _ in }) { door in
      let nonce = try Self.directive("nonce", in: try await Self.challenge(door.server.port))
      let header = try Self.answer(#"Digest realm="fairlead", qop="auth", nonce="\#(nonce)""#)
      let cpe = try await door.connect()
      #expect(
        try await cpe.post(TestCPE.inform(), headers: [header + ", algorithm=SHA-256"]).status
          == 200)
    }
  }

  // MARK: - Nonces

  @Test func aChallengeMayBeAnsweredElsewhere() async throws {
    try await DoorFixture.run({ _ in }) { door in
      var settings = DoorSettings()
      settings.host = "127.0.0.1"
      settings.port = 0
      let other = try await DoorFixture.start(settings, store: door.store)
      let challenge = try await Self.challenge(door.server.port)
      let cpe = try await TestCPE(port: other.port)
      #expect(
        try await cpe.post(TestCPE.inform(), headers: [try Self.answer(challenge)]).status == 200)
      await other.stop(patience: 0)
    }
  }

  @Test func anAnswerIsTakenOnce() async throws {
    try await DoorFixture.run({ _ in }) { door in
      let header = try Self.answer(try await Self.challenge(door.server.port))
      let cpe = try await door.connect()
      #expect(try await cpe.post(TestCPE.inform(), headers: [header]).status == 200)
      let thief = try await door.connect()
      let response = try await thief.post(TestCPE.inform("2"), headers: [header])
      #expect(response.status == 401)
      #expect(Self.challenges(response).allSatisfy { $0.hasSuffix(", stale=true") })
      #expect(door.server.counts.replays == 1)
      #expect(door.server.counts.refusedCredentials == 0)
      // Whoever knows the password goes on from here.
      let again = try Self.answer(try #require(Self.challenges(response).first))
      #expect(try await thief.post(TestCPE.inform("2"), headers: [again]).status == 200)
    }
  }

  @Test func anotherNodeDoesNotTakeItEither() async throws {
    try await DoorFixture.run({ _ in }) { door in
      let header = try Self.answer(try await Self.challenge(door.server.port))
      let cpe = try await door.connect()
      #expect(try await cpe.post(TestCPE.inform(), headers: [header]).status == 200)
      var settings = DoorSettings()
      settings.host = "127.0.0.1"
      settings.port = 0
      // One that has just started, as after a restart.
      let other = try await DoorFixture.start(settings, store: door.store)
      let thief = try await TestCPE(port: other.port)
      let response = try await thief.post(TestCPE.inform("2"), headers: [header])
      #expect(response.status == 401)
      #expect(response.header("Set-Cookie") == nil)
      #expect(other.counts.replays == 1)
      #expect(try await door.store.device(named: "00D09E-Box-2") == nil)
      await other.stop(patience: 0)
    }
  }

  @Test func aNonceMayBeUsedAgainWithTheSameCount() async throws {
    try await DoorFixture.run({ _ in }) { door in
      let challenge = try await Self.challenge(door.server.port)
      for _ in 0..<3 {
        // A new client each time: nc=00000001, and another cnonce.
        let header = try Self.answer(challenge)
        #expect(header.contains("nc=00000001"))
        let cpe = try await door.connect()
        #expect(try await cpe.post(TestCPE.inform(), headers: [header]).status == 200)
      }
    }
  }

  @Test func withoutQopANonceBeginsOneSession() async throws {
    try await DoorFixture.run({ _ in }) { door in
      let nonce = try Self.directive("nonce", in: try await Self.challenge(door.server.port))
      let header = try Self.answer(#"Digest realm="fairlead", nonce="\#(nonce)""#)
        .replacing(#"uri="/""#, with: #"uri="/""#)
      #expect(!header.contains("cnonce"))
      let cpe = try await door.connect()
      let first = try await cpe.post(TestCPE.inform(), headers: [header])
      #expect(first.status == 200)
      // The same header comes with every request of the session; the session itself is proof enough.
      #expect(try await cpe.postNothing(headers: [header]).status == 200)
      let cookie = try #require(first.header("Set-Cookie")?.split(separator: ";").first)
      let moved = try await door.connect()
      #expect(
        try await moved.post(
          .response(.getParameterNames([])), headers: [header, "Cookie: \(cookie)"]
        ).status != 401)
      // Another session is another matter.
      let next = try await door.connect()
      let response = try await next.post(TestCPE.inform("2"), headers: [header])
      #expect(response.status == 401)
      let again = try Self.answer(try #require(Self.challenges(response).first))
      #expect(try await next.post(TestCPE.inform("2"), headers: [again]).status == 200)
    }
  }

  @Test func anOldNonceIsCalledStale() async throws {
    let clock = NIOLockedValueBox(1_750_000_000.0)
    try await DoorFixture.run({ _ in }, now: { clock.withLockedValue { $0 } }) { door in
      let challenge = try await Self.challenge(door.server.port)
      clock.withLockedValue { $0 += 121 }
      let cpe = try await door.connect()
      let response = try await cpe.post(
        TestCPE.inform(), headers: [try Self.answer(challenge)])
      #expect(response.status == 401)
      #expect(Self.challenges(response).allSatisfy { $0.hasSuffix(", stale=true") })
      // A wrong password is not stale, however old the nonce.
      var wrong = DigestClient(username: DoorFixture.username, password: "guess")
      wrong.receive([challenge])
      let made = wrong.authorization(method: "POST", uri: "/")
      let refused = try await cpe.post(
        TestCPE.inform(), headers: ["Authorization: \(try #require(made))"])
      #expect(Self.challenges(refused).allSatisfy { !$0.contains("stale") })
      #expect(
        try await cpe.post(
          TestCPE.inform(),
          headers: [try Self.answer(try #require(Self.challenges(response).first))]
        ).status == 200)
    }
  }

  @Test func aNonceOfAnotherKeyIsWorthNothing() async throws {
    try await DoorFixture.run({ _ in }) { door in
      let nonce = NonceIssuer(key: Array(repeating: 8, count: 32)).issue(now: 1_750_000_000)
      let header = try Self.answer(#"Digest realm="fairlead", qop="auth", nonce="\#(nonce)""#)
      let response = try await door.connect().post(TestCPE.inform(), headers: [header])
      #expect(response.status == 401)
      #expect(Self.challenges(response).allSatisfy { !$0.contains("stale") })
    }
  }

  @Test func whatIsNoCredentialIsChallenged() async throws {
    try await DoorFixture.run({ _ in }) { door in
      let cpe = try await door.connect()
      for header in [
        "", "Digest", "Basic", "Bearer token", "Digest username=\"a",
        "Digest username=u, nonce=n, response=r, algorithm=TIGER",
        "Basic " + String(repeating: "A", count: 8_000),
      ] {
        let response = try await cpe.post(
          TestCPE.inform(), headers: ["Authorization: \(header)"])
        #expect(response.status == 401, "\(header.prefix(40))")
      }
      #expect(door.server.openSessions == 0)
    }
  }

  // MARK: - Basic

  @Test(arguments: [DoorSettings.Scheme.basic, .either, .digest])
  func passwordsAreNotAskedForWithoutTLS(scheme: DoorSettings.Scheme) async throws {
    try await DoorFixture.run({ $0.scheme = scheme }) { door in
      let cpe = try await door.connect()
      let header = Authorization.basicHeader(
        username: DoorFixture.username, password: DoorFixture.password)
      let response = try await cpe.post(
        TestCPE.inform(), headers: ["Authorization: \(header)"])
      #expect(response.status == 401)
      #expect(Self.challenges(response).allSatisfy { $0.hasPrefix("Digest ") })
      #expect(Self.challenges(response).count == 2)
    }
  }

  @Test func passwordsMayBeAskedForWhereThatIsSaid() async throws {
    try await DoorFixture.run({
      $0.scheme = .basic
      $0.takesBasicWithoutTLS = true
    }) { door in
      let cpe = try await door.connect()
      let challenged = try await cpe.post(TestCPE.inform())
      #expect(Self.challenges(challenged) == [#"Basic realm="fairlead""#])
      let header = Authorization.basicHeader(
        username: DoorFixture.username, password: DoorFixture.password)
      #expect(
        try await cpe.post(TestCPE.inform(), headers: ["Authorization: \(header)"]).status == 200)
    }
  }

  // MARK: - Verifiers

  @Test func aReplacedPasswordIsTakenSoon() async throws {
    let clock = NIOLockedValueBox(1_750_000_000.0)
    try await DoorFixture.run({ _ in }, now: { clock.withLockedValue { $0 } }) { door in
      func status(_ password: String) async throws -> Int {
        let challenge = try await Self.challenge(door.server.port)
        var client = DigestClient(username: "box", password: password)
        client.receive([challenge])
        let header = client.authorization(method: "POST", uri: "/")
        return try await door.connect().post(
          TestCPE.inform(), headers: ["Authorization: \(try #require(header))"]
        ).status
      }
      func set(_ password: String) async throws {
        _ = try await door.store.setCredential(
          NewCredentialRecord(
            username: "box", password: password, realm: "fairlead",
            deviceName: "00D09E-Box-1"), by: "test")
      }
      #expect(try await status("one") == 401)
      try await set("one")
      clock.withLockedValue { $0 += 1 }
      #expect(try await status("one") == 200)
      try await set("two")
      clock.withLockedValue { $0 += 1 }
      #expect(try await status("two") == 200)
      // The old one is looked up again, too, rather than believed.
      #expect(try await status("one") == 401)
    }
  }
}
