import XML

extension ModelDocument {
  /// What a document may cost.
  package struct Limits: Sendable {
    package var bytes = 32 << 20
    package var depth = 32
    package var elements = 1_000_000
    /// Bytes of the values of one element's attributes, entities expanded; the longest of any published model are 600.
    package var facts = 16 << 10

    package init() {}

    /// Bytes that are kept of a document, in UTF-8 and with its entities expanded; places in them are 32 bits wide.
    var keptBytes: Int { bytes < 1 << 29 ? max(bytes, 0) * 2 : 1 << 30 }
  }

  private static let pieceLength = 8 << 10

  /// Why a document can't be used at all.
  package struct Failure: Error, Sendable {
    package var diagnostic: ModelDiagnostic
  }

  /// Reads a document; elements and attributes that the schema does not have are left out.
  ///
  /// - Parameter file: the name under which others import it.
  package convenience init(_ content: [UInt8], file: String, limits: Limits = Limits())
    throws(Failure)
  {
    let parser = XMLParser(
      handler: ModelReader(size: content.count, limits: limits), vocabulary: ModelWord.vocabulary,
      limits: XMLLimits(
        bytes: limits.bytes, depth: limits.depth, textLength: 4 << 20, elements: limits.elements,
        tokenLength: 256 << 10, entities: 100))
    parser.begin()
    do throws(XMLError) {
      try content.withUnsafeBufferPointer { bytes throws(XMLError) in
        // In pieces, so that most need no look at each character for the sake of the few that are not ASCII.
        var rest = UnsafeRawBufferPointer(bytes)
        while !rest.isEmpty {
          try parser.feed(UnsafeRawBufferPointer(rebasing: rest.prefix(Self.pieceLength)))
          rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(Self.pieceLength))
        }
      }
      try parser.finish()
    } catch {
      let refusal = parser.handler.refusal
      throw Failure(
        diagnostic: ModelDiagnostic(
          .error, file: file, line: refusal?.line ?? error.line,
          refusal?.reason ?? "the document can't be read: \(error.message)"))
    }
    self.init(parser.handler.document, file: file)
  }
}

/// Makes a document of what the parser finds.
struct ModelReader: XMLHandler {
  private(set) var document = ModelDocument.Content()
  /// Why the document is none of the family.
  private(set) var refusal: (line: Int, reason: String)?
  /// The open elements, each with its last child so far.
  private var open: [(node: ModelDocument.Node, lastChild: ModelDocument.Node)] = []
  /// Elements within one that is not known.
  private var skipped = 0
  private var takesText = false
  private let limits: ModelDocument.Limits

  private static let modelNamespace = "urn:broadband-forum-org:cwmp:datamodel-"
  private static let reportNamespace = "urn:broadband-forum-org:cwmp:datamodel-report-"
  private static let deviceTypeNamespace = "urn:broadband-forum-org:cwmp:devicetype-"

  init(size: Int, limits: ModelDocument.Limits) {
    self.limits = limits
    document.bytes.reserveCapacity(size / 2)
    document.elements.reserveCapacity(size / 90)
    document.attributes.reserveCapacity(size / 50)
  }

  mutating func startElement(_ element: XMLElement, attributes: XMLAttributes) -> XMLParsing {
    if open.isEmpty, !begin(element) { return .stop }
    guard skipped == 0, let word = element.word.flatMap(ModelWord.init),
      word.rawValue < ModelWord.name.rawValue, Self.isOwn(element.namespace)
    else {
      skipped += 1
      return .proceed
    }
    let first = Int32(document.attributes.count)
    let firstByte = document.bytes.count
    for index in 0..<attributes.count {
      guard hasRoom(for: attributes.value(at: index).count, at: element.line) else { return .stop }
      take(attributes, index)
    }
    guard document.bytes.count - firstByte <= limits.facts else {
      refusal = (
        element.line,
        "the attributes of an element have more than \(limits.facts) bytes; shorten them"
      )
      return .stop
    }
    let start = Int32(document.bytes.count)
    let node = ModelDocument.Node(document.elements.count)
    document.elements.append(
      ModelDocument.Element(
        word: word, line: Int32(truncatingIfNeeded: element.line),
        attributes: first..<Int32(document.attributes.count), text: start..<start))
    if let parent = open.last {
      if parent.lastChild >= 0 {
        document.elements[Int(parent.lastChild)].next = node
      } else {
        document.elements[Int(parent.node)].firstChild = node
      }
      document.elements[Int(parent.node)].childCount += 1
      open[open.count - 1].lastChild = node
    }
    open.append((node, -1))
    takesText = word == .description || word == .annotation || word == .template
    return .proceed
  }

  /// The root element.
  private mutating func begin(_ element: XMLElement) -> Bool {
    if element.word == ModelWord.document.rawValue, let namespace = element.namespace {
      document.isDeviceType = namespace.starts(with: Self.deviceTypeNamespace.utf8)
      if document.isDeviceType || namespace.starts(with: Self.modelNamespace.utf8) { return true }
    }
    let root = ForeignRoot(
      name: String(decoding: element.localName.prefix(40), as: UTF8.self),
      namespace: element.namespace.map { String(decoding: $0.prefix(80), as: UTF8.self) })
    refusal = (element.line, root.description)
    return false
  }

  /// Elements of the schema are in no namespace, but for the root; some generators put all into the root's.
  private static func isOwn(_ namespace: UnsafeBufferPointer<UInt8>?) -> Bool {
    guard let namespace else { return true }
    return namespace.starts(with: modelNamespace.utf8)
      || namespace.starts(with: deviceTypeNamespace.utf8)
  }

  private mutating func take(_ attributes: XMLAttributes, _ index: Int) {
    guard var word = attributes.word(at: index).flatMap(ModelWord.init) else { return }
    if let namespace = attributes.namespace(at: index) {
      guard word == .version, namespace.starts(with: Self.reportNamespace.utf8) else { return }
      word = .reportVersion
    }
    let start = Int32(document.bytes.count)
    document.bytes.append(contentsOf: attributes.value(at: index))
    document.attributes.append(
      ModelDocument.Attribute(word: word, value: start..<Int32(document.bytes.count)))
  }

  /// Whether so many bytes more can be kept; says so where they can't.
  private mutating func hasRoom(for count: Int, at line: Int) -> Bool {
    guard document.bytes.count + count > limits.keptBytes else { return true }
    refusal = (
      line, "the document has more than \(limits.keptBytes) bytes with its entities expanded"
    )
    return false
  }

  mutating func characters(_ bytes: UnsafeBufferPointer<UInt8>) -> XMLParsing {
    guard takesText, skipped == 0, let node = open.last?.node else { return .proceed }
    let line = Int(document.elements[Int(node)].line)
    guard hasRoom(for: bytes.count, at: line) else { return .stop }
    document.bytes.append(contentsOf: bytes)
    document.elements[Int(node)].text =
      document.elements[Int(node)].text.lowerBound..<Int32(document.bytes.count)
    return .proceed
  }

  mutating func endElement() -> XMLParsing {
    if skipped > 0 {
      skipped -= 1
    } else {
      open.removeLast()
      takesText = false
    }
    return .proceed
  }
}
