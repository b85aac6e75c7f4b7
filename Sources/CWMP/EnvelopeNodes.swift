import XML

/// The elements of one envelope in document order with their texts, in two buffers that are used again.
///
/// Messages are read from here when they are complete, so that the order of elements does not matter.
struct EnvelopeNodes: XMLHandler {
  /// An element.
  struct Node {
    var name: ElementName?
    /// The local name of `xsi:type`, where it is one of a parameter value's.
    var type: ValueType?
    /// The same, where it names the operation or result that the element stands for.
    var structure: ElementName?
    /// Where the element's text begins in ``text``; an element that has children has none.
    var textStart: UInt32
    var textLength: UInt32
    /// The index after that of the element's last descendant.
    var end: UInt32
  }

  private(set) var nodes: [Node] = []
  private(set) var text: [UInt8] = []
  /// The namespace of the message, or else of the first element that is in one of CWMP's form.
  private(set) var namespace: Namespace?
  /// The local name of the Body's first child, which may be any.
  private(set) var methodName: [UInt8] = []

  private var open: [Int] = []
  /// Whether the innermost open element has had no child yet, so that text may be its value.
  private var collecting = false
  private var parameterCount = 0
  private let parameterLimit: Int
  private(set) var exceedsParameterLimit = false

  init(parameterLimit: Int) {
    self.parameterLimit = parameterLimit
  }

  /// Bytes of the buffers that one envelope leaves to the next.
  private static let keptCapacity = 1 << 20

  /// Bytes of its buffers.
  var footprint: Int {
    nodes.capacity * MemoryLayout<Node>.stride + text.capacity
      + open.capacity * MemoryLayout<Int>.stride
  }

  mutating func removeAll() {
    let keeps = footprint <= Self.keptCapacity
    nodes.removeAll(keepingCapacity: keeps)
    text.removeAll(keepingCapacity: keeps)
    methodName.removeAll(keepingCapacity: true)
    open.removeAll(keepingCapacity: true)
    namespace = nil
    collecting = false
    parameterCount = 0
    exceedsParameterLimit = false
  }

  mutating func startElement(_ element: XMLElement, attributes: XMLAttributes) -> XMLParsing {
    let name = element.word.map { ElementName.byPlace[$0] }
    if collecting, let parent = open.last {
      // What stood before a child is indentation.
      text.removeSubrange(Int(nodes[parent].textStart)...)
    }
    if namespace == nil, let uri = element.namespace, uri.first == UInt8(ascii: "u"),
      let own = Namespace(uriBytes: uri), own.isOfKnownForm
    {
      namespace = own
    }
    switch name {
    case .parameterValueStruct, .parameterInfoStruct, .parameterAttributeStruct,
      .setParameterAttributesStruct, .string:
      parameterCount += 1
      if parameterCount > parameterLimit {
        exceedsParameterLimit = true
        return .stop
      }
    default:
      if open.count == 2, methodName.isEmpty, nodes[open[1]].name == .body {
        methodName.append(contentsOf: element.localName)
        // A fault is in SOAP's namespace, however that is written.
        if let uri = element.namespace, let own = Namespace(uriBytes: uri),
          name != .fault || own.isOfKnownForm
        {
          namespace = own
        }
      }
    }
    var type: ValueType?
    var structure: ElementName?
    if attributes.count > 0, let value = attributes.value(ofWord: ElementName.typePlace) {
      switch name {
      case .operations, .results: structure = ElementName(structureQualifiedName: value)
      default: type = ValueType(qualifiedName: value)
      }
    }
    open.append(nodes.count)
    nodes.append(
      Node(
        name: name, type: type, structure: structure,
        textStart: UInt32(truncatingIfNeeded: text.count), textLength: 0,
        end: 0))
    collecting = true
    return .proceed
  }

  mutating func characters(_ bytes: UnsafeBufferPointer<UInt8>) -> XMLParsing {
    if collecting { text.append(contentsOf: bytes) }
    return .proceed
  }

  mutating func endElement() -> XMLParsing {
    guard let index = open.popLast() else { return .stop }
    nodes[index].end = UInt32(truncatingIfNeeded: nodes.count)
    if collecting {
      nodes[index].textLength = UInt32(truncatingIfNeeded: text.count) - nodes[index].textStart
      collecting = false
    }
    return .proceed
  }
}

extension Namespace {
  /// Nil unless the bytes are a namespace that can be mirrored, see ``init(uri:)``.
  init?(uriBytes: UnsafeBufferPointer<UInt8>) {
    guard uriBytes.count <= Self.uriLength else { return nil }
    let known = Self.dslForum.utf8CodeUnitCount
    if uriBytes.count == known + 1, let digit = uriBytes.last, (0x30...0x39).contains(digit),
      uriBytes.prefix(known).elementsEqual(
        UnsafeBufferPointer(start: Self.dslForum.utf8Start, count: known))
    {
      self.init(minor: UInt16(digit - 0x30))
      return
    }
    self.init(uri: String(decoding: uriBytes, as: UTF8.self))
  }
}

extension ElementName {
  /// The struct by the value of `xsi:type`, whatever its prefix; nil where it is none that stands for an element.
  init?(structureQualifiedName: UnsafeBufferPointer<UInt8>) {
    let text = String(decoding: structureQualifiedName.prefix(64), as: UTF8.self)
    let local = text.split(separator: ":").last.map(String.init) ?? text
    switch ElementName(rawValue: local) {
    case .installOpStruct: self = .installOpStruct
    case .updateOpStruct: self = .updateOpStruct
    case .uninstallOpStruct: self = .uninstallOpStruct
    default: return nil
    }
  }
}

extension ValueType {
  /// The type by the value of `xsi:type`, whatever its prefix; nil where it is none of these.
  init?(qualifiedName: UnsafeBufferPointer<UInt8>) {
    let local =
      qualifiedName.lastIndex(of: UInt8(ascii: ":")).map { qualifiedName[($0 + 1)...] }
      ?? qualifiedName[...]
    for type in Self.byFrequency
    where local.count == type.name.utf8CodeUnitCount
      && local.elementsEqual(
        UnsafeBufferPointer(start: type.name.utf8Start, count: type.name.utf8CodeUnitCount))
    {
      self = type.type
      return
    }
    return nil
  }

  private static let byFrequency: [(type: ValueType, name: StaticString)] = [
    (.string, "string"), (.unsignedInt, "unsignedInt"), (.boolean, "boolean"), (.int, "int"),
    (.dateTime, "dateTime"), (.base64, "base64"), (.base64, "base64Binary"),
    (.hexBinary, "hexBinary"), (.unsignedLong, "unsignedLong"), (.long, "long"),
    (.decimal, "decimal"),
  ]
}
