import NIOCore

/// What a link reads into: each connection keeps its own between two reads, so that it may not grow to the 64 KB that an answer
/// with a whole tree would fill.
enum ReceiveBuffer {
  /// In bytes.
  static let capacities = 512...4_096

  static var allocator: AdaptiveRecvByteBufferAllocator {
    AdaptiveRecvByteBufferAllocator(
      minimum: capacities.lowerBound, initial: 1_024, maximum: capacities.upperBound)
  }
}
