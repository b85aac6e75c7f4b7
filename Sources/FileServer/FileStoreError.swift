/// Why a file could not be stored or read.
package struct FileStoreError: Error, Sendable, CustomStringConvertible {
  package enum Code: String, Sendable {
    /// More bytes came than the limit allows.
    case tooLarge
    /// The content is not what the sender said it would be.
    case checksumMismatch
    case noSpace
    /// The stream of bytes broke off.
    case interrupted
    /// The disk or the directory refused.
    case inputOutput
  }

  package var code: Code
  package var message: String

  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  package var description: String { message }
}
