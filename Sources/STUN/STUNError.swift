/// Why bytes are no STUN message.
package enum STUNError: Error, Sendable, Equatable {
  /// Shorter than a header.
  case truncated
  /// The first two bits are not zero, so it is something else on the same port.
  case notSTUN
  /// The length in the header is not that of the datagram.
  case wrongLength
  /// An attribute reaches beyond the end of the message.
  case malformedAttribute
  /// Larger than ``STUNMessage/maximumSize`` or with more attributes than ``STUNMessage/maximumAttributes``.
  case tooLarge
}
