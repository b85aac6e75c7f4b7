/// Why a value of the right JSON type can't be taken, in words for the person who wrote it.
package struct UnfitValue: Error, Sendable, Equatable {
  /// The end of a sentence that begins with the member's name, for example `is one of viewer, operator, admin`.
  package let text: String

  /// The decoding error that carries the reason.
  static func error(_ text: String, in container: any SingleValueDecodingContainer)
    -> DecodingError
  {
    .dataCorrupted(
      .init(
        codingPath: container.codingPath, debugDescription: text,
        underlyingError: UnfitValue(text: text)))
  }
}
