import XML

/// Keeps a document's events as texts: `<name`, the character data, `>`.
struct RecordingHandler: XMLHandler {
  var events: [String] = []
  /// The values of the attribute that is the vocabulary's word 0.
  var attributes: [String] = []
  var words: [Int?] = []
  var namespaces: [String?] = []
  var stopsAt: String?
  private var isInText = false

  init(stopsAt: String? = nil) {
    self.stopsAt = stopsAt
  }

  mutating func startElement(_ element: XMLElement, attributes: XMLAttributes) -> XMLParsing {
    let name = String(decoding: element.localName, as: UTF8.self)
    events.append("<" + name)
    isInText = false
    words.append(element.word)
    namespaces.append(element.namespace.map { String(decoding: $0, as: UTF8.self) })
    if let value = attributes.value(ofWord: 0) {
      self.attributes.append(String(decoding: value, as: UTF8.self))
    }
    return name == stopsAt ? .stop : .proceed
  }

  mutating func characters(_ bytes: UnsafeBufferPointer<UInt8>) -> XMLParsing {
    let text = String(decoding: bytes, as: UTF8.self)
    // Text may come in pieces; where it is cut is not part of the contract.
    if isInText {
      events[events.count - 1] += text
    } else {
      events.append(text)
    }
    isInText = true
    return .proceed
  }

  mutating func endElement() -> XMLParsing {
    events.append(">")
    isInText = false
    return .proceed
  }
}

extension XMLParser {
  /// Parses one document that comes in pieces of that many bytes.
  func parse(_ document: [UInt8], charset: String? = nil, pieces: Int = .max) throws(XMLError) {
    begin(charset: charset)
    var start = 0
    while start < document.count {
      let end = start + min(pieces, document.count - start)
      let piece = Array(document[start..<end])
      let result = piece.withUnsafeBytes { bytes -> Result<Void, XMLError> in
        do throws(XMLError) {
          return .success(try feed(bytes))
        } catch {
          return .failure(error)
        }
      }
      try result.get()
      start = end
    }
    try finish()
  }

  func parse(_ document: String, charset: String? = nil, pieces: Int = .max) throws(XMLError) {
    try parse(Array(document.utf8), charset: charset, pieces: pieces)
  }
}

/// The events of a document.
func events(
  _ document: [UInt8], charset: String? = nil, pieces: Int = .max
) throws -> [String] {
  let parser = XMLParser(handler: RecordingHandler())
  try parser.parse(document, charset: charset, pieces: pieces)
  return parser.handler.events
}

func events(_ document: String, pieces: Int = .max) throws -> [String] {
  try events(Array(document.utf8), pieces: pieces)
}

/// The code with which a document is refused; nil where it is not.
func refusal(_ document: [UInt8], limits: XMLLimits = XMLLimits(), pieces: Int = .max)
  -> XMLError.Code?
{
  let parser = XMLParser(handler: RecordingHandler(), limits: limits)
  do throws(XMLError) {
    try parser.parse(document, pieces: pieces)
    return nil
  } catch {
    return error.code
  }
}

func refusal(_ document: String, limits: XMLLimits = XMLLimits(), pieces: Int = .max)
  -> XMLError.Code?
{
  refusal(Array(document.utf8), limits: limits, pieces: pieces)
}
