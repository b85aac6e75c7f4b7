/// How large a document may be before it is refused; each limit is the largest size that passes.
package struct XMLLimits: Sendable, Equatable {
  /// The limits by name, for errors.
  package enum Name: String, Sendable {
    case bytes
    case depth
    case nameLength
    case textLength
    case elements
    case attributes
    case tokenLength
    case memory
    case entities
  }

  /// Bytes of the document as fed.
  package var bytes: Int
  /// Elements within each other, the root counted; at most 250, where libxml2 has its own limit.
  package var depth: Int
  /// Bytes of an element's or attribute's local name.
  package var nameLength: Int
  /// Bytes of character data, in UTF-8, between two tags.
  package var textLength: Int
  /// Elements in the document.
  package var elements: Int
  /// Attributes of one element, namespace declarations counted.
  package var attributes: Int
  /// Bytes of one tag, comment or processing instruction, give or take ``XMLPushContext/pieceLength``; where entities may be
  /// declared, also of the values of a tag's attributes with all entities expanded.
  package var tokenLength: Int
  /// Entities that a document may declare in its internal subset, for use in the values of attributes; 0: a document type
  /// declaration is refused.
  package var entities: Int

  package init(
    bytes: Int = 16 << 20, depth: Int = 64, nameLength: Int = 256, textLength: Int = 1 << 20,
    elements: Int = 500_000, attributes: Int = 64, tokenLength: Int = 16 << 10,
    entities: Int = 0
  ) {
    self.bytes = bytes
    self.depth = depth
    self.nameLength = nameLength
    self.textLength = textLength
    self.elements = elements
    self.attributes = attributes
    self.tokenLength = tokenLength
    self.entities = entities
  }
}
