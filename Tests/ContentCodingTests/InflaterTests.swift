import Testing

@testable import ContentCoding

@Suite struct InflaterTests {
  private static let limits = Inflater.Limits(size: 1 << 20, ratio: 100)
  private static let text = Array(
    (0..<2_000).map { "<Name>Device.IP.Interface.\($0).</Name>" }.joined().utf8)

  /// gzip, deflate in zlib's wrapping, deflate without one.
  enum Form: Int32, CaseIterable, Sendable {
    case gzip = 31
    case wrapped = 15
    case bare = -15

    var coding: ContentCoding { self == .gzip ? .gzip : .deflate }
  }

  func deflated(_ bytes: [UInt8], _ form: Form) throws -> [UInt8] {
    try #require(
      bytes.withUnsafeBytes { Gzip.deflate($0, level: 6, windowBits: form.rawValue) })
  }

  private func inflated(
    _ bytes: [UInt8], _ coding: ContentCoding, limits: Inflater.Limits = limits,
    step: Int = 1 << 20
  ) throws -> [UInt8] {
    let inflater = Inflater(coding, limits: limits)
    var result: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: step) {
      try bytes[start..<min(start + step, bytes.count)].withUnsafeBytes {
        try inflater.inflate($0) { result.append(contentsOf: $0) }
      }
    }
    try inflater.finish()
    return result
  }

  @Test(arguments: Form.allCases, [1, 2, 3, 100, 1 << 20])
  func whatWasCompressedComesBack(form: Form, step: Int) throws {
    let bytes = try deflated(Self.text, form)
    #expect(bytes.count < Self.text.count / 5)
    #expect(try inflated(bytes, form.coding, step: step) == Self.text)
  }

  @Test(arguments: Form.allCases) func shortAndLongTextsComeBack(form: Form) throws {
    // Around the size of a step.
    for count in [0, 1, 2, 16_383, 16_384, 16_385, 32_768, 100_000] {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 5) }
      #expect(try inflated(try deflated(bytes, form), form.coding) == bytes, "\(count)")
    }
  }

  @Test(arguments: [ContentCoding.gzip, .deflate]) func anEmptyMessageIsWhole(
    coding: ContentCoding
  ) throws {
    #expect(try inflated([], coding).isEmpty)
  }

  @Test func gzipMayHaveSeveralMembers() throws {
    let bytes = try deflated(Self.text, .gzip) + deflated([1, 2, 3], .gzip)
    for step in [1, 7, 1 << 20] {
      #expect(try inflated(bytes, .gzip, step: step) == Self.text + [1, 2, 3])
    }
  }

  @Test(arguments: Form.allCases) func everyTruncationIsNoticed(form: Form) throws {
    let bytes = try deflated(Array("a short text, and short again".utf8), form)
    for count in 1..<bytes.count {
      #expect(throws: Inflater.Problem.broken, "\(count)") {
        try inflated(Array(bytes[..<count]), form.coding)
      }
    }
  }

  @Test func whatFollowsTheEndIsRefused() throws {
    for form in Form.allCases {
      #expect(throws: Inflater.Problem.broken) {
        try inflated(try deflated([1, 2, 3], form) + [0x55, 0x55], form.coding)
      }
    }
  }

  @Test func aChangedByteNeverGivesAnotherText() throws {
    let text = Array("a short text, and short again, and a text".utf8)
    var bytes = try deflated(text, .gzip)
    var refused = 0
    for index in bytes.indices {
      for bit in 0..<8 {
        bytes[index] ^= 1 << bit
        do {
          // What is not noticed says nothing: the time in the header, padding.
          #expect(try inflated(bytes, .gzip) == text, "byte \(index), bit \(bit)")
        } catch is Inflater.Problem {
          refused += 1
        }
        bytes[index] ^= 1 << bit
      }
    }
    #expect(refused > bytes.count * 6)
  }

  @Test func foreignBytesAreRefused() {
    for coding in [ContentCoding.gzip, .deflate] {
      #expect(throws: Inflater.Problem.broken) {
        try inflated(Array("<soap:Envelope>".utf8), coding)
      }
    }
  }

  @Test(arguments: Form.allCases) func aBombGivesNoMoreThanTheLimit(form: Form) throws {
    // 64 MiB of nothing: some 64 KiB.
    let bomb = try deflated(Array(repeating: 0, count: 64 << 20), form)
    #expect(bomb.count < 100_000)
    for (limits, problem) in [
      (Inflater.Limits(size: 1 << 20, ratio: 100_000), Inflater.Problem.tooLarge),
      (Inflater.Limits(size: 1 << 30, ratio: 100), .tooDense),
    ] {
      let inflater = Inflater(form.coding, limits: limits)
      var given = 0
      #expect(throws: problem) {
        try bomb.withUnsafeBytes { try inflater.inflate($0) { given += $0.count } }
      }
      #expect(given <= max(1 << 20, bomb.count * 101))
    }
  }

  @Test func aShortMessageMayBeDense() throws {
    let bytes = [UInt8](repeating: 32, count: 200_000)
    #expect(try inflated(try deflated(bytes, .gzip), .gzip) == bytes)
  }
}
