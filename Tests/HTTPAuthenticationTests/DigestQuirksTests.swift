import HTTPAuthentication
import Testing

/// What CPEs in the field write, read and leave out.
@Suite struct DigestQuirksTests {
  private let verifier = Verifier(username: "cpe", realm: "acs", password: "secret")

  /// The header of a correct client, to be bent by the tests.
  private func header(
    _ challenge: String, method: String = "POST", uri: String = "/", username: String = "cpe"
  ) throws -> String {
    var client = DigestClient(
      username: username, password: "secret", random: { Array(repeating: 0xAB, count: $0) })
    client.receive([challenge])
    let header = client.authorization(method: method, uri: uri)
    return try #require(header)
  }

  private func isVerified(_ header: String, requestURI: String = "/") -> Bool {
    guard let credentials = digest(header) else { return false }
    return verifier.verifies(credentials, method: "POST", requestURI: requestURI)
  }

  @Test(arguments: [
    #"Digest realm="acs", qop="auth", nonce="n1", opaque="o""#,
    #"Digest qop="auth" nonce="n1" opaque="o" realm="acs""#,
    #"digest realm=acs,qop=auth,nonce=n1"#,
    #"DIGEST realm = "acs" , nonce = "n1""#,
    #"Digest realm="acs", nonce="n1", domain="/", stale=FALSE, algorithm="md5""#,
    #"Digest realm="acs", nonce="n1", qop="auth-int,auth", algorithm=MD5-sess"#,
    #"Digest realm="acs", nonce="n1", qop="auth", algorithm=SHA-256"#,
    #"Digest realm="acs", nonce="n1", qop="auth", algorithm=SHA-256-sess"#,
    #"Basic realm="acs", Digest realm="acs", nonce="n1", qop="auth""#,
    #"Negotiate, Basic realm=x Digest realm="acs" nonce="n1""#,
  ]) func theClientAnswersEveryChallengeAndTheServerAgrees(challenge: String) throws {
    let header = try header(challenge)
    #expect(header.hasPrefix("Digest "))
    #expect(isVerified(header))
  }

