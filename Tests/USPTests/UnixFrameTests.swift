import Testing
import USP

@Suite struct UnixFrameTests {
  private static let agent = EndpointID("os::012345-A1")

  private static func bytes(_ length: UInt8, _ body: [UInt8]) -> [UInt8] {
    [0x5F, 0x55, 0x53, 0x50, 0, 0, 0, length] + body
  }

  @Test func framesAreAsTheStandardHasThem() throws {
    let agent = try #require(Self.agent)
    #expect(
      UnixFrame.encode(.handshake(agent))
        == Self.bytes(18, [1, 0, 0, 0, 13] + Array("os::012345-A1".utf8)))
    #expect(UnixFrame.encode(.error("no")) == Self.bytes(7, [2, 0, 0, 0, 2] + Array("no".utf8)))
    #expect(UnixFrame.encode(.record([7, 8])) == Self.bytes(7, [3, 0, 0, 0, 2, 7, 8]))
    let elements: [UnixFrame.Element] = [.handshake(agent), .record([]), .record([1])]
    var decoder = UnixFrame.Decoder()
    #expect(try decoder.received(UnixFrame.encode(elements)) == elements)
    #expect(decoder.buffered == 0)
  }

  @Test func bytesMayComeInAnyPieces() throws {
    let agent = try #require(Self.agent)
    let elements: [[UnixFrame.Element]] = [
      [.handshake(agent)], [.record(Array(repeating: 9, count: 300)), .error("x")], [.record([1])],
    ]
    let bytes = elements.flatMap(UnixFrame.encode)
    for size in [1, 2, 3, 7, 100, bytes.count] {
      var decoder = UnixFrame.Decoder()
      var read: [UnixFrame.Element] = []
      for start in stride(from: 0, to: bytes.count, by: size) {
        read += try decoder.received(bytes[start..<min(start + size, bytes.count)])
      }
      #expect(read == elements.flatMap(\.self))
      #expect(decoder.buffered == 0)
    }
  }

  @Test func unknownElementsAreSkipped() throws {
    var decoder = UnixFrame.Decoder()
    let frame = Self.bytes(13, [9, 0, 0, 0, 2, 1, 2] + [3, 0, 0, 0, 1, 5])
    #expect(try decoder.received(frame) == [.record([5])])
    #expect(try decoder.received(Self.bytes(5, [0, 0, 0, 0, 0])).isEmpty)
  }

  @Test(arguments: [
    [0x5E], Array("_USQ".utf8), bytes(0, []), bytes(1, [3]), bytes(4, [3, 0, 0, 0]),
    bytes(5, [3, 0, 0, 0, 1]), bytes(7, [3, 0, 0, 0, 3, 1, 2]),
    bytes(5, [3, 0xFF, 0xFF, 0xFF, 0xFF]), bytes(5, [1, 0, 0, 0, 0]),
    bytes(7, [1, 0, 0, 0, 2, 0xFF, 0xFF]), bytes(6, [3, 0, 0, 0, 0, 3]),
  ])
  func whatIsNoFrameIsRefused(_ bytes: [UInt8]) {
    var decoder = UnixFrame.Decoder()
    #expect(throws: USPFault.self) { _ = try decoder.received(bytes) }
  }

  @Test func aFrameMayNotBeTooLong() throws {
    var decoder = UnixFrame.Decoder(limit: 10)
    #expect(
      try decoder.received(UnixFrame.encode(.record([1, 2, 3, 4, 5]))) == [
        .record([1, 2, 3, 4, 5])
      ]
    )
    // Told by its length, before it is there.
    #expect {
      _ = try decoder.received([0x5F, 0x55, 0x53, 0x50, 0, 0, 0, 11])
    } throws: {
      ($0 as? USPFault)?.code == .resourcesExceeded
    }
    var huge = UnixFrame.Decoder()
    #expect(throws: USPFault.self) {
      _ = try huge.received([0x5F, 0x55, 0x53, 0x50, 0xFF, 0xFF, 0xFF, 0xFF])
    }
  }
}
