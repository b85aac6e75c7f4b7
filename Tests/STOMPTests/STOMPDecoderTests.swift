import Testing

@testable import STOMP

@Suite struct STOMPDecoderTests {
  private static let message = STOMPFrame(
    "MESSAGE",
    [
      STOMPFrame.Header("destination", "/queue/agent: 1\\2"),
      STOMPFrame.Header("content-length", "6"),
      STOMPFrame.Header("message", "two\nlines\r"),
    ], body: [0, 1, 10, 13, 0, 255])

  private static func decode(
    _ text: String, limits: STOMPDecoder.Limits = STOMPDecoder.Limits()
  ) throws(STOMPError) -> [STOMPFrame] {
    var decoder = STOMPDecoder(limits: limits)
    return try decoder.decode(Array(text.utf8))
  }

  @Test func bytesOfFrames() {
    #expect(
      String(decoding: Self.message.encoded(), as: UTF8.self).hasPrefix(
        "MESSAGE\ndestination:/queue/agent\\c 1\\\\2\ncontent-length:6\nmessage:two\\nlines\\r\n\n")
    )
    #expect(STOMPFrame("DISCONNECT").encoded() == Array("DISCONNECT\n\n\0".utf8))
    #expect(
      STOMPFrame("SEND", body: [7, 7]).encoded()
        == Array("SEND\ncontent-length:2\n\n".utf8) + [7, 7, 0])
    // CONNECT has no escapes, and yet nothing can end its lines.
    #expect(
      STOMPFrame("CONNECT", [.init("passcode", "a:b\\c\nlogin:x\0")]).encoded()
        == Array("CONNECT\npasscode:a:b\\clogin:x\n\n\0".utf8))
  }

  @Test func everySplitGivesTheSame() throws {
    let heartBeat: [UInt8] = [10, 13, 10]
    let bytes =
      heartBeat + Self.message.encoded() + heartBeat + STOMPFrame("RECEIPT").encoded()
      + Self.message.encoded()
    let expected = [Self.message, STOMPFrame("RECEIPT"), Self.message]
    for split in 0...bytes.count {
      var decoder = STOMPDecoder()
      let frames =
        try decoder.decode(bytes[..<split]) + decoder.decode(bytes[split...])
      #expect(frames == expected, "\(split)")
    }
    var decoder = STOMPDecoder()
    var frames: [STOMPFrame] = []
    for byte in bytes { frames += try decoder.decode([byte]) }
    #expect(frames == expected)
  }

  @Test func linesMayEndWithCarriageReturns() throws {
    let frames = try Self.decode("CONNECTED\r\nversion:1.2\r\nserver:x\\cy:z\r\n\r\n\0")
    #expect(frames.count == 1)
    #expect(frames.first?["version"] == "1.2")
    // As it stands: no escapes in this frame.
    #expect(frames.first?["server"] == "x\\cy:z")
  }

  @Test func ofRepeatedHeadersTheFirstCounts() throws {
    let frames = try Self.decode("MESSAGE\nfoo:World\nfoo:Hello\n\n\0")
    #expect(frames.first?["foo"] == "World")
    #expect(frames.first?["bar"] == nil)
  }

  @Test func bodiesWithoutLengthEndWithTheFirstNUL() throws {
    let frames = try Self.decode("ERROR\nmessage:no\n\nThe text\0\n\nRECEIPT\nreceipt-id:1\n\n\0")
    #expect(frames.map(\.command) == ["ERROR", "RECEIPT"])
    #expect(frames.first?.body == Array("The text".utf8))
  }

  @Test(arguments: [
    "message\n\n\0", "ME SSAGE\n\n\0", "\0", "MESSAGE\nno colon\n\n\0", "MESSAGE\n:empty\n\n\0",
    "MESSAGE\na:\\t\n\n\0", "MESSAGE\na:\\\n\n\0", "MESSAGE\na:b\rc\n\n\0",
    "MESSAGE\na:b\0c\n\n\0", "MESSAGE\ncontent-length:x\n\n\0", "MESSAGE\ncontent-length:-1\n\n\0",
    "MESSAGE\ncontent-length:+1\n\n1\0", "MESSAGE\ncontent-length:\n\n\0",
    "MESSAGE\ncontent-length:1\n\n12\0",
    "MESSAGE\ncontent-length:99999999999999999999\n\n\0",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZ\n\n\0",
  ])
  func whatIsNoFrameIsRefused(text: String) {
    #expect(throws: STOMPError.self) { try Self.decode(text) }
  }

  @Test func headersAreUTF8() {
    var decoder = STOMPDecoder()
    #expect(throws: STOMPError.self) {
      try decoder.decode(Array("MESSAGE\na:".utf8) + [0xC0, 0x80, 10, 10, 0])
    }
  }

  @Test func limitsHold() throws {
    var limits = STOMPDecoder.Limits()
    limits.headBytes = 40
    limits.headers = 2
    limits.bodyBytes = 4
    let fits = "MESSAGE\na:b\nc:d\n\n1234\0"
    #expect(try Self.decode(fits, limits: limits).count == 1)
    for text in [
      "MESSAGE\na:b\nc:d\ne:f\n\n\0", "MESSAGE\na:b\n\n12345\0",
      "MESSAGE\ncontent-length:5\n\n12345\0",
      "MESSAGE\na:" + String(repeating: "x", count: 40), String(repeating: "A", count: 41),
    ] {
      #expect {
        try Self.decode(text, limits: limits)
      } throws: {
        ($0 as? STOMPError)?.code == .tooLarge
      }
    }
  }

  /// However small the pieces in which it comes.
  @Test func limitsDoNotDependOnPieces() throws {
    var limits = STOMPDecoder.Limits()
    limits.headBytes = 16
    var decoder = STOMPDecoder(limits: limits)
    var frames: [STOMPFrame] = []
    for byte in "RECEIPT\nabc:de\n\n\0".utf8 { frames += try decoder.decode([byte]) }
    #expect(frames == [STOMPFrame("RECEIPT", [.init("abc", "de")])])
    for byte in "RECEIPT\nabc:def".utf8 { _ = try decoder.decode([byte]) }
    #expect(throws: STOMPError.self) { try decoder.decode([10, 10]) }
  }

  @Test func anErrorIsFinal() {
    var decoder = STOMPDecoder()
    #expect(throws: STOMPError.self) { try decoder.decode(Array("no\n".utf8)) }
    #expect(throws: STOMPError.self) { try decoder.decode(Array("RECEIPT\n\n\0".utf8)) }
  }

  private static let seed: UInt64 = 0x5707
  private static let rounds = 2000

  /// Whatever a frame holds, it is read as it was written; printed is the seed of a failure.
  @Test func randomFramesComeBack() throws {
    var generator = STOMPTestGenerator(state: Self.seed)
    for round in 0..<Self.rounds {
      let headers = (0..<Int.random(in: 0...5, using: &generator)).map { index in
        let scalars = (0..<Int.random(in: 0...12, using: &generator)).map { _ in
          Character(Unicode.Scalar(UInt8.random(in: 1...255, using: &generator)))
        }
        return STOMPFrame.Header("h\(index):", String(scalars))
      }
      let body = (0..<Int.random(in: 0...40, using: &generator)).map { _ in
        UInt8.random(in: 0...255, using: &generator)
      }
      var frame = STOMPFrame("SEND", headers, body: body)
      frame.headers.append(STOMPFrame.Header("content-length", "\(body.count)"))
      var decoder = STOMPDecoder()
      #expect(try decoder.decode(frame.encoded()) == [frame], "seed \(Self.seed) round \(round)")
    }
  }
}

/// SplitMix64.
struct STOMPTestGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
