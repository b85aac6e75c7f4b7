import CLibXML2

/// libxml2's push parser with limits; ``XMLParser`` adds the handler.
///
/// A class apart, because a C callback cannot know the handler's type.
package class XMLPushContext {
  /// Bytes given to libxml2 at once, so that the limits are looked at that often.
  static let pieceLength = 8 << 10
  /// Documents after which the libxml2 context is made anew.
  static let documentsPerContext = 50_000
  /// Bytes of names in the context's dictionary above which it is made anew between documents.
  static let dictionaryHighWater = 256 << 10
  /// Bytes of names that one document may add to the dictionary.
  static let dictionaryLimit = 4 << 20
  /// References in one document to characters that XML 1.0 forbids; each is read as U+FFFD.
  static let forbiddenReferences = 1_000

  private enum State {
    case idle
    /// The document's first bytes, until its encoding is known.
    case opening([UInt8], charset: String?)
    case reading
    case failed(XMLError)
  }

  private let vocabulary: [String]
  let limits: XMLLimits
  private var state = State.idle
  private var context: xmlParserCtxtPtr?
  private(set) var table: XMLVocabularyTable?
  private var documentCount = 0
  private var decoder = XMLByteDecoder()

  private var byteCount = 0
  private(set) var depth = 0
  private var elementCount = 0
  private var textLength = 0
  private var forbiddenReferenceCount = 0
  private var entityCount = 0
  /// The first reason to stop, found within a callback.
  private var failure: XMLError?

  init(vocabulary: [String], limits: XMLLimits) {
    self.vocabulary = vocabulary
    var limits = limits
    limits.depth = min(limits.depth, 250)
    self.limits = limits
  }

  deinit {
    release()
  }

  /// Starts a document; one that was not finished is forgotten.
  ///
  /// - Parameter charset: the charset that the transport names, such as that of an HTTP Content-Type; it goes before the document's own declaration, but not before a byte order mark.
  package func begin(charset: String? = nil) {
    state = .opening([], charset: charset)
    byteCount = 0
    depth = 0
    elementCount = 0
    textLength = 0
    forbiddenReferenceCount = 0
    entityCount = 0
    failure = nil
  }

  /// The line at which the parser is, from 1.
  private var line: Int { Int(context?.pointee.input?.pointee.line ?? 0) }

  /// Bytes that are held for the document at this moment, names included.
  package var footprint: Int {
    var held = decoder.footprint
    if case .opening(let opening, _) = state { held += opening.capacity }
    guard let context else { return held }
    held += Int(xmlDictGetUsage(context.pointee.dict))
    if let input = context.pointee.input, let base = input.pointee.base, let end = input.pointee.end
    {
      held += end - base
    }
    return held
  }

  /// The next piece of the document, of any length.
  package func feed(_ bytes: UnsafeRawBufferPointer) throws(XMLError) {
    if case .failed(let error) = state { throw error }
    byteCount += bytes.count
    guard byteCount <= limits.bytes else { throw fail(limitError(.bytes)) }
    switch state {
    case .idle:
      throw XMLError(code: .misuse, message: "no document was begun")
    case .failed(let error):
      throw error
    case .opening(var opening, let charset):
      if opening.isEmpty, let opened = XMLEncoding.recognise(bytes, charset: charset, atEnd: false)
      {
        try open(opened)
        try decodeAndParse(UnsafeRawBufferPointer(rebasing: bytes.dropFirst(opened.skipped)))
      } else {
        let first = bytes.prefix(limits.tokenLength + 1)
        opening.append(contentsOf: first)
        state = .opening(opening, charset: charset)
        try openIfRecognised(opening, charset: charset, atEnd: false)
        if case .opening = state {
          // White space without end.
          guard opening.count <= limits.tokenLength else { throw fail(limitError(.tokenLength)) }
        } else {
          try decodeAndParse(UnsafeRawBufferPointer(rebasing: bytes[first.endIndex...]))
        }
      }
    case .reading:
      try decodeAndParse(bytes)
    }
  }

  /// The document has ended.
  package func finish() throws(XMLError) {
    if case .opening(let opening, let charset) = state {
      try openIfRecognised(opening, charset: charset, atEnd: true)
    }
    switch state {
    case .idle, .opening:
      throw XMLError(code: .misuse, message: "no document was begun")
    case .failed(let error):
      throw error
    case .reading:
      let rest = decoder.finish()
      try rest.withUnsafeBufferPointer { bytes throws(XMLError) in
        try parse(UnsafeRawBufferPointer(bytes))
      }
      setThreadErrorSink()
      xmlParseChunk(context, nil, 0, 1)
      try check()
      state = .idle
    }
  }

  // MARK: For XMLParser to override

  func startElement(_ element: XMLElement, _ attributes: XMLAttributes) -> XMLParsing { .stop }
  func characters(_ bytes: UnsafeBufferPointer<UInt8>) -> XMLParsing { .stop }
  func endElement() -> XMLParsing { .stop }

  // MARK: Steps

  private func openIfRecognised(_ opening: [UInt8], charset: String?, atEnd: Bool)
    throws(XMLError)
  {
    try opening.withUnsafeBufferPointer { opening throws(XMLError) in
      let bytes = UnsafeRawBufferPointer(opening)
      guard let opened = XMLEncoding.recognise(bytes, charset: charset, atEnd: atEnd) else {
        return
      }
      try open(opened)
      try decodeAndParse(UnsafeRawBufferPointer(rebasing: bytes.dropFirst(opened.skipped)))
    }
  }

  private func open(_ opened: XMLEncoding.Recognised) throws(XMLError) {
    try prepareContext()
    guard decoder.begin(opened.encoding) else {
      throw fail(XMLError(code: .encoding, message: "the encoding is not supported"))
    }
    state = .reading
  }

  private func decodeAndParse(_ bytes: UnsafeRawBufferPointer) throws(XMLError) {
    if decoder.passes(bytes) {
      try parse(bytes)
    } else {
      // Lent out and put back, so that the buffer is neither copied nor accessed twice.
      var scratch = decoder.takeScratch()
      decoder.decode(bytes, into: &scratch)
      defer { decoder.giveBack(scratch) }
      try scratch.withUnsafeBufferPointer { bytes throws(XMLError) in
        try parse(UnsafeRawBufferPointer(bytes))
      }
    }
  }

  private func parse(_ bytes: UnsafeRawBufferPointer) throws(XMLError) {
    setThreadErrorSink()
    var offset = 0
    while offset < bytes.count {
      let count = min(Self.pieceLength, bytes.count - offset)
      let piece = bytes.baseAddress?.advanced(by: offset).assumingMemoryBound(to: CChar.self)
      xmlParseChunk(context, piece, Int32(count), 0)
      offset += count
      try check()
    }
  }

  private func check() throws(XMLError) {
    if let failure { throw fail(failure) }
    guard let context else { throw fail(memoryError) }
    if context.pointee.disableSAX != 0
      || (context.pointee.wellFormed == 0 && forbiddenReferenceCount == 0)
    {
      throw fail(XMLError(code: .malformed, message: "the document cannot be read"))
    }
    // What libxml2 holds back is one token whose end has not come.
    if let input = context.pointee.input, let end = input.pointee.end, let cur = input.pointee.cur,
      end - cur > limits.tokenLength
    {
      throw fail(limitError(.tokenLength))
    }
  }

  private func fail(_ error: XMLError) -> XMLError {
    state = .failed(error)
    return error
  }

  private var memoryError: XMLError {
    XMLError(code: .limit(.memory), message: "no memory for a parser")
  }

  private func limitError(_ name: XMLLimits.Name) -> XMLError {
    let input = context?.pointee.input
    return XMLError(
      code: .limit(name), line: Int(input?.pointee.line ?? 0), column: Int(input?.pointee.col ?? 0),
      message: "the document exceeds the limit \(name.rawValue)")
  }
}