  @Test func aChallengeWithoutQopIsAnsweredWithoutItsDirectives() throws {
    let header = try header(#"Digest realm="acs", nonce="n1""#)
    for directive in ["qop", "nc=", "cnonce", "opaque"] {
      #expect(!header.contains(directive))
    }
  }

  @Test(arguments: [
    #"Basic realm="acs""#, #"Digest realm="acs", qop="auth""#, "Digest nonce=\"broken",
    #"Digest realm="acs", nonce="n", qop="auth-int""#,
    #"Digest realm="acs", nonce="n", algorithm=TIGER"#, "",
  ]) func whatCannotBeAnsweredIsSaid(challenge: String) {
    var client = DigestClient(username: "cpe", password: "secret")
    let received = client.receive([challenge])
    #expect(!received)
    let header = client.authorization(method: "GET", uri: "/")
    #expect(header == nil)
  }

  @Test func bentHeadersAreStillRead() throws {
    let straight = try header(#"Digest realm="acs", qop="auth", nonce="n1", opaque="o""#)
    let bent = [
      straight.replacing(", ", with: " "),
      straight.replacing(", ", with: ","),
      straight.replacing(", ", with: " ,\t"),
      straight.replacing("\"", with: ""),
      straight.replacing("Digest ", with: "digest   "),
      "  " + straight + " ,",
      straight.replacing("qop=auth", with: "qop=\"auth\""),
      straight.replacing("nc=00000001", with: "nc=\"00000001\""),
      straight + ", algorithm=\"MD5\"",
      straight + ", algorithm=md5",
      straight.replacing("realm=", with: "Realm ="),
      straight + #", username="other""#,
    ]
    for header in bent { #expect(isVerified(header), "\(header)") }
  }

  @Test func theURIMayBeEmptyOrAbsolute() throws {
    let challenge = #"Digest realm="acs", nonce="n1", qop="auth""#
    #expect(isVerified(try header(challenge, uri: "/cwmp"), requestURI: "/cwmp"))
    #expect(
      isVerified(try header(challenge, uri: "http://acs:7547/cwmp"), requestURI: "/cwmp"))
    #expect(
      isVerified(try header(challenge, uri: "/cwmp"), requestURI: "http://acs.example/cwmp"))
    #expect(isVerified(try header(challenge, uri: "http://acs:7547"), requestURI: "/"))
    #expect(isVerified(try header(challenge, uri: "/cwmp"), requestURI: "/cwmp?node=1"))
    #expect(!isVerified(try header(challenge, uri: "/cwmp?node=2"), requestURI: "/cwmp?node=1"))
    #expect(!isVerified(try header(challenge, uri: "/other"), requestURI: "/cwmp"))
    #expect(!isVerified(try header(challenge, uri: "//acs/cwmp"), requestURI: "/cwmp"))
  }

  @Test func anEmptyURIIsHashedAsEmpty() throws {
    // MD5(HA1:n1:MD5("POST:")) of cpe:acs:secret, no qop.
    let header =
      #"Digest username="cpe", realm="acs", nonce="n1", uri="", response="RESPONSE""#
      .replacing("RESPONSE", with: emptyURIResponse)
    #expect(isVerified(header, requestURI: "/cwmp"))
  }

  @Test func aConstantNonceCountWithAReusedNonceIsBorne() throws {
    let challenge = #"Digest realm="acs", nonce="n1", qop="auth""#
    let first = try header(challenge)
    let second = try header(challenge)
    #expect(first.contains("nc=00000001") && second.contains("nc=00000001"))
    #expect(isVerified(first) && isVerified(second))
  }

  @Test func nonceUsesAreCounted() throws {
    var client = DigestClient(username: "cpe", password: "secret")
    client.receive([#"Digest realm="acs", nonce="n1", qop="auth""#])
    let first = client.authorization(method: "GET", uri: "/")
    let second = client.authorization(method: "GET", uri: "/")
    client.receive([#"Digest realm="acs", nonce="n2", qop="auth", stale=true"#])
    let third = client.authorization(method: "GET", uri: "/")
    #expect(try #require(first).contains("nc=00000001"))
    #expect(try #require(second).contains("nc=00000002"))
    #expect(try #require(third).contains("nc=00000001"))
  }

  @Test func namesWithQuotesAndBackslashesSurvive() throws {
    let name = #"a"b\c"#
    let header = try header(#"Digest realm="acs", nonce="n1""#, username: name)
    #expect(digest(header)?.username == name)
    #expect(
      digest(#"Digest username="DOMAIN\user", nonce=n, response=r"#)?.username == #"DOMAIN\user"#)
    #expect(
      digest("Digest username*=UTF-8''J%C3%A4s%C3%B8n, nonce=n, response=r")?.username == "Jäsøn")
  }

  @Test(arguments: [
    "", "Digest", "Digest username=\"cpe", "Digest username=\"cpe\", nonce=\"n\"", "Digest ===",
    "Basic", "Basic !!!!", "Basic bm9jb2xvbg==",
    "Digest username=\"" + String(repeating: "x", count: Authorization.maximumLength),
  ]) func brokenHeadersAreRefused(header: String) {
    #expect(Authorization.parse(header) == nil)
  }

  @Test(arguments: [
    "Bearer abc", "Negotiate YII", "Digest username=u, nonce=n, response=r, algorithm=SHA-512-256",
  ]) func foreignSchemesAreUnsupported(header: String) {
    #expect(Authorization.parse(header) == .unsupported)
  }

  @Test func otherRealmsUsersAndQualitiesAreRefused() throws {
    #expect(!isVerified(try header(#"Digest realm="other", nonce="n1", qop="auth""#)))
    #expect(!isVerified(try header(#"Digest realm="acs", nonce="n1""#, username: "CPE")))
    let straight = try header(#"Digest realm="acs", nonce="n1", qop="auth""#)
    #expect(!isVerified(straight.replacing("qop=auth", with: "qop=auth-int")))
    #expect(!isVerified(straight.replacing("nonce=\"n1\"", with: "nonce=\"n2\"")))
  }

  @Test func basicIsCheckedAgainstTheSameVerifier() {
    #expect(verifier.verifies(username: "cpe", password: "secret"))
    #expect(!verifier.verifies(username: "cpe", password: "Secret"))
    #expect(!verifier.verifies(username: "cpe:acs", password: "secret"))
    #expect(!verifier.verifies(username: "", password: ""))
  }

  @Test func aChallengeIsWrittenInTheCompatibleForm() {
    #expect(
      Challenge.digest(realm: "a\"c\\s\r\n", nonce: "n").headerValue
        == #"Digest realm="a\"c\\s", qop="auth", nonce="n""#.replacing("s\"", with: "s  \""))
    #expect(
      Challenge.digest(realm: "acs", nonce: "n", stale: true).headerValue.hasSuffix(", stale=true"))
    #expect(Challenge.basic(realm: "acs").headerValue == #"Basic realm="acs""#)
  }
}

private let emptyURIResponse = "ac60b7edd390d23928b1361216903fe0"
