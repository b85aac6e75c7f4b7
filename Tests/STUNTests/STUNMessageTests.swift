import Cryptography
import STUN
import Testing

/// Messages as bytes and back, and their signatures.
@Suite struct STUNMessageTests {
  private static let transaction = Array(UInt8(1)...16)
  private static let key = Array("stun secret".utf8)

  /// A Binding Request as a CPE sends it, written by hand after RFC 3489 and Annex G.
  private static let boundRequest: [UInt8] =
    [0x00, 0x01, 0x00, 0x24] + transaction + [0xC0, 0x01, 0x00, 0x14]
    + Array("dslforum.org/TR-111 ".utf8) + [0x00, 0x06, 0x00, 0x08] + Array("cpe-1   ".utf8)

  @Test func aRequestOfACPEIsRead() throws {
    let message = try STUNMessage(decoding: Self.boundRequest)
    #expect(message.type == STUNMessage.Kind.bindingRequest)
    #expect(message.transactionID == Self.transaction)
    #expect(message.offersConnectionRequestBinding)
    #expect(message.username == "cpe-1")
    #expect(message.value(STUNAttribute.Kind.bindingChange) == nil)
  }

  @Test func aRequestIsWrittenAsAnnexGHasIt() {
    let message = STUNMessage.bindingRequest(transactionID: Self.transaction, username: "cpe-1")
    #expect(message.encoded() == Self.boundRequest)
    let changed = STUNMessage.bindingRequest(
      transactionID: Self.transaction, username: nil, isBound: false, isChanged: true)
    #expect(
      changed.encoded() == [0x00, 0x01, 0x00, 0x04] + Self.transaction + [0xC0, 0x02, 0x00, 0x00])
  }

  @Test func addressesOfBothFamiliesAreReadAndWritten() throws {
    let four = try #require(TransportAddress(address: [192, 0, 2, 1], port: 0x1234))
    let six = try #require(TransportAddress(address: Array(repeating: 7, count: 16), port: 9))
    for address in [four, six] {
      let message = STUNMessage(
        type: STUNMessage.Kind.bindingResponse, transactionID: Self.transaction,
        attributes: [STUNAttribute(STUNAttribute.Kind.mappedAddress, address)])
      #expect(try STUNMessage(decoding: message.encoded()).mappedAddress == address)
    }
    let bytes = STUNAttribute(STUNAttribute.Kind.mappedAddress, four).value
    #expect(bytes == [0, 1, 0x12, 0x34, 192, 0, 2, 1])
    #expect(TransportAddress(address: [1, 2, 3], port: 1) == nil)
  }

  /// The request and the code of RFC 5769, 2.1, whose key and text are published.
  @Test func theBareSignatureIsThatOfRFC5769() throws {
    let request: [UInt8] =
      [
        0x00, 0x01, 0x00, 0x58, 0x21, 0x12, 0xa4, 0x42, 0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6,
        0x86, 0xfa, 0x87, 0xdf, 0xae, 0x80, 0x22, 0x00, 0x10,
      ] + Array("STUN test client".utf8)
      + [
        0x00, 0x24, 0x00, 0x04, 0x6e, 0x00, 0x01, 0xff, 0x80, 0x29, 0x00, 0x08, 0x93, 0x2f, 0xf9,
        0xb1, 0x51, 0x26, 0x3b, 0x36, 0x00, 0x06, 0x00, 0x09, 0x65, 0x76, 0x74, 0x6a, 0x3a, 0x68,
        0x36, 0x76, 0x59, 0x20, 0x20, 0x20, 0x00, 0x08, 0x00, 0x14, 0x9a, 0xea, 0xa7, 0x0c, 0xbf,
        0xd8, 0xcb, 0x56, 0x78, 0x1e, 0xf2, 0xb5, 0xb2, 0xd3, 0xf2, 0x49, 0xc1, 0xb5, 0x71, 0xa2,
        0x80, 0x28, 0x00, 0x04, 0xe5, 0x7a, 0x3b, 0xcf,
      ]
    let key = Array("VOkJxbRl1RmTxUk/WvJxBt".utf8)
    #expect(try STUNMessage.integrity(of: request, key: key) == .right(.bare))
    #expect(try STUNMessage(decoding: request).username == "evtj:h6vY")
    #expect(try STUNMessage.integrity(of: request, key: key + [1]) == .wrong)
  }

  /// RFC 3489, 11.2.8: the text up to the attribute, filled with zeros to a multiple of 64 bytes.
  @Test func theFilledSignatureIsThatOfRFC3489() throws {
    let message = STUNMessage.bindingRequest(transactionID: Self.transaction, username: "cpe-1")
    let signed = message.signed(key: Self.key)
    var text = Self.boundRequest
    text[3] = 0x24 + 24
    #expect(signed.prefix(text.count) == text[...])
    #expect(signed[text.count..<(text.count + 4)] == [0x00, 0x08, 0x00, 0x14])
    let filled = text + Array(repeating: 0, count: 64 - text.count)
    #expect(Array(signed.suffix(20)) == HMAC.sha1(key: Self.key, message: filled))
    #expect(try STUNMessage.integrity(of: signed, key: Self.key) == .right(.filled))
  }

  @Test(arguments: STUNMessage.IntegrityForm.allCases)
  func everyChangedByteBreaksASignature(form: STUNMessage.IntegrityForm) throws {
    let signed = STUNMessage.bindingRequest(transactionID: Self.transaction, username: "cpe-1")
      .signed(key: Self.key, form: form)
    #expect(try STUNMessage.integrity(of: signed, key: Self.key) == .right(form))
    #expect(try STUNMessage.integrity(of: Self.boundRequest, key: Self.key) == .absent)
    for index in signed.indices where index != 2 && index != 3 {
      var changed = signed
      changed[index] ^= 1
      let verdict = try? STUNMessage.integrity(of: changed, key: Self.key)
      #expect(verdict != .right(.filled) && verdict != .right(.bare))
    }
  }

  @Test func whatFollowsASignatureIsNotCoveredByIt() throws {
    var signed = STUNMessage.bindingRequest(transactionID: Self.transaction, username: nil)
      .signed(key: Self.key)
    signed += [0xC0, 0x02, 0x00, 0x00]
    signed[3] += 4
    #expect(try STUNMessage.integrity(of: signed, key: Self.key) == .wrong)
  }

  @Test(arguments: [
    ([], STUNError.truncated), ([0x00], .truncated),
    (Array(repeating: 0, count: 19), .truncated),
    ([0x80, 0x01, 0x00, 0x00] + transaction, .notSTUN),
    ([0x00, 0x01, 0x00, 0x04] + transaction, .wrongLength),
    ([0x00, 0x01, 0x00, 0x00] + transaction + [0], .wrongLength),
    ([0x00, 0x01, 0xFF, 0xFF] + transaction, .wrongLength),
    ([0x00, 0x01, 0x00, 0x03] + transaction + [0, 6, 0], .malformedAttribute),
    ([0x00, 0x01, 0x00, 0x04] + transaction + [0, 6, 0, 1], .malformedAttribute),
    (
      [0x00, 0x01, 0x00, 0x08] + transaction + [0, 6, 0xFF, 0xFF, 0, 0, 0, 0], .malformedAttribute
    ),
  ]) func otherBytesAreRefused(bytes: [UInt8], error: STUNError) {
    #expect(throws: error) { try STUNMessage(decoding: bytes) }
  }

  @Test(arguments: [STUNMessage.maximumSize + 1, 65_507])
  func largeDatagramsAreRefused(size: Int) {
    #expect(throws: STUNError.tooLarge) {
      try STUNMessage(decoding: Array(repeating: 0, count: size))
    }
  }

  @Test func attributesAreCounted() {
    var message = STUNMessage(
      type: STUNMessage.Kind.bindingRequest, transactionID: Self.transaction)
    message.attributes = Array(
      repeating: STUNAttribute(STUNAttribute.Kind.bindingChange),
      count: STUNMessage.maximumAttributes)
    #expect(throws: Never.self) { try STUNMessage(decoding: message.encoded()) }
    message.attributes.append(STUNAttribute(STUNAttribute.Kind.bindingChange))
    #expect(throws: STUNError.tooLarge) { try STUNMessage(decoding: message.encoded()) }
  }

  private static let damageRounds = 20_000

  @Test func damagedMessagesAreReadOrRefused() {
    let seed = UInt64.random(in: 1...UInt64.max)
    var random = SplitMix(state: seed)
    let original = STUNMessage.bindingRequest(transactionID: Self.transaction, username: "cpe-1")
      .signed(key: Self.key)
    for _ in 0..<Self.damageRounds {
      var bytes = original
      for _ in 0...Int(random.next() % 4) {
        let index = Int(random.next() % UInt64(bytes.count))
        bytes[index] = UInt8(truncatingIfNeeded: random.next())
      }
      if random.next() % 4 == 0 { bytes.removeLast(Int(random.next() % UInt64(bytes.count))) }
      guard let message = try? STUNMessage(decoding: bytes) else { continue }
      _ = (message.username, message.mappedAddress, message.errorCode)
      let again = try? STUNMessage(decoding: message.encoded())
      #expect(again?.type == message.type, "seed \(seed)")
    }
  }
}

/// SplitMix64.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    return value ^ value >> 31
  }
}
