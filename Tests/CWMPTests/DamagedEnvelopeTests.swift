import CWMP
import Foundation
import Testing

/// Envelopes with bytes changed at random: whatever comes, the decoder answers and stays usable.
///
/// The seed is printed and taken back from FAIRLEAD_DAMAGE_SEED.
@Suite struct DamagedEnvelopeTests {
  private static let rounds = 6_000
  private static let changes = 1...4

  @Test func theSameIsReadInPiecesAsAtOnce() {
    let environment = ProcessInfo.processInfo.environment["FAIRLEAD_DAMAGE_SEED"]
    let seed = environment.flatMap { UInt64($0) } ?? UInt64.random(in: 0 ... .max)
    print("FAIRLEAD_DAMAGE_SEED=\(seed)")
    var generator = SplitMix64(state: seed)
    let originals =
      RoundTripTests.requests.map(Message.request)
      + RoundTripTests.responses.map(Message.response)
    let whole = EnvelopeDecoder()
    let pieces = EnvelopeDecoder()
    var bytes: [UInt8] = []
    var refused = 0
    for round in 0..<Self.rounds {
      EnvelopeEncoder().encode(
        Envelope(
          namespace: .v1_2, id: "1", message: originals[round % originals.count]),
        into: &bytes)
      for _ in 0..<Int.random(in: Self.changes, using: &generator) {
        damage(&bytes, &generator)
      }
      let atOnce = try? whole.decode(bytes)
      let inPieces = try? decode(bytes, with: pieces, &generator)
      #expect(atOnce == inPieces, "seed \(seed), round \(round)")
      if atOnce == nil { refused += 1 }
    }
    #expect(refused > Self.rounds / 10 && refused < Self.rounds)
  }

  private func damage(_ bytes: inout [UInt8], _ generator: inout SplitMix64) {
    let index = Int.random(in: bytes.indices, using: &generator)
    switch Int.random(in: 0..<5, using: &generator) {
    case 0: bytes[index] = UInt8.random(in: 0...255, using: &generator)
    case 1: bytes.remove(at: index)
    case 2: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: index)
    case 3: bytes[index] = Array("<>&/\"' 0A".utf8).randomElement(using: &generator) ?? 0
    default:
      let end = min(index + 20, bytes.count)
      bytes.insert(contentsOf: bytes[index..<end], at: index)
    }
  }

  private func decode(
    _ bytes: [UInt8], with decoder: EnvelopeDecoder, _ generator: inout SplitMix64
  ) throws -> Envelope {
    decoder.begin()
    var start = 0
    while start < bytes.count {
      let end = min(start + Int.random(in: 1...200, using: &generator), bytes.count)
      try Array(bytes[start..<end]).withUnsafeBytes { try decoder.feed($0) }
      start = end
    }
    return try decoder.finish()
  }
}