// MARK: - The libxml2 context

extension XMLPushContext {
  private func prepareContext() throws(XMLError) {
    if let context {
      documentCount += 1
      if documentCount >= Self.documentsPerContext
        || xmlDictGetUsage(context.pointee.dict) > Self.dictionaryHighWater
      {
        release()
      }
    }
    if context == nil {
      try createContext()
    }
    // The declaration is never obeyed by libxml2: what it gets is UTF-8.
    guard xmlCtxtResetPush(context, nil, 0, nil, nil) == 0 else {
      release()
      throw fail(memoryError)
    }
    var options = Int32(XML_PARSE_NONET.rawValue) | Int32(XML_PARSE_IGNORE_ENC.rawValue)
    if limits.entities > 0 { options |= Int32(XML_PARSE_NOENT.rawValue) }
    xmlCtxtUseOptions(context, options)
  }

  private func createContext() throws(XMLError) {
    XMLLibrary.prepare()
    var handler = XMLCallbacks.handler
    context = xmlCreatePushParserCtxt(
      &handler, Unmanaged.passUnretained(self).toOpaque(), nil, 0, nil)
    guard let context, let dictionary = context.pointee.dict else {
      release()
      throw fail(memoryError)
    }
    _ = xmlDictSetLimit(dictionary, Self.dictionaryLimit)
    table = XMLVocabularyTable(vocabulary, dictionary: dictionary)
    documentCount = 0
  }

  private func release() {
    table?.deallocate()
    table = nil
    if let context {
      if let document = context.pointee.myDoc { xmlFreeDoc(document) }
      context.pointee.myDoc = nil
      xmlFreeParserCtxt(context)
    }
    context = nil
  }

  /// Errors that libxml2 raises without a context, such as those of converters, would go to stderr.
  private func setThreadErrorSink() {
    xmlSetStructuredErrorFunc(nil) { _, _ in }
  }
}

// MARK: - Called by the callbacks

