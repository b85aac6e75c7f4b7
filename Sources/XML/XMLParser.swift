/// Reads documents piece by piece and passes what is in them to a handler; one at a time, many in a row.
///
/// No network, no files, no DTD, no entities but XML's own five; see ``XMLLimits`` for what else is refused. Not for use from two threads at once.
package final class XMLParser<Handler: XMLHandler>: XMLPushContext {
  package var handler: Handler

  /// - Parameter vocabulary: the local names that the handler wants to recognise quickly, by their place in the array.
  package init(handler: Handler, vocabulary: [String] = [], limits: XMLLimits = XMLLimits()) {
    self.handler = handler
    super.init(vocabulary: vocabulary, limits: limits)
  }

  override func startElement(_ element: XMLElement, _ attributes: XMLAttributes) -> XMLParsing {
    handler.startElement(element, attributes: attributes)
  }

  override func characters(_ bytes: UnsafeBufferPointer<UInt8>) -> XMLParsing {
    handler.characters(bytes)
  }

  override func endElement() -> XMLParsing {
    handler.endElement()
  }
}
