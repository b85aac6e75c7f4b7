import HTTPAuthentication
import Testing

/// The worked examples of RFC 2617 and RFC 7616.
@Suite struct DigestVectorsTests {
  @Test func exampleOfRFC2617() throws {
    let header = """
      Digest username="Mufasa", realm="testrealm@host.com", \
      nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", uri="/dir/index.html", qop=auth, nc=00000001, \
      cnonce="0a4f113b", response="6629fae49393a05397450978507c4ef1", \
      opaque="5ccc069c403ebaf9f0171e9517f40e41"
      """
    let credentials = try #require(digest(header))
    let verifier = Verifier(
      username: "Mufasa", realm: "testrealm@host.com", password: "Circle Of Life")
    #expect(verifier.verifies(credentials, method: "GET", requestURI: "/dir/index.html"))
    #expect(!verifier.verifies(credentials, method: "POST", requestURI: "/dir/index.html"))
    #expect(!verifier.verifies(credentials, method: "GET", requestURI: "/dir/other.html"))
    #expect(credentials.opaque == "5ccc069c403ebaf9f0171e9517f40e41")
  }

  @Test(arguments: [
    ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
    ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
  ]) func exampleOfRFC7616(algorithm: String, response: String) throws {
    let header = """
      Digest username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html", \
      algorithm=\(algorithm), nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", nc=00000001, \
      cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", qop=auth, response="\(response)", \
      opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"
      """
    let credentials = try #require(digest(header))
    let verifier = Verifier(
      username: "Mufasa", realm: "http-auth@example.org", password: "Circle of Life")
    #expect(verifier.verifies(credentials, method: "GET", requestURI: "/dir/index.html"))
    let impostor = Verifier(
      username: "Mufasa", realm: "http-auth@example.org", password: "Circle of life")
    #expect(!impostor.verifies(credentials, method: "GET", requestURI: "/dir/index.html"))
  }

  @Test func theFormOfRFC2069WithoutQop() throws {
    // H(H(A1):nonce:H(A2)) of the RFC 2617 example's values.
    let credentials = try #require(
      digest(
        """
        Digest username="Mufasa", realm="testrealm@host.com", \
        nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", uri="/dir/index.html", \
        response="670fd8c2df070c60b045671b8b24ff02"
        """))
    let verifier = Verifier(
      username: "Mufasa", realm: "testrealm@host.com", password: "Circle Of Life")
    #expect(verifier.verifies(credentials, method: "GET", requestURI: "/dir/index.html"))
  }

  @Test func theExampleOfBasic() {
    // RFC 7617, section 2 and 2.1.
    #expect(
      Authorization.parse("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")
        == .basic(username: "Aladdin", password: "open sesame"))
    #expect(
      Authorization.parse("basic dGVzdDoxMjPCow==") == .basic(username: "test", password: "123£"))
    // The same in Latin-1.
    #expect(
      Authorization.parse("BASIC dGVzdDoxMjOj") == .basic(username: "test", password: "123£"))
    #expect(
      Authorization.basicHeader(username: "Aladdin", password: "open sesame")
        == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")
  }
}

func digest(_ header: String) -> DigestCredentials? {
  guard case .digest(let credentials)? = Authorization.parse(header) else { return nil }
  return credentials
}