extension XMLPushContext {
  func elementStarted(
    localName: UnsafePointer<UInt8>, prefix: UnsafePointer<UInt8>?,
    namespace: UnsafePointer<UInt8>?, namespaceCount: Int, attributeCount: Int,
    attributes: UnsafePointer<UnsafePointer<UInt8>?>?
  ) {
    guard failure == nil, let table else { return }
    depth += 1
    elementCount += 1
    textLength = 0
    if depth > limits.depth { return stop(limitError(.depth)) }
    if elementCount > limits.elements { return stop(limitError(.elements)) }
    if namespaceCount + attributeCount > limits.attributes {
      return stop(limitError(.attributes))
    }
    let word = table.word(at: localName)
    if word == nil, terminated(localName).count > limits.nameLength {
      return stop(limitError(.nameLength))
    }
    let element = XMLElement(
      word: word, line: line, localName: localName, prefix: prefix, namespace: namespace)
    let list = XMLAttributes(fields: attributes, count: attributeCount, vocabulary: table)
    var valueLength = 0
    for index in 0..<list.count {
      if list.localName(at: index).count > limits.nameLength {
        return stop(limitError(.nameLength))
      }
      valueLength += list.value(at: index).count
    }
    // Entities can make more of a tag than is written.
    if limits.entities > 0, valueLength > limits.tokenLength {
      return stop(limitError(.tokenLength))
    }
    if case .stop = startElement(element, list) { stopForHandler() }
  }

  func textFound(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard failure == nil else { return }
    textLength += bytes.count
    if textLength > limits.textLength { return stop(limitError(.textLength)) }
    if case .stop = characters(bytes) { stopForHandler() }
  }

  /// Refuses `<!-->` and `<!--->`, which open a comment and look like a whole one.
  ///
  /// XML 1.0 allows them, but libxml2 takes them for a whole comment where a piece of the document ends within it, and then does not find its end. What is read must not depend on the pieces.
  func commentFound(_ text: UnsafePointer<UInt8>) {
    guard failure == nil else { return }
    let (greaterThan, hyphen) = (UInt8(ascii: ">"), UInt8(ascii: "-"))
    guard text[0] == greaterThan || text[0] == hyphen && text[1] == greaterThan else { return }
    stop(XMLError(code: .malformed, line: line, message: "a comment begins with “>”"))
  }

  func elementEnded() {
    guard failure == nil else { return }
    depth -= 1
    textLength = 0
    if case .stop = endElement() { stopForHandler() }
  }

  /// Keeps the internal subset where entities may be declared; nothing outside of the document is ever read.
  func doctypeFound(_ name: UnsafePointer<UInt8>?, isExternal: Bool) {
    guard failure == nil else { return }
    if limits.entities > 0, !isExternal, let context {
      let raw = UnsafeMutableRawPointer(context)
      xmlSAX2StartDocument(raw)
      xmlSAX2InternalSubset(raw, name, nil, nil)
      return
    }
    let input = context?.pointee.input
    stop(
      XMLError(
        code: .doctype, line: Int(input?.pointee.line ?? 0),
        column: Int(input?.pointee.col ?? 0), message: "a DOCTYPE is not accepted"))
  }

  func entityDeclared(
    _ name: UnsafePointer<UInt8>, _ type: Int32, _ content: UnsafeMutablePointer<UInt8>
  ) {
    guard failure == nil, let context else { return }
    entityCount += 1
    guard entityCount <= limits.entities else { return stop(limitError(.entities)) }
    // Others are read as not declared.
    guard type == XML_INTERNAL_GENERAL_ENTITY.rawValue else { return }
    xmlSAX2EntityDecl(UnsafeMutableRawPointer(context), name, type, nil, nil, content)
  }

  func entity(_ name: UnsafePointer<UInt8>) -> xmlEntityPtr? {
    if let predefined = xmlGetPredefinedEntity(name) { return predefined }
    // Between tags it could bring markup along.
    guard limits.entities > 0, let context, context.pointee.instate == XML_PARSER_ATTRIBUTE_VALUE,
      let document = context.pointee.myDoc
    else { return nil }
    return xmlGetDocEntity(document, name)
  }

  /// A report of libxml2; those from which it recovers, such as an undeclared prefix, are no failure.
  func reported(_ error: xmlError) {
    guard failure == nil, error.level == XML_ERR_FATAL, let context else { return }
    let failure = XMLError(reported: error)
    // libxml2 goes on after the error at hand if, when this function returns, it is told to recover.
    guard failure.code == .forbiddenCharacter,
      forbiddenReferenceCount < Self.forbiddenReferences
    else {
      context.pointee.recovery = 0
      self.failure = failure
      return
    }
    context.pointee.recovery = 1
    forbiddenReferenceCount += 1
    // Such a character can only have come as a reference: the decoder has replaced all others.
    guard context.pointee.instate == XML_PARSER_CONTENT else { return }
    Self.replacement.withUTF8Buffer { textFound($0) }
  }

  private static let replacement: StaticString = "\u{FFFD}"

  private func stopForHandler() {
    stop(XMLError(code: .stopped, message: "the handler stopped the parser"))
  }

  private func stop(_ error: XMLError) {
    failure = error
    xmlStopParser(context)
  }
}
