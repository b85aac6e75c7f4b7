/// Why a document was refused, and where.
package struct XMLError: Error, Sendable, Equatable {
  package enum Code: Sendable, Equatable {
    /// Not well-formed in a way that no other code names.
    case malformed
    /// The document ended before its root element did, or was empty.
    case incomplete
    /// A character that XML 1.0 forbids.
    case forbiddenCharacter
    /// Bytes that are not in the document's encoding, or an encoding that is not supported.
    case encoding
    /// A document type declaration; none is ever read.
    case doctype
    /// A reference to an entity other than the five that XML itself declares.
    case undeclaredEntity
    /// A limit of ``XMLLimits`` was exceeded.
    case limit(XMLLimits.Name)
    /// The handler asked to stop.
    case stopped
    /// `feed` or `finish` was called outside a document.
    case misuse
  }

  package var code: Code
  /// From 1; 0 where unknown.
  package var line: Int
  /// From 1, in characters of the line; 0 where unknown.
  package var column: Int
  /// One line for people, at most 200 bytes, without control characters; may quote names of the document.
  package var message: String

  package init(code: Code, line: Int = 0, column: Int = 0, message: String) {
    self.code = code
    self.line = line
    self.column = column
    self.message = message
  }
}

extension XMLError: CustomStringConvertible {
  package var description: String {
    line > 0 ? "line \(line), column \(column): \(message)" : message
  }
}
