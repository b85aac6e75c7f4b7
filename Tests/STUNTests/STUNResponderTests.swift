import STUN
import Testing

/// Transcripts of the server: datagram in, datagram and what was learned out.
@Suite struct STUNResponderTests {
  private static let transaction = Array(UInt8(1)...16)
  private static let key = Array("secret of cpe-1".utf8)

  private let source: TransportAddress

  init() throws {
    source = try #require(TransportAddress(address: [198, 51, 100, 7], port: 40_000))
  }

  private func responder(requiresSignature: Bool = true) -> STUNResponder {
    var configuration = STUNResponder.Configuration()
    configuration.requiresSignature = requiresSignature
    return STUNResponder(configuration: configuration) { username in
      username == "cpe-1" ? "secret of cpe-1" : nil
    }
  }

  private func request(
    _ username: String? = "cpe-1", isBound: Bool = true, isChanged: Bool = false,
    transaction: [UInt8] = transaction
  ) -> STUNMessage {
    STUNMessage.bindingRequest(
      transactionID: transaction, username: username, isBound: isBound, isChanged: isChanged)
  }

  private func answer(
    _ datagram: [UInt8], of responder: STUNResponder? = nil
  ) throws -> (message: STUNMessage, learned: STUNResponder.Binding?, answer: STUNResponder.Answer)
  {
    let outcome = (responder ?? self.responder()).respond(to: datagram, from: source)
    guard case .answer(let answer, let learned) = outcome else {
      throw Unanswered(outcome: outcome)
    }
    return (try STUNMessage(decoding: answer.datagram), learned, answer)
  }

  private struct Unanswered: Error {
    var outcome: STUNResponder.Outcome
  }

