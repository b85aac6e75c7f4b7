import NIOCore
import Testing
import USP

@testable import USPTransports

@Suite(.timeLimit(.minutes(1))) struct WebSocketFrameTests {
  private typealias Fixture = WebSocketFixture

  private static func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
  }

  /// The lengths at which the header changes (RFC 6455, 5.2).
  @Test(arguments: [0, 1, 125, 126, 65_535, 65_536, 300_000])
  func recordsGoBothWays(count: Int) async throws {
    try await Fixture.run(reaction: { link, record in link.send(record) }) { fixture in
      let (peer, entry) = try await fixture.linked()
      let record = Self.bytes(count)
      peer.send(RawFrame.binary(record).wire)
      #expect(await entry.record() == record)
      #expect(try await peer.frame() == RawFrame(0x82, record, isMasked: false))
    }
  }

  /// R-WS.14b; the reference agent sends frames of 2048 bytes.
  @Test func fragmentsAreReassembled() async throws {
    try await Fixture.run { fixture in
      let (peer, entry) = try await fixture.linked()
      let record = Self.bytes(5_000)
      peer.send(RawFrame(0x02, Array(record[..<2_048])).wire)
      peer.send(RawFrame(0x00).wire)
      peer.send(RawFrame(0x89, [1]).wire)
      #expect(try await peer.frame() == RawFrame(0x8A, [1], isMasked: false))
      peer.send(RawFrame(0x00, Array(record[2_048..<4_096])).wire)
      peer.send(RawFrame(0x80, Array(record[4_096...])).wire)
      #expect(await entry.record() == record)
      #expect(fixture.server.arrivingBytes == 0)
    }
  }

  @Test func framesComeInPieces() async throws {
    try await Fixture.run { fixture in
      let (peer, entry) = try await fixture.linked()
      for byte in RawFrame.binary([1, 2, 3]).wire + RawFrame.binary(Self.bytes(200)).wire {
        peer.send([byte])
      }
      #expect(await entry.record() == [1, 2, 3])
      #expect(await entry.record() == Self.bytes(200))
      peer.send((0..<20).flatMap { RawFrame.binary([$0]).wire })
      for number in UInt8(0)..<20 { #expect(await entry.record() == [number]) }
    }
  }

  struct Violation: Sendable {
    var frames: [RawFrame]
    var code: Int
    var reason: String

    init(_ code: Int, _ reason: String, _ frames: RawFrame...) {
      self.frames = frames
      self.code = code
      self.reason = reason
    }
  }

  private static let violations: [Violation] = [
    Violation(1002, "a frame that is not masked", RawFrame(0x82, [1], isMasked: false)),
    Violation(1002, "a frame with reserved bits", RawFrame(0xC2, [1])),
    Violation(1002, "a fragment of no message", RawFrame(0x80, [1])),
    Violation(1002, "a message within another", RawFrame(0x02, [1]), RawFrame(0x82, [1])),
    Violation(1002, "a frame of an unknown kind", RawFrame(0x83, [1])),
    Violation(1002, "a frame of an unknown kind", RawFrame(0x8B, [1])),
    Violation(1002, "a control frame in fragments", RawFrame(0x09, [1])),
    Violation(1002, "a control frame that is too long", RawFrame(0x89, bytes(126))),
    // R-WS.16.
    Violation(1003, "text", RawFrame(0x81, Array("text".utf8))),
    Violation(1009, "a Record is longer than 1000 bytes", RawFrame(0x82, bytes(1_001))),
    Violation(
      1009, "a Record is longer than 1000 bytes", RawFrame(0x02, bytes(600)),
      RawFrame(0x80, bytes(401))),
    Violation(1002, "a Close frame with half a code", RawFrame(0x88, [0x03])),
    Violation(1002, "a Close frame with a code that is none", RawFrame(0x88, [0x03, 0xED])),
    Violation(
      1007, "a Close frame with text that is no UTF-8", RawFrame(0x88, [0x03, 0xE8, 0xFF])),
  ]

  @Test(arguments: violations) func whoBreaksTheRulesIsClosed(violation: Violation) async throws {
    try await Fixture.run({ $0.limits.maxRecord = 1_000 }) { fixture in
      let (peer, entry) = try await fixture.linked()
      for frame in violation.frames { peer.send(frame.wire) }
      #expect(try await peer.frame().code == violation.code)
      // What comes afterwards counts for nothing.
      peer.send(RawFrame.binary([1]).wire)
      peer.cut()
      #expect(await entry.next() == .closed("closed: the peer has sent \(violation.reason)"))
      #expect(fixture.server.openLinks == 0)
    }
  }

  /// The length alone is enough: nothing is kept of it.
  @Test func aHugeLengthIsRefusedAtOnce() async throws {
    for length: [UInt8] in [
      [0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
      [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
      [0, 0, 0, 1, 0, 0, 0, 0],
    ] {
      try await Fixture.run { fixture in
        let (peer, _) = try await fixture.linked()
        peer.send([0x82, 0xFF] + length + RawFrame.key)
        #expect(try await peer.frame().code == 1009)
      }
    }
  }

  @Test func whatIsArrivingIsLimitedForAllTogether() async throws {
    try await Fixture.run({ $0.limits.maxArriving = 3_000 }) { fixture in
      let (first, entry) = try await fixture.linked()
      first.send(RawFrame(0x02, Self.bytes(1_500)).wire + [0x89, 0x80] + RawFrame.key)
      _ = try await first.frame()
      #expect(fixture.server.arrivingBytes == 1_500)
      let (second, _) = try await fixture.linked()
      second.send(RawFrame.binary(Self.bytes(4_000)).wire.prefix(2_008))
      #expect(try await second.frame().code == 1013)
      second.cut()
      await second.gone()
      first.send(RawFrame(0x80, [7]).wire)
      #expect(await entry.record() == Self.bytes(1_500) + [7])
      first.cut()
      _ = await entry.closed()
      #expect(fixture.server.arrivingBytes == 0)
    }
  }

  /// Who goes on sending after that must not fill the memory until it ends the link.
  @Test func whatIsTooMuchIsNotKept() async throws {
    try await Fixture.run({
      $0.limits.maxArriving = 3_000
      $0.limits.closeTimeout = .hours(1)
    }) { fixture in
      let (peer, entry) = try await fixture.linked()
      peer.send(RawFrame.binary(Self.bytes(200_000)).wire.prefix(100_000))
      #expect(try await peer.frame().code == 1013)
      await peer.gone()
      #expect(
        await entry.next() == .closed("closed: the peer has sent too much is arriving at a time"))
      #expect(fixture.server.arrivingBytes == 0)
      #expect(fixture.server.openLinks == 0)
    }
  }

  @Test func aLinkThatIsClosingHasNoRoomOfItsOwn() async throws {
    try await Fixture.run({
      $0.limits.maxArriving = 3_000
      $0.limits.closeTimeout = .hours(1)
    }) { fixture in
      let (peer, entry) = try await fixture.linked()
      entry.link.close(.finished)
      #expect(try await peer.frame().code == 1000)
      peer.send(RawFrame.binary(Self.bytes(200_000)).wire.prefix(100_000))
      await peer.gone()
      #expect(await entry.next() == .closed("closed"))
      #expect(fixture.server.arrivingBytes == 0)
    }
  }

  @Test func aRecordArrivesInTimeOrNotAtAll() async throws {
    try await Fixture.run({ $0.keepAlive.interval = .zero }) { fixture in
      let before = NIODeadline.now()
      let (peer, entry) = try await fixture.linked()
      peer.send(RawFrame(0x02, [1]).wire + RawFrame(0x89).wire)
      _ = try await peer.frame()
      try await fixture.server.sweep(now: before + .seconds(59))
      #expect(fixture.server.openLinks == 1)
      try await fixture.server.sweep(now: .now() + .seconds(61))
      #expect(try await peer.frame().code == 1008)
      peer.cut()
      #expect(await entry.next() == .closed("closed: a Record did not arrive in full in time"))
    }
  }

  /// What has arrived before, in however many pieces, has no part in that.
  @Test func whatHasArrivedIsNotWaitedFor() async throws {
    try await Fixture.run({ $0.keepAlive.interval = .zero }) { fixture in
      let (peer, entry) = try await fixture.linked()
      let ping = RawFrame(0x89, [1, 2, 3]).wire
      let record = RawFrame.binary([4, 5]).wire
      for (first, second) in [
        (ping.prefix(8), ping.suffix(1)), (record.prefix(7), record.suffix(1)),
      ] {
        peer.send(first)
        while fixture.server.arrivingBytes == 0 { await Task.yield() }
        peer.send(second)
      }
      _ = try await peer.frame()
      #expect(await entry.record() == [4, 5])
      try await fixture.server.sweep(now: .now() + .seconds(61))
      peer.send(RawFrame.binary([6]).wire)
      #expect(await entry.record() == [6])
    }
  }

  // MARK: - Silence

  @Test func aPeerThatIsGoneIsFoundOut() async throws {
    try await Fixture.run { fixture in
      let before = NIODeadline.now()
      let (peer, entry) = try await fixture.linked()
      try await fixture.server.sweep(now: before + .seconds(59))
      try await fixture.server.sweep(now: .now() + .seconds(61))
      #expect(try await peer.frame() == RawFrame(0x89, isMasked: false))
      peer.send(RawFrame(0x8A).wire + RawFrame.binary([1]).wire)
      #expect(await entry.record() == [1])
      // Two questions more, and then no third.
      let answered = NIODeadline.now()
      for seconds in [61, 122, 130] as [Int64] {
        try await fixture.server.sweep(now: answered + .seconds(seconds))
      }
      #expect(try await peer.frame() == RawFrame(0x89, isMasked: false))
      #expect(try await peer.frame() == RawFrame(0x89, isMasked: false))
      #expect(fixture.server.openLinks == 1)
      try await fixture.server.sweep(now: answered + .seconds(183))
      await peer.gone()
      #expect(await entry.next() == .closed("closed: the peer does not answer"))
    }
  }

  @Test func aPeerThatTakesNothingIsClosed() async throws {
    try await Fixture.run({ $0.limits.maxQueued = 2 << 20 }) { fixture in
      let (peer, entry) = try await fixture.linked(isReading: false)
      // More than the sockets of both sides can hold.
      for _ in 0..<64 { entry.link.send([UInt8](repeating: 0, count: 1 << 20)) }
      #expect(await entry.next() == .closed("closed: the peer does not take what it is sent"))
      peer.cut()
    }
  }

  /// Pings pile up nothing for a peer that does not read.
  @Test func onlyWhoReadsIsAnswered() async throws {
    try await Fixture.run({ $0.limits.maxQueued = 64 << 20 }) { fixture in
      let (peer, entry) = try await fixture.linked(isReading: false)
      // More than the sockets of both sides can hold.
      for _ in 0..<32 { entry.link.send([UInt8](repeating: 0, count: 1 << 20)) }
      peer.send(RawFrame(0x89, [1]).wire + RawFrame.binary([2]).wire)
      #expect(await entry.record() == [2])
      try await peer.set(isReading: true)
      for _ in 0..<32 { #expect(try await peer.frame().payload.count == 1 << 20) }
      peer.send(RawFrame(0x89, [3]).wire)
      #expect(try await peer.frame() == RawFrame(0x8A, [3], isMasked: false))
    }
  }

  @Test func aRecordThatIsTooLongToBeSentClosesTheLink() async throws {
    try await Fixture.run({ $0.limits.maxQueued = 1_000 }) { fixture in
      let (peer, entry) = try await fixture.linked()
      entry.link.send([UInt8](repeating: 0, count: 1_001))
      #expect(await entry.next() == .closed("closed: the peer does not take what it is sent"))
      await peer.gone()
    }
  }

  // MARK: - Closing

  @Test(arguments: [
    (LinkClosing.finished, 1000, ""), (.goingAway, 1001, ""), (.undecodable, 1003, "no Record"),
    (.refused("another link"), 1008, "another link"), (.timedOut, 1008, "timed out"),
    // A control frame has room for 123 bytes of text.
    (.refused(String(repeating: "ä", count: 100)), 1008, String(repeating: "ä", count: 61)),
  ]) func eachClosingHasItsCode(reason: LinkClosing, code: Int, text: String) async throws {
    try await Fixture.run { fixture in
      let (peer, entry) = try await fixture.linked()
      entry.link.send([1])
      entry.link.close(reason)
      entry.link.send([2])
      entry.link.close(.finished)
      #expect(try await peer.frame() == RawFrame(0x82, [1], isMasked: false))
      let frame = try await peer.frame()
      #expect(frame.code == code)
      #expect(String(decoding: frame.payload.dropFirst(2), as: UTF8.self) == text)
      // The peer answers, and the server ends the connection.
      peer.send(RawFrame(0x88, Array(frame.payload.prefix(2))).wire)
      #expect(try await peer.rest() == [])
      #expect(await entry.closed()?.hasPrefix("closed") == true)
    }
  }

  @Test func aCloseFrameIsAnswered() async throws {
    for (payload, why) in [
      ([0x03, 0xE8] + Array("bye\u{1B}[2J".utf8), "the peer has closed the link (1000): bye[2J"),
      ([0x0B, 0xB8], "the peer has closed the link (3000)"), ([], "the peer has closed the link"),
    ] as [([UInt8], String)] {
      try await Fixture.run { fixture in
        let (peer, entry) = try await fixture.linked()
        peer.send(RawFrame(0x88, payload).wire + RawFrame.binary([1]).wire)
        let answer = RawFrame(0x88, Array(payload.prefix(2)), isMasked: false)
        #expect(try await peer.rest() == answer.wire)
        #expect(await entry.next() == .closed(why))
      }
    }
  }

  @Test func aPeerThatDoesNotCloseIsCut() async throws {
    try await Fixture.run { fixture in
      let before = NIODeadline.now()
      let (peer, entry) = try await fixture.linked()
      entry.link.close(.finished)
      #expect(try await peer.frame().code == 1000)
      try await fixture.server.sweep(now: before + .seconds(4))
      #expect(fixture.server.openLinks == 1)
      try await fixture.server.sweep(now: .now() + .seconds(6))
      await peer.gone()
      #expect(await entry.next() == .closed("closed"))
      // Nothing happens on a link that has closed.
      entry.link.send([1])
      entry.link.close(.finished)
      #expect(await entry.next() == nil)
    }
  }

  /// A receiver may close, and send, from within what it is told.
  @Test func receiversMayCloseAtOnce() async throws {
    try await Fixture.run(reaction: { link, record in
      link.send(record)
      link.close(.undecodable)
      link.send(record)
    }) { fixture in
      let (peer, entry) = try await fixture.linked()
      peer.send(RawFrame.binary([1]).wire + RawFrame.binary([2]).wire)
      #expect(try await peer.frame() == RawFrame(0x82, [1], isMasked: false))
      #expect(try await peer.frame().code == 1003)
      peer.cut()
      #expect(await entry.next() == .record([1]))
      #expect(await entry.next() == .closed("closed: what the peer sent is no Record"))
    }
  }

  /// Whatever comes, the server closes the link and lives on.
  @Test func randomBytesDoNoHarm() async throws {
    let seed: UInt64 = 0x5EED
    var random = SeededRandom(seed: seed)
    try await Fixture.run({ $0.limits.maxRecord = 4_096 }) { fixture in
      for round in 0..<40 {
        let (peer, entry) = try await fixture.linked()
        peer.send((0..<400).map { _ in UInt8.random(in: .min ... .max, using: &random) })
        peer.cut()
        #expect(await entry.closed() != nil, "seed \(seed), round \(round)")
      }
      #expect(fixture.server.openLinks == 0)
      #expect(fixture.server.arrivingBytes == 0)
    }
  }
}

/// SplitMix64.
private struct SeededRandom: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
