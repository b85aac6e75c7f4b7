import Cryptography
import STUN
import Testing

@Suite struct UDPConnectionRequestTests {
  private static let request = UDPConnectionRequest(
    timestamp: 1_763_900_000, id: 77, username: "00A0C5-Set%2DTop-1", nonce: "n0nce")

  private func packet(_ line: String) -> [UInt8] { Array((line + "\r\n\r\n").utf8) }

  @Test func thePacketIsOneSignedGET() throws {
    let text = String(
      decoding: Self.request.encoded(host: "192.0.2.1", port: 7547, password: "secret"),
      as: UTF8.self)
    let signature = Hex.encode(
      HMAC.sha1(
        key: Array("secret".utf8),
        message: Array("176390000077".utf8)
          + Array("00A0C5-Set%2DTop-1n0nce".utf8)))
    #expect(
      text
        == "GET http://192.0.2.1:7547?ts=1763900000&id=77&un=00A0C5-Set%252DTop-1&cn=n0nce"
        + "&sig=\(signature) HTTP/1.1\r\nHost: 192.0.2.1:7547\r\n\r\n")
    let plain = Self.request.encoded(host: "192.0.2.1", port: 80, password: "secret")
    #expect(String(decoding: plain, as: UTF8.self).hasPrefix("GET http://192.0.2.1?ts="))
  }

  @Test func aPacketIsReadAndItsSignatureChecked() throws {
    let received = try UDPConnectionRequest.Received(
      decoding: Self.request.encoded(host: "h", port: 1, password: "secret"))
    #expect(received.request == Self.request)
    #expect(received.isSigned(password: "secret"))
    #expect(!received.isSigned(password: "Secret"))
  }

  @Test func theSignatureIsOverTheTextAsItWasWritten() throws {
    let code = HMAC.sha1(key: Array("p".utf8), message: Array("0017007uc".utf8))
    for signature in [Hex.encode(code), Hex.encode(code).uppercased()] {
      let received = try UDPConnectionRequest.Received(
        decoding: packet("GET http://h/?cn=c&un=u&id=007&ts=0017&sig=\(signature) HTTP/1.1"))
      #expect(received.isSigned(password: "p"))
      #expect(received.request.timestamp == 17)
      #expect(received.request.id == 7)
    }
  }

  private static let code = String(repeating: "0a", count: 20)

  @Test(arguments: [
    "", "GET", "POST http://h?ts=1&id=1&un=u&cn=c&sig=\(code) HTTP/1.1",
    "GET http://h HTTP/1.1", "GET http://h?ts=1&id=1&un=u&cn=c HTTP/1.1",
    "GET http://h?ts=x&id=1&un=u&cn=c&sig=\(code) HTTP/1.1",
    "GET http://h?ts=1&id=4294967296&un=u&cn=c&sig=\(code) HTTP/1.1",
    "GET http://h?ts=1&id=-1&un=u&cn=c&sig=\(code) HTTP/1.1",
    "GET http://h?ts=1&id=1&un=u&cn=c&sig=\(code)00 HTTP/1.1",
    "GET http://h?ts=1&id=1&un=u&cn=c&sig=zz HTTP/1.1",
    "GET http://h?ts=1&ts=2&id=1&un=u&cn=c&sig=\(code) HTTP/1.1",
    "GET http://h?ts=1&id=1&un=%&cn=c&sig=\(code) HTTP/1.1",
    "GET http://h?ts=1&id=1&un=%zz&cn=c&sig=\(code) HTTP/1.1",
    "GET http://h?ts=1&id=1&un=%ff&cn=c&sig=\(code) HTTP/1.1",
    "GET http://h?ts=1&id=1&un=u&cn=c&sig=\(code)", "GET  HTTP/1.1",
  ]) func otherPacketsAreRefused(line: String) {
    #expect(throws: UDPConnectionRequest.Problem.self) {
      try UDPConnectionRequest.Received(decoding: packet(line))
    }
  }

  @Test func whatIsNoTextOrTooLargeIsRefused() {
    #expect(throws: UDPConnectionRequest.Problem.self) {
      try UDPConnectionRequest.Received(decoding: [0xFF, 0xFE])
    }
    let large = packet("GET http://h?" + String(repeating: "x", count: 65_000) + " HTTP/1.1")
    #expect(throws: UDPConnectionRequest.Problem.self) {
      try UDPConnectionRequest.Received(decoding: large)
    }
  }

  @Test func copiesAndReplaysAreToldFromNewRequests() {
    var history = UDPConnectionRequest.History()
    var request = Self.request
    let first = history.accepts(request)
    let copy = history.accepts(request)
    request.timestamp += 1
    let sameID = history.accepts(request)
    request.id += 1
    let next = history.accepts(request)
    let replay = history.accepts(Self.request)
    #expect([first, copy, sameID, next, replay] == [true, false, false, true, false])
  }
}
