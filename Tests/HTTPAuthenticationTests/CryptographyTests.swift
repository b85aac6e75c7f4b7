import Cryptography
import Testing

/// The vectors of the algorithms' own standards, and the edges of the codecs.
@Suite struct CryptographyTests {
  @Test func digestsOfTheStandardsMessages() {
    // FIPS 180-4 examples, RFC 1321 appendix A.5.
    #expect(
      SHA256.hexDigest(of: "abc".utf8)
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(
      SHA256.hexDigest(of: [])
        == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(MD5.hexDigest(of: "message digest".utf8) == "f96b697d7cb7938d525a2f31aaf161d0")
    #expect(MD5.hexDigest(of: []) == "d41d8cd98f00b204e9800998ecf8427e")
  }

  @Test func aStreamGivesTheSameDigestAsTheWhole() {
    let message = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let stream = SHA256()
    var rest = message[...]
    var size = 1
    while !rest.isEmpty {
      stream.update(rest.prefix(size))
      rest = rest.dropFirst(size)
      size = size * 3 % 4099
    }
    stream.update([])
    #expect(stream.finish() == SHA256.digest(of: message))
    #expect(stream.finish() == SHA256.digest(of: message))
  }

  @Test func collectionsWithoutContiguousStorageAreRead() {
    let reversed = Array("cba".utf8).reversed() as ReversedCollection
    #expect(SHA256.digest(of: reversed) == SHA256.digest(of: "abc".utf8))
  }

  @Test func authenticationCodesOfTheStandardsMessages() {
    // RFC 4231 test case 2, RFC 2202 test case 2.
    let key = "Jefe".utf8
    let message = "what do ya want for nothing?".utf8
    #expect(
      Hex.encode(HMAC.sha256(key: key, message: message))
        == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    #expect(
      Hex.encode(HMAC.sha1(key: key, message: message))
        == "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79")
    #expect(
      Hex.encode(HMAC.sha256(key: [], message: []))
        == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad")
  }

  @Test(arguments: [0, 1, 32, 63, 64, 65, 200])
  func aPreparedKeyGivesTheSameCodes(keyLength: Int) {
    let key = SecureRandom.bytes(keyLength)
    let message = SecureRandom.bytes(keyLength * 3)
    #expect(HMACKey(key).sha256(message) == HMAC.sha256(key: key, message: message))
  }

  @Test func codecsGoThereAndBack() {
    for count in 0..<70 {
      let bytes = SecureRandom.bytes(count)
      #expect(bytes.count == count)
      #expect(Hex.decode(Hex.encode(bytes)) == bytes)
      #expect(Hex.decode(Hex.encode(bytes).uppercased()) == bytes)
      #expect(Base64.decode(Base64.encode(bytes)) == bytes)
      #expect(String(decoding: Hex.encodeBytes(bytes), as: UTF8.self) == Hex.encode(bytes))
    }
    #expect(Base64.encode("foobar".utf8) == "Zm9vYmFy")
    #expect(Base64.encode("fooba".utf8) == "Zm9vYmE=")
    #expect(Base64.encode("foob".utf8) == "Zm9vYg==")
    #expect(Base64URL.encode([0xFB, 0xFF]) == "-_8")
  }

  @Test(arguments: ["a", "0g", "é", "abc"]) func whatIsNotHexIsRefused(text: String) {
    #expect(Hex.decode(text) == nil)
  }

  @Test(arguments: ["A", "Zm9v*", "A===", "Zm=9"]) func whatIsNotBase64IsRefused(text: String) {
    #expect(Base64.decode(text) == nil)
  }

  @Test func comparisonLooksAtEveryByte() {
    #expect(constantTimeEquals([1, 2, 3], [1, 2, 3]))
    #expect(!constantTimeEquals([1, 2, 3], [1, 2, 4]))
    #expect(!constantTimeEquals([1, 2, 3], [1, 2]))
    #expect(constantTimeEquals([], []))
  }

  @Test func tokensDifferAndNeedNoEscaping() {
    let tokens = Set((0..<100).map { _ in SecureRandom.token() })
    #expect(tokens.count == 100)
    for token in tokens {
      #expect(token.count == 43)
      #expect(token.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_".contains($0)) })
    }
  }
}
