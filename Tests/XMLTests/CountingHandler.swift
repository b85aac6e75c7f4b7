import XML

/// Counts what arrives and keeps none of it.
struct CountingHandler: XMLHandler {
  var elements = 0
  var texts = 0
  var textBytes = 0

  mutating func startElement(_ element: XMLElement, attributes: XMLAttributes) -> XMLParsing {
    elements += 1
    return .proceed
  }

  mutating func characters(_ bytes: UnsafeBufferPointer<UInt8>) -> XMLParsing {
    texts += 1
    textBytes += bytes.count
    return .proceed
  }

  mutating func endElement() -> XMLParsing { .proceed }
}

/// What a document has cost until it was refused or had ended.
struct ParsingCost {
  /// Nil where the document was taken.
  var refusal: XMLError?
  /// Bytes that were fed.
  var bytes = 0
  var elements = 0
  var texts = 0
  var textBytes = 0
  /// The largest ``XMLPushContext/footprint`` on the way.
  var peakFootprint = 0

  /// Feeds the pieces one by one, as they would come from a socket, and makes none after the refusal.
  init(of pieces: some Sequence<[UInt8]>, charset: String? = nil, limits: XMLLimits = XMLLimits()) {
    let parser = XMLParser(handler: CountingHandler(), limits: limits)
    parser.begin(charset: charset)
    for piece in pieces {
      bytes += piece.count
      refusal = piece.withUnsafeBytes { piece in
        do throws(XMLError) {
          try parser.feed(piece)
          return nil
        } catch {
          return error
        }
      }
      peakFootprint = max(peakFootprint, parser.footprint)
      if refusal != nil { break }
    }
    if refusal == nil {
      do throws(XMLError) {
        try parser.finish()
      } catch {
        refusal = error
      }
    }
    elements = parser.handler.elements
    texts = parser.handler.texts
    textBytes = parser.handler.textBytes
  }

  init(of document: String, limits: XMLLimits = XMLLimits()) {
    self.init(of: [Array(document.utf8)], limits: limits)
  }
}
