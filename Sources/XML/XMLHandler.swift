/// Whether a handler wants more of the document.
package enum XMLParsing: Sendable {
  case proceed
  /// The parser stops and throws ``XMLError/Code/stopped``.
  case stop
}

/// Receives the elements and the text of a document in their order.
///
/// Everything passed in is valid only during the call. Text may arrive in several pieces; comments and processing instructions don't arrive at all, CDATA arrives as text.
package protocol XMLHandler {
  mutating func startElement(_ element: XMLElement, attributes: XMLAttributes) -> XMLParsing
  /// UTF-8, never cut inside a character.
  mutating func characters(_ bytes: UnsafeBufferPointer<UInt8>) -> XMLParsing
  mutating func endElement() -> XMLParsing
}

/// The name of an element whose start tag was read; valid only during the call.
package struct XMLElement {
  /// The place of the local name in the parser's vocabulary, nil for a name outside it.
  package let word: Int?
  /// Of the end of the start tag, from 1.
  package let line: Int
  private let localNamePointer: UnsafePointer<UInt8>
  private let prefixPointer: UnsafePointer<UInt8>?
  private let namespacePointer: UnsafePointer<UInt8>?

  init(
    word: Int?, line: Int, localName: UnsafePointer<UInt8>, prefix: UnsafePointer<UInt8>?,
    namespace: UnsafePointer<UInt8>?
  ) {
    self.word = word
    self.line = line
    localNamePointer = localName
    prefixPointer = prefix
    namespacePointer = namespace
  }

  package var localName: UnsafeBufferPointer<UInt8> { terminated(localNamePointer) }

  /// Nil where the name has no prefix.
  package var prefix: UnsafeBufferPointer<UInt8>? { prefixPointer.map(terminated) }

  /// Nil where the name is in no namespace, or its prefix is bound to none.
  package var namespace: UnsafeBufferPointer<UInt8>? { namespacePointer.map(terminated) }
}

/// The attributes of one start tag without the namespace declarations; valid only during the call.
package struct XMLAttributes {
  // Five pointers for each: local name, prefix, namespace, start and end of the value.
  private let fields: UnsafePointer<UnsafePointer<UInt8>?>?
  private let vocabulary: XMLVocabularyTable
  package let count: Int

  init(
    fields: UnsafePointer<UnsafePointer<UInt8>?>?, count: Int, vocabulary: XMLVocabularyTable
  ) {
    self.fields = fields
    self.count = fields == nil ? 0 : count
    self.vocabulary = vocabulary
  }

  /// The value of the first attribute whose local name is that word of the vocabulary, whatever its namespace.
  package func value(ofWord word: Int) -> UnsafeBufferPointer<UInt8>? {
    guard let fields, let name = vocabulary.pointer(toWord: word) else { return nil }
    for index in 0..<count where fields[5 * index] == name {
      return value(at: index)
    }
    return nil
  }

  /// The place of an attribute's local name in the parser's vocabulary, nil for a name outside it.
  /// - Precondition: `index` is at least 0 and less than `count`.
  package func word(at index: Int) -> Int? {
    field(0, at: index).flatMap(vocabulary.word(at:))
  }

  /// - Precondition: `index` is at least 0 and less than `count`.
  package func localName(at index: Int) -> UnsafeBufferPointer<UInt8> {
    field(0, at: index).map(terminated) ?? UnsafeBufferPointer(start: nil, count: 0)
  }

  /// Nil where the attribute is in no namespace.
  /// - Precondition: `index` is at least 0 and less than `count`.
  package func namespace(at index: Int) -> UnsafeBufferPointer<UInt8>? {
    field(2, at: index).map(terminated)
  }

  /// - Precondition: `index` is at least 0 and less than `count`.
  package func value(at index: Int) -> UnsafeBufferPointer<UInt8> {
    guard let start = field(3, at: index), let end = field(4, at: index) else {
      return UnsafeBufferPointer(start: nil, count: 0)
    }
    return UnsafeBufferPointer(start: start, count: end - start)
  }

  private func field(_ field: Int, at index: Int) -> UnsafePointer<UInt8>? {
    precondition(index >= 0 && index < count, "attribute index out of range")
    return fields?[5 * index + field]
  }
}

/// The bytes up to the terminating zero that libxml2 gives to names.
func terminated(_ pointer: UnsafePointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
  var count = 0
  while pointer[count] != 0 { count += 1 }
  return UnsafeBufferPointer(start: pointer, count: count)
}
