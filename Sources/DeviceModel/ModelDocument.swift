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
    var childCount: Int32 = 0
    var attributes: Range<Int32>
    /// Of the text, where it is one that counts.
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
    var isDeviceType = false
  }

  /// The name under which others import it.
  package let file: String
  let elements: [Element]
  let attributes: [Attribute]
  let bytes: [UInt8]
  /// Whether it says what of a model the devices of a type have (DT Schema), and does not define one.
  package let isDeviceType: Bool

  init(_ content: Content, file: String) {
    self.file = file
    elements = content.elements
    attributes = content.attributes
    bytes = content.bytes
    isDeviceType = content.isDeviceType
  }

  /// The URN that the document says it is; the URI of the device type that it describes, where it describes one.
  package var spec: String {
    elements.isEmpty ? "" : trimmed(0, .spec) ?? trimmed(0, .deviceType) ?? ""
  }

  /// What is the only one of its description of a device type, as it is written; nil where it is none, or tells none.
  package var uuid: String? { elements.isEmpty || !isDeviceType ? nil : trimmed(0, .uuid) }

  /// The names of its models.
  package var models: [String] {
    elements.isEmpty
      ? []
      : children(0).filter { word($0) == .model }.compactMap {
        trimmed($0, .name) ?? (isDeviceType ? trimmed($0, .ref) : nil)
      }
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

  /// What an element costs whoever looks at it: its children, and the bytes of its attributes.
  func size(_ node: Node) -> Int {
    let element = elements[Int(node)]
    guard let first = element.attributes.first, let last = element.attributes.last else {
      return Int(element.childCount)
    }
    let values = attributes[Int(first)].value.lowerBound..<attributes[Int(last)].value.upperBound
    return Int(element.childCount) + values.count
  }

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
    range(node, word).map { string(Int($0.lowerBound)..<Int($0.upperBound)) }
  }

  func string(_ range: Range<Int>) -> String {
    bytes.withUnsafeBufferPointer {
      String(decoding: UnsafeBufferPointer(rebasing: $0[range]), as: UTF8.self)
    }
  }

  /// Where a value is without the white space around it; nil where nothing is left.
  func trimmedRange(_ node: Node, _ word: ModelWord) -> Range<Int>? {
    guard let range = range(node, word) else { return nil }
    var start = Int(range.lowerBound)
    var end = Int(range.upperBound)
    while start < end, bytes[start] <= 0x20 { start += 1 }
    while start < end, bytes[end - 1] <= 0x20 { end -= 1 }
    return start < end ? start..<end : nil
  }

  /// A value without white space around it; nil where nothing is left.
  func trimmed(_ node: Node, _ word: ModelWord) -> String? {
    trimmedRange(node, word).map(string)
  }

  /// A part of the document behind another text, as one.
  func joined(_ prefix: String, _ range: Range<Int>, _ suffix: StaticString = "") -> String {
    var prefix = prefix
    return prefix.withUTF8 { prefix in
      let count = prefix.count + range.count + suffix.utf8CodeUnitCount
      return String(unsafeUninitializedCapacity: count) { buffer in
        var length = buffer.update(fromContentsOf: prefix)
        bytes.withUnsafeBufferPointer {
          length = buffer[length...].update(fromContentsOf: $0[range])
        }
        suffix.withUTF8Buffer { length = buffer[length...].update(fromContentsOf: $0) }
        return length
      }
    }
  }

  func version(_ node: Node, _ word: ModelWord) -> ModelVersion? {
    trimmedRange(node, word).flatMap { range in
      bytes.withUnsafeBufferPointer { ModelVersion(UnsafeBufferPointer(rebasing: $0[range])) }
    }
  }

  /// What a value means that is one of a few words.
  func keyword<Keyword: RawRepresentable<String>>(_ node: Node, _ word: ModelWord) -> Keyword? {
    trimmed(node, word).flatMap(Keyword.init)
  }

  /// Nil where it is none, or too large.
  func number(_ node: Node, _ word: ModelWord) -> Int? {
    trimmed(node, word).flatMap { Int($0) }
  }

  /// The words of a value; the parser has made blanks of line breaks.
  func words(_ node: Node, _ word: ModelWord) -> [String] {
    guard let range = range(node, word) else { return [] }
    return bytes[Int(range.lowerBound)..<Int(range.upperBound)].split { $0 <= 0x20 }
      .map { string($0.indices) }
  }

  /// True for the literals `true` and `1`.
  func flag(_ node: Node, _ word: ModelWord) -> Bool? {
    trimmedRange(node, word).map { range in
      range.count == 1
        ? bytes[range.lowerBound] == UInt8(ascii: "1")
        : bytes[range].elementsEqual("true".utf8)
    }
  }

  /// The text of an element.
  func text(_ node: Node) -> SharedText { SharedText(bytes, elements[Int(node)].text) }
}
