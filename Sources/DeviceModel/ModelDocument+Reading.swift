import XML

extension ModelDocument {
  /// What a document may cost.
  package struct Limits: Sendable {
    package var bytes = 32 << 20
    package var depth = 32
    package var elements = 1_000_000

    package init() {}
  }

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
      handler: ModelReader(size: content.count), vocabulary: ModelWord.vocabulary,
      limits: XMLLimits(
        bytes: limits.bytes, depth: limits.depth, textLength: 4 << 20, elements: limits.elements,
        tokenLength: 256 << 10, entities: 100))
    parser.begin()
    do throws(XMLError) {
      try content.withUnsafeBufferPointer { bytes throws(XMLError) in
        try parser.feed(UnsafeRawBufferPointer(bytes))
      }
      try parser.finish()
    } catch {
      throw Failure(
        diagnostic: ModelDiagnostic(
          .error, file: file, line: error.line,
          parser.handler.refusal ?? "the document can't be read: \(error.message)"))
    }
    self.init(parser.handler.document, file: file)
  }
}

/// Makes a document of what the parser finds.
struct ModelReader: XMLHandler {
  private(set) var document = ModelDocument.Content()
  /// Why the document is none of the family.
  private(set) var refusal: String?
  /// The open elements, each with its last child so far.
  private var open: [(node: ModelDocument.Node, lastChild: ModelDocument.Node)] = []
  /// Elements within one that is not known.
  private var skipped = 0
  private var takesText = false

  private static let namespaces = [
    "urn:broadband-forum-org:cwmp:datamodel-", "urn:broadband-forum-org:cwmp:devicetype-",
  ]

  init(size: Int) {
    document.bytes.reserveCapacity(size / 2)
    document.elements.reserveCapacity(size / 90)
    document.attributes.reserveCapacity(size / 50)
  }

  mutating func startElement(_ element: XMLElement, attributes: XMLAttributes) -> XMLParsing {
    if open.isEmpty {
      guard element.word == ModelWord.document.rawValue, let namespace = element.namespace,
        Self.namespaces.contains(where: { namespace.starts(with: $0.utf8) })
      else {
        let name = String(decoding: element.localName.prefix(40), as: UTF8.self)
        refusal =
          "the root element is “\(name)”, not “document” of urn:broadband-forum-org:cwmp:datamodel-1-0 or newer"
        return .stop
      }
    }
    guard skipped == 0, let word = element.word.flatMap(ModelWord.init),
      word.rawValue < ModelWord.name.rawValue
    else {
      skipped += 1
      return .proceed
    }
    let first = Int32(document.attributes.count)
    for index in 0..<attributes.count { take(attributes, index) }
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
      open[open.count - 1].lastChild = node
    }
    open.append((node, -1))
    takesText = word == .description || word == .template
    return .proceed
  }

  private mutating func take(_ attributes: XMLAttributes, _ index: Int) {
    guard var word = attributes.word(at: index).flatMap(ModelWord.init) else { return }
    if attributes.namespace(at: index) != nil {
      guard word == .version else { return }
      word = .reportVersion
    }
    let start = Int32(document.bytes.count)
    document.bytes.append(contentsOf: attributes.value(at: index))
    document.attributes.append(
      ModelDocument.Attribute(word: word, value: start..<Int32(document.bytes.count)))
  }

  mutating func characters(_ bytes: UnsafeBufferPointer<UInt8>) -> XMLParsing {
    guard takesText, skipped == 0, let node = open.last?.node else { return .proceed }
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
