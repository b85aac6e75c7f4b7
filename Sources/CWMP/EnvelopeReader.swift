/// Finds elements and their values among an envelope's nodes.
struct EnvelopeReader {
  let nodes: [EnvelopeNodes.Node]
  let text: [UInt8]
  let namespace: Namespace?
  let methodName: [UInt8]
  let names: NameTable

  init(_ envelope: EnvelopeNodes, names: NameTable) {
    nodes = envelope.nodes
    text = envelope.text
    namespace = envelope.namespace
    methodName = envelope.methodName
    self.names = names
  }

  /// The indices of an element's children in document order.
  struct Children: Sequence, IteratorProtocol {
    private let nodes: [EnvelopeNodes.Node]
    private var index: Int
    private let end: Int

    init(of parent: Int, in nodes: [EnvelopeNodes.Node]) {
      self.nodes = nodes
      index = parent + 1
      end = Int(nodes[parent].end)
    }

    mutating func next() -> Int? {
      guard index < end else { return nil }
      defer { index = Int(nodes[index].end) }
      return index
    }
  }

  func children(of parent: Int) -> Children {
    Children(of: parent, in: nodes)
  }

  func children(of parent: Int, named name: ElementName) -> [Int] {
    children(of: parent).filter { nodes[$0].name == name }
  }

  func child(of parent: Int, named name: ElementName) -> Int? {
    children(of: parent).first { nodes[$0].name == name }
  }

  // MARK: Values

  /// The element's text as it is.
  func string(_ node: Int) -> String {
    withText(node) { String(decoding: $0, as: UTF8.self) }
  }

  /// The element's text without white space at either end.
  func trimmed(_ node: Int) -> String {
    withText(node) { String(decoding: $0.trimmed, as: UTF8.self) }
  }

  /// A parameter's name; shared with earlier envelopes.
  func name(_ node: Int) -> String {
    withText(node) { names.name($0.trimmed) }
  }

  /// The text of a child as it is; empty where there is no such child.
  func string(of name: ElementName, in parent: Int) -> String {
    child(of: parent, named: name).map(string) ?? ""
  }

  /// The text of a child without white space at either end; empty where there is no such child.
  func trimmed(of name: ElementName, in parent: Int) -> String {
    child(of: parent, named: name).map(trimmed) ?? ""
  }

  /// Nil where there is no such child, or it is no number of that type.
  func integer<Value: FixedWidthInteger>(
    of name: ElementName, in parent: Int, as type: Value.Type = Value.self
  ) -> Value? {
    child(of: parent, named: name).flatMap { Value(trimmed($0)) }
  }

  func boolean(of name: ElementName, in parent: Int) -> Bool? {
    child(of: parent, named: name).flatMap(boolean)
  }

  /// `1` and `true` in any case are true, `0` and `false` are false, all else is nil.
  func boolean(_ node: Int) -> Bool? {
    Boolean.parse(trimmed(node))
  }

  /// 0 is applied; everything else, also a missing Status, promises no more than pending.
  func status(in parent: Int) -> ApplyStatus {
    integer(of: .status, in: parent) == 0 ? .applied : .pending
  }

  /// A dateTime as it is; the unknown time where it is missing or empty.
  func time(of name: ElementName, in parent: Int) -> String {
    let time = trimmed(of: name, in: parent)
    return time.isEmpty ? unknownTime : time
  }

  /// The texts of all children of a list such as MethodList, whatever they are called.
  func strings(of list: ElementName, in parent: Int) -> [String] {
    guard let list = child(of: parent, named: list) else { return [] }
    return children(of: list).map(name)
  }

  private func withText<Result>(
    _ node: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result
  ) -> Result {
    let start = Int(nodes[node].textStart)
    let end = start + Int(nodes[node].textLength)
    return text.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[start..<end])) }
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// Without the white space of XML at either end.
  fileprivate var trimmed: UnsafeBufferPointer<UInt8> {
    var start = 0
    var end = count
    while start < end, isXMLSpace(self[start]) { start += 1 }
    while end > start, isXMLSpace(self[end - 1]) { end -= 1 }
    return UnsafeBufferPointer(rebasing: self[start..<end])
  }
}

private func isXMLSpace(_ byte: UInt8) -> Bool {
  byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
}
