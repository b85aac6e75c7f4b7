/// A document of the TR-106 schema family as it is written: elements with their attributes, nothing resolved.
///
/// All is kept in four arrays, so that a document of five megabytes costs no allocation for each of its elements.
package final class ModelDocument: Sendable {
  /// The place of an element.
  typealias Node = Int32

  struct Element: Sendable {
    var word: ModelWord
    var line: Int32
    /// -1 where there is none, like the next.
    var firstChild: Node = -1
    var next: Node = -1
    var attributes: Range<Int32>
    /// Of the text, for descriptions.
    var text: Range<Int32>
  }

  struct Attribute: Sendable {
    var word: ModelWord
    var value: Range<Int32>
  }

  /// What a reader gathers.
  struct Content: Sendable {
    var elements: [Element] = []
    var attributes: [Attribute] = []
    var bytes: [UInt8] = []
  }

  /// The name under which others import it.
  package let file: String
  let elements: [Element]
  let attributes: [Attribute]
  let bytes: [UInt8]

  init(_ content: Content, file: String) {
    self.file = file
    elements = content.elements
    attributes = content.attributes
    bytes = content.bytes
  }

  /// The URN that the document says it is.
  package var spec: String { elements.isEmpty ? "" : string(0, .spec) ?? "" }

  /// The names of its models.
  package var models: [String] {
    elements.isEmpty
      ? [] : children(0).filter { word($0) == .model }.compactMap { trimmed($0, .name) }
  }

  // MARK: Reading

  struct Children: Sequence, IteratorProtocol {
    fileprivate let document: ModelDocument
    fileprivate var current: Node

    mutating func next() -> Node? {
      guard current >= 0 else { return nil }
      defer { current = document.elements[Int(current)].next }
      return current
    }
  }

  func children(_ node: Node) -> Children {
    Children(document: self, current: elements[Int(node)].firstChild)
  }

  func word(_ node: Node) -> ModelWord { elements[Int(node)].word }
  func line(_ node: Node) -> Int { Int(elements[Int(node)].line) }

  func child(_ node: Node, _ word: ModelWord) -> Node? {
    children(node).first { self.word($0) == word }
  }

  func has(_ node: Node, _ word: ModelWord) -> Bool { range(node, word) != nil }

  private func range(_ node: Node, _ word: ModelWord) -> Range<Int32>? {
    let range = elements[Int(node)].attributes
    for index in range where attributes[Int(index)].word == word {
      return attributes[Int(index)].value
    }
    return nil
  }

  func string(_ node: Node, _ word: ModelWord) -> String? {
    range(node, word).map {
      String(decoding: bytes[Int($0.lowerBound)..<Int($0.upperBound)], as: UTF8.self)
    }
  }

  /// A value without white space around it; nil where nothing is left.
  func trimmed(_ node: Node, _ word: ModelWord) -> String? {
    guard let range = range(node, word) else { return nil }
    var slice = bytes[Int(range.lowerBound)..<Int(range.upperBound)]
    while let first = slice.first, first <= 0x20 { slice.removeFirst() }
    while let last = slice.last, last <= 0x20 { slice.removeLast() }
    return slice.isEmpty ? nil : String(decoding: slice, as: UTF8.self)
  }

  /// The words of a value; the parser has made blanks of line breaks.
  func words(_ node: Node, _ word: ModelWord) -> [String] {
    (string(node, word) ?? "").split { $0 == " " || $0 == "\n" || $0 == "\t" }.map(String.init)
  }

  /// True for the literals `true` and `1`.
  func flag(_ node: Node, _ word: ModelWord) -> Bool? {
    trimmed(node, word).map { $0 == "true" || $0 == "1" }
  }

  func text(_ node: Node) -> String {
    let range = elements[Int(node)].text
    return String(decoding: bytes[Int(range.lowerBound)..<Int(range.upperBound)], as: UTF8.self)
  }
}
