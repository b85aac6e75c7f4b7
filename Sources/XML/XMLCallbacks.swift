import CLibXML2

/// The functions that libxml2 calls, in a form that C can hold.
enum XMLCallbacks {
  static var handler: xmlSAXHandler {
    var handler = xmlSAXHandler()
    handler.initialized = UInt32(XML_SAX2_MAGIC)
    handler.startElementNs = {
      context, localName, prefix, namespace, namespaceCount, _, attributeCount, _, attributes in
      guard let localName else { return }
      XMLCallbacks.with(context) {
        $0.elementStarted(
          localName: localName, prefix: prefix, namespace: namespace,
          namespaceCount: Int(namespaceCount), attributeCount: Int(attributeCount),
          attributes: UnsafePointer(attributes))
      }
    }
    handler.endElementNs = { context, _, _, _ in
      XMLCallbacks.with(context) { $0.elementEnded() }
    }
    handler.characters = XMLCallbacks.characters
    // The same function tells libxml2 not to ask whether white space matters.
    handler.ignorableWhitespace = XMLCallbacks.characters
    handler.cdataBlock = XMLCallbacks.characters
    handler.comment = { context, text in
      guard let text else { return }
      XMLCallbacks.with(context) { $0.commentFound(text) }
    }
    handler.internalSubset = { context, name, _, systemID in
      XMLCallbacks.with(context) { $0.doctypeFound(name, isExternal: systemID != nil) }
    }
    handler.entityDecl = { context, name, type, _, _, content in
      guard let name, let content else { return }
      XMLCallbacks.with(context) { $0.entityDeclared(name, type, content) }
    }
    handler.getEntity = { context, name in
      guard let name else { return nil }
      return XMLCallbacks.with(context) { $0.entity(name) } ?? nil
    }
    handler.serror = { context, error in
      guard let error else { return }
      XMLCallbacks.with(context) { $0.reported(error.pointee) }
    }
    return handler
  }

  private static let characters: charactersSAXFunc = { context, bytes, count in
    guard let bytes, count > 0 else { return }
    XMLCallbacks.with(context) {
      $0.textFound(UnsafeBufferPointer(start: bytes, count: Int(count)))
    }
  }

  /// The object lives: it owns the libxml2 context that is calling.
  @discardableResult
  private static func with<Result>(
    _ context: UnsafeMutableRawPointer?, _ body: (XMLPushContext) -> Result
  ) -> Result? {
    guard let context else { return nil }
    return Unmanaged<XMLPushContext>.fromOpaque(context)._withUnsafeGuaranteedRef(body)
  }
}

/// libxml2 as a whole.
enum XMLLibrary {
  private static let prepared: Void = xmlInitParser()

  /// Initialises its global state, once.
  static func prepare() {
    _ = prepared
  }
}