  @Test func anUnsignedRequestIsAskedForItsSignatureAndThenLearned() throws {
    let first = try answer(request().encoded())
    #expect(first.message.type == STUNMessage.Kind.bindingErrorResponse)
    #expect(first.message.errorCode == 401)
    #expect(first.message.transactionID == Self.transaction)
    #expect(first.learned == nil)
    let second = try answer(request(isChanged: true).signed(key: Self.key))
    #expect(second.message.type == STUNMessage.Kind.bindingResponse)
    #expect(second.message.mappedAddress == source)
    #expect(second.answer.destination == source)
    #expect(
      second.learned
        == STUNResponder.Binding(
          username: "cpe-1", address: source, isSigned: true, isChanged: true))
  }

  @Test(arguments: STUNMessage.IntegrityForm.allCases)
  func aSignedRequestIsAnsweredInItsOwnForm(form: STUNMessage.IntegrityForm) throws {
    let reply = try answer(request().signed(key: Self.key, form: form))
    #expect(
      try STUNMessage.integrity(of: reply.answer.datagram, key: Self.key) == .right(form))
  }

  @Test func wrongSignaturesAndUsersAreRefused() throws {
    let wrong = try answer(request().signed(key: Self.key + [1]))
    #expect(wrong.message.errorCode == 431)
    let stranger = try answer(request("cpe-2").signed(key: Self.key))
    #expect(stranger.message.errorCode == 436)
    let nobody = try answer(request(nil).signed(key: Self.key))
    #expect(nobody.message.errorCode == 432)
    #expect([wrong.learned, stranger.learned, nobody.learned] == [nil, nil, nil])
  }

  @Test func withoutAUsernameTheAddressIsToldAndNothingLearned() throws {
    let reply = try answer(request(nil).encoded())
    #expect(reply.message.mappedAddress == source)
    #expect(reply.learned == nil)
  }

  @Test func unsignedBindingsAreLearnedWhereNoSignatureIsRequired() throws {
    let reply = try answer(request().encoded(), of: responder(requiresSignature: false))
    #expect(reply.message.mappedAddress == source)
    #expect(try #require(reply.learned).isSigned == false)
    // A request from another port than the one that takes connection requests says nothing about that one.
    let probe = try answer(
      request(isBound: false).encoded(), of: responder(requiresSignature: false))
    #expect(probe.learned == nil)
  }

  @Test func aCPEMayProbeAnotherPortOfItsOwn() throws {
    let other = try #require(TransportAddress(address: source.address, port: 50_000))
    var probe = request(nil, isBound: false)
    probe.attributes.append(STUNAttribute(STUNAttribute.Kind.responseAddress, other))
    let reply = try answer(probe.encoded())
    #expect(reply.answer.destination == other)
    #expect(reply.message.mappedAddress == source)
    #expect(reply.message.address(STUNAttribute.Kind.reflectedFrom) == source)
  }

  @Test func nobodyElseIsSentAnAnswer() throws {
    let victim = try #require(TransportAddress(address: [203, 0, 113, 9], port: 53))
    for signed in [false, true] {
      var request = request(signed ? "cpe-1" : nil)
      request.attributes.append(STUNAttribute(STUNAttribute.Kind.responseAddress, victim))
      let datagram = signed ? request.signed(key: Self.key) : request.encoded()
      #expect(responder().respond(to: datagram, from: source) == .ignored(.reflection))
    }
  }

  @Test func unknownMandatoryAttributesAreNamed() throws {
    var odd = request(nil)
    odd.attributes.append(STUNAttribute(0x0033, [1, 2, 3, 4]))
    let reply = try answer(odd.encoded())
    #expect(reply.message.errorCode == 420)
    #expect(
      reply.message.value(STUNAttribute.Kind.unknownAttributes) == [0x00, 0x33, 0x00, 0x33])
    var optional = request(nil)
    optional.attributes.append(STUNAttribute(0x8022, Array("software".utf8)))
    #expect(try answer(optional.encoded()).message.mappedAddress == source)
  }

  @Test func anotherAddressOrPortCannotAnswer() throws {
    var change = request(nil)
    change.attributes.append(STUNAttribute(STUNAttribute.Kind.changeRequest, [0, 0, 0, 6]))
    #expect(try answer(change.encoded()).message.errorCode == 420)
    var none = request(nil)
    none.attributes.append(STUNAttribute(STUNAttribute.Kind.changeRequest, [0, 0, 0, 0]))
    #expect(try answer(none.encoded()).message.mappedAddress == source)
  }

  @Test func clientsWithTheMagicCookieGetTheirAddressMaskedToo() throws {
    let transaction = STUNMessage.magicCookie + Array(repeating: 0x5A, count: 12)
    let bare = STUNMessage.bindingRequest(
      transactionID: transaction, username: nil, isBound: false)
    let small = try answer(bare.encoded()).message
    #expect(small.value(STUNAttribute.Kind.mappedAddress) == nil)
    #expect(small.mappedAddress == source)
    let both = try answer(request(transaction: transaction).signed(key: Self.key)).message
    #expect(both.address(STUNAttribute.Kind.mappedAddress) == source)
    #expect(both.value(STUNAttribute.Kind.xorMappedAddress)?.count == 8)
  }

  @Test func whatIsNoBindingRequestGetsNoAnswer() throws {
    for type: UInt16 in [0x0002, 0x0101, 0x0111, 0x0003, 0x3FFF] {
      let message = STUNMessage(type: type, transactionID: Self.transaction)
      #expect(
        responder().respond(to: message.encoded(), from: source) == .ignored(.notABindingRequest))
    }
    #expect(responder().respond(to: [1, 2, 3], from: source) == .ignored(.malformed(.truncated)))
  }

  /// A forged source must gain nothing: no answer is much larger than its request.
  private static let largestGain = 12

  @Test func answersAreAboutAsLargeAsRequests() throws {
    let all: [UInt16] = [
      0x0002, 0x0003, 0x0006, 0x0008, 0x0033, 0x8022, 0xC001, 0xC002,
    ]
    for first in all {
      for second in all {
        for size in [0, 4, 8, 20] {
          for transaction in [
            Self.transaction, STUNMessage.magicCookie + Array(repeating: 9, count: 12),
          ] {
            var message = STUNMessage(
              type: STUNMessage.Kind.bindingRequest, transactionID: transaction)
            message.attributes = [
              STUNAttribute(first, Array(repeating: 1, count: size)), STUNAttribute(second),
            ]
            for datagram in [message.encoded(), Array(message.encoded().prefix(20))] {
              let outcome = responder(requiresSignature: false).respond(to: datagram, from: source)
              guard case .answer(let answer, _) = outcome else { continue }
              #expect(answer.datagram.count <= datagram.count + Self.largestGain)
            }
          }
        }
      }
    }
  }
}
