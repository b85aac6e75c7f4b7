import Cryptography

/// The SHA-256 of a stored file, which is its name on disk and in URLs.
///
/// Only 64 lower-case hexadecimal digits can be one, so that no text from outside ever becomes a path.
package struct ContentDigest: Sendable, Hashable, CustomStringConvertible {
  /// 64 lower-case hexadecimal digits.
  package let hexadecimal: String

  /// The digest that the text says in hexadecimal digits of either case; nil for anything else.
  package init?(_ text: some StringProtocol) {
    guard text.utf8.count == 64, let bytes = Hex.decode(text) else { return nil }
    hexadecimal = Hex.encode(bytes)
  }

  /// The digest whose 32 bytes are given.
  init(bytes: [UInt8]) {
    precondition(bytes.count == 32, "a SHA-256 digest has 32 bytes")
    hexadecimal = Hex.encode(bytes)
  }

  package var description: String { hexadecimal }
}
