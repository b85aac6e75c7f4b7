import XML

/// Counts what arrives and folds it into a hash, in which it does not matter where texts are cut.
private struct HashingHandler: XMLHandler {
  var hash: UInt64 = 0xCBF2_9CE4_8422_2325
  var elements = 0
  var textBytes = 0

  private mutating func add(_ byte: UInt8) {
    hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
  }

  mutating func startElement(_ element: XMLElement, attributes: XMLAttributes) -> XMLParsing {
    elements += 1
    add(0x3C)
    for byte in element.localName { add(byte) }
    for byte in element.prefix ?? element.localName { add(byte) }
    for byte in element.namespace ?? element.localName { add(byte) }
    for word in 0..<2 {
      for byte in attributes.value(ofWord: word) ?? element.localName { add(byte) }
    }
    return .proceed
  }

  mutating func characters(_ bytes: UnsafeBufferPointer<UInt8>) -> XMLParsing {
    precondition(!bytes.isEmpty && bytes[0] & 0xC0 != 0x80, "a text begins within a character")
    for byte in bytes {
      precondition(byte >= 0x20 || byte == 9 || byte == 10 || byte == 13, "a forbidden character")
      add(byte)
    }
    textBytes += bytes.count
    return .proceed
  }

  mutating func endElement() -> XMLParsing {
    add(0x3E)
    return .proceed
  }
}

private struct Outcome: Equatable {
  var isTaken: Bool
  var hash: UInt64
}

private let charsets: [String?] = [
  nil, "utf-8", "iso-8859-1", "gb2312", "utf-16", "shift_jis", "big5", "x-none",
]
private let limits = XMLLimits(bytes: 64 << 10, depth: 32, textLength: 32 << 10, elements: 2_000)
// Used again and again, as a server's are.
nonisolated(unsafe) private let whole = XMLParser(
  handler: HashingHandler(), vocabulary: ["type", "name", "a"], limits: limits)
nonisolated(unsafe) private let pieces = XMLParser(
  handler: HashingHandler(), vocabulary: ["type", "name", "a"], limits: limits)

/// The first byte chooses a charset, the second the length of the pieces; the rest is the document.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard let data, count > 2 else { return 0 }
  let document = UnsafeRawBufferPointer(start: data + 2, count: count - 2)
  let charset = charsets[Int(data[0]) % charsets.count]
  let once = parse(document, charset, by: document.count, with: whole)
  let cut = parse(document, charset, by: Int(data[1]) % 97 + 1, with: pieces)
  precondition(once.isTaken == cut.isTaken, "taken or not depends on the pieces")
  precondition(!once.isTaken || once == cut, "what is read depends on the pieces")
  return 0
}

private func parse(
  _ document: UnsafeRawBufferPointer, _ charset: String?, by length: Int,
  with parser: XMLParser<HashingHandler>
) -> Outcome {
  parser.handler = HashingHandler()
  parser.begin(charset: charset)
  var isTaken = true
  do throws(XMLError) {
    var start = 0
    while start < document.count {
      let end = min(start + length, document.count)
      try parser.feed(UnsafeRawBufferPointer(rebasing: document[start..<end]))
      start = end
    }
    try parser.finish()
  } catch {
    isTaken = false
    precondition(error.description.utf8.count <= 300, "a long message")
    precondition(error.description.utf8.allSatisfy { $0 >= 0x20 }, "a message with controls")
  }
  precondition(parser.handler.elements <= limits.elements, "more elements than the limit")
  precondition(parser.footprint <= 8 << 20, "a large footprint")
  return Outcome(isTaken: isTaken, hash: parser.handler.hash)
}
