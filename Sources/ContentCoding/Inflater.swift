import CZlib

/// Inflates one message, a piece at a time, and never to more than its limits.
package final class Inflater {
  /// What a message may inflate to.
  package struct Limits: Sendable, Equatable {
    /// Bytes of the inflated message.
    package var size: Int
    /// How many times larger than what came it may become. Not asked below ``unquestioned`` bytes.
    package var ratio: Int
    /// Bytes up to which any ratio is borne: a short message may well be one long repetition.
    package var unquestioned = 256 << 10

    package init(size: Int, ratio: Int) {
      self.size = size
      self.ratio = ratio
    }
  }

  package enum Problem: Error, Equatable {
    /// It is not what its coding says, or breaks off.
    case broken
    /// It inflates to more than the limit.
    case tooLarge
    /// It inflates to more than so many times its size, as no honest message does.
    case tooDense
  }

  /// A stream of zlib, which must stay where it is in memory.
  ///
  /// Nil until the first bytes tell the wrapping.
  private var stream: UnsafeMutablePointer<z_stream>?
  private let coding: ContentCoding
  private let limits: Limits
  /// Bytes that came too few to tell the wrapping.
  private var held: [UInt8] = []
  private var taken = 0
  private var given = 0
  private var isAtEnd = false

  /// Bytes that are inflated at a time.
  private static let step = 16 << 10

  package init(_ coding: ContentCoding, limits: Limits) {
    self.coding = coding
    self.limits = limits
  }

  deinit {
    if let stream {
      inflateEnd(stream)
      stream.deinitialize(count: 1)
      stream.deallocate()
    }
  }

  /// Inflates the next piece.
  /// - Parameter output: given what came out, a step at a time; the bytes are lent for the call only.
  package func inflate(
    _ piece: UnsafeRawBufferPointer, output: (UnsafeRawBufferPointer) -> Void
  ) throws(Problem) {
    guard !piece.isEmpty else { return }
    taken += piece.count
    guard stream == nil else {
      if let problem = problem(with: piece, output: output) { throw problem }
      return
    }
    held.append(contentsOf: piece)
    guard held.count >= 2 else { return }
    let first = held
    held = []
    try open(first)
    if let problem = first.withUnsafeBytes({ bytes in problem(with: bytes, output: output) }) {
      throw problem
    }
  }

  /// Says that nothing more comes. An empty message is whole, whatever its coding.
  package func finish() throws(Problem) {
    guard taken == 0 || isAtEnd else { throw .broken }
  }

  private func open(_ first: [UInt8]) throws(Problem) {
    let windowBits: Int32
    switch coding {
    case .gzip: windowBits = 15 + 16
    case .deflate: windowBits = Self.hasWrapping(first) ? 15 : -15
    }
    let made = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    made.initialize(to: z_stream())
    guard acs_inflate_init(made, windowBits) == Z_OK else {
      made.deinitialize(count: 1)
      made.deallocate()
      throw .broken
    }
    stream = made
  }

  /// Whether deflate data stands in zlib's wrapping (RFC 1950, section 2.2).
  private static func hasWrapping(_ first: [UInt8]) -> Bool {
    first[0] & 0x0F == 8 && first[0] >> 4 <= 7
      && (UInt32(first[0]) << 8 | UInt32(first[1])).isMultiple(of: 31)
  }

  /// Inflates a piece; nil where all went well.
  private func problem(
    with piece: UnsafeRawBufferPointer, output: (UnsafeRawBufferPointer) -> Void
  ) -> Problem? {
    guard let stream, let start = piece.baseAddress else { return nil }
    // The caller's pieces are bounded by its own limit on a message, far below 4 GiB; what is not is refused.
    guard let count = UInt32(exactly: piece.count) else { return .tooLarge }
    // zlib reads from it only; its interface is older than const.
    stream.pointee.next_in = UnsafeMutablePointer(
      mutating: start.assumingMemoryBound(to: UInt8.self))
    stream.pointee.avail_in = count
    defer {
      stream.pointee.next_in = nil
      stream.pointee.avail_in = 0
    }
    return withUnsafeTemporaryAllocation(byteCount: Self.step, alignment: 16) { scratch in
      while true {
        if isAtEnd {
          guard stream.pointee.avail_in > 0 else { return nil }
          // gzip may go on with another member (RFC 1952, section 2.2); after anything else nothing may follow.
          guard coding == .gzip, inflateReset(stream) == Z_OK else { return .broken }
          isAtEnd = false
        }
        stream.pointee.next_out = scratch.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = UInt32(Self.step)
        let result = CZlib.inflate(stream, Z_NO_FLUSH)
        let produced = Self.step - Int(stream.pointee.avail_out)
        stream.pointee.next_out = nil
        switch result {
        case Z_STREAM_END: isAtEnd = true
        case Z_OK: break
        // No progress without more input.
        case Z_BUF_ERROR where stream.pointee.avail_in == 0: return nil
        default: return .broken
        }
        given += produced
        guard given <= limits.size else { return .tooLarge }
        guard given <= limits.unquestioned || given / max(1, limits.ratio) <= taken else {
          return .tooDense
        }
        if produced > 0 { output(UnsafeRawBufferPointer(rebasing: scratch[..<produced])) }
        if !isAtEnd, stream.pointee.avail_in == 0, produced < Self.step { return nil }
      }
    }
  }
}
