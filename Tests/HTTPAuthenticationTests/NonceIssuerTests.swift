import Cryptography
import HTTPAuthentication
import Testing

@Suite struct NonceIssuerTests {
  private static let now: Int64 = 1_750_000_000
  private static let lifetime: Int64 = 300

  private func issuer(key: UInt8 = 7, random: UInt8 = 1) -> NonceIssuer {
    NonceIssuer(
      key: Array(repeating: key, count: 32), lifetime: Self.lifetime,
      random: { Array(repeating: random, count: $0) })
  }

  @Test func anotherNodeWithTheKeyAgrees() {
    let nonce = issuer(random: 1).issue(now: Self.now)
    #expect(issuer(random: 2).check(nonce, now: Self.now + 10) == .fresh(issued: Self.now))
    #expect(issuer(key: 8).check(nonce, now: Self.now + 10) == .forged)
  }

  @Test func aNonceAges() {
    let issuer = issuer()
    let nonce = issuer.issue(now: Self.now)
    #expect(issuer.check(nonce, now: Self.now + Self.lifetime) == .fresh(issued: Self.now))
    #expect(issuer.check(nonce, now: Self.now + Self.lifetime + 1) == .stale)
    #expect(
      issuer.check(nonce, now: Self.now - NonceIssuer.clockTolerance) == .fresh(issued: Self.now))
    #expect(issuer.check(nonce, now: Self.now - NonceIssuer.clockTolerance - 1) == .stale)
  }

  @Test func everyChangedDigitIsNoticed() throws {
    let issuer = issuer()
    let nonce = issuer.issue(now: Self.now)
    let bytes = try #require(Hex.decode(nonce))
    for index in bytes.indices {
      var changed = bytes
      changed[index] ^= 1
      #expect(issuer.check(Hex.encode(changed), now: Self.now) == .forged)
    }
  }

  @Test(arguments: [
    "", "00", "x", String(repeating: "0", count: 48), String(repeating: "z", count: 48),
  ])
  func rubbishIsForged(nonce: String) {
    #expect(issuer().check(nonce, now: Self.now) == .forged)
  }

  @Test func noncesOfOneSecondDiffer() {
    let issuer = NonceIssuer(key: SecureRandom.bytes(32))
    #expect(issuer.issue(now: Self.now) != issuer.issue(now: Self.now))
  }
}
