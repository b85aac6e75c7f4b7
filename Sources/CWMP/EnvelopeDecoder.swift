import XML

/// Reads envelopes of either side as devices really send them; one for each event loop, used again and again.
///
/// Elements are known by their local names, whatever their prefixes, namespaces and order; counts in `arrayType` are not looked at; a method that is not known becomes ``Request/unknown(method:)`` or ``Response/unknown(method:)``.
package final class EnvelopeDecoder {
  /// How large an envelope may be before it is refused.
  package struct Limits: Sendable, Equatable {
    /// Bytes of the body, after any Content-Encoding is undone.
    package var bytes: Int
    /// Entries of parameter lists and lists of names in one envelope.
    package var parameters: Int
    /// Bytes of one value, in UTF-8.
    package var valueLength: Int
    /// Elements within each other.
    package var depth: Int

    package init(
      bytes: Int = 16 << 20, parameters: Int = 100_000, valueLength: Int = 1 << 20,
      depth: Int = 32
    ) {
      self.bytes = bytes
      self.parameters = parameters
      self.valueLength = valueLength
      self.depth = depth
    }

    fileprivate var xml: XMLLimits {
      // The largest entry, a SetParameterAttributesStruct, has seven elements.
      XMLLimits(
        bytes: bytes, depth: depth, textLength: valueLength, elements: 1_000 + 8 * parameters)
    }
  }

  private let parser: XMLParser<EnvelopeNodes>
  private let limits: Limits
  private let names = NameTable()

  package init(limits: Limits = Limits()) {
    self.limits = limits
    parser = XMLParser(
      handler: EnvelopeNodes(parameterLimit: limits.parameters),
      vocabulary: ElementName.vocabulary, limits: limits.xml)
  }

  /// Starts an envelope; one that was not finished is forgotten.
  ///
  /// - Parameter charset: that of the HTTP Content-Type, if any.
  package func begin(charset: String? = nil) {
    parser.handler.removeAll()
    parser.begin(charset: charset)
  }

  /// Bytes that are held for the envelope at this moment.
  package var footprint: Int { parser.footprint + parser.handler.footprint }

  /// The next piece of the body, of any length.
  package func feed(_ bytes: UnsafeRawBufferPointer) throws(CWMPError) {
    do {
      try parser.feed(bytes)
    } catch {
      throw failure(error)
    }
  }

  /// The body has ended.
  package func finish() throws(CWMPError) -> Envelope {
    do {
      try parser.finish()
    } catch {
      throw failure(error)
    }
    return try EnvelopeReader(parser.handler, names: names).envelope()
  }

  /// Decodes a body that is there in full.
  package func decode(_ bytes: UnsafeRawBufferPointer, charset: String? = nil)
    throws(CWMPError) -> Envelope
  {
    begin(charset: charset)
    try feed(bytes)
    return try finish()
  }

  /// Decodes a body that is there in full.
  package func decode(_ bytes: [UInt8], charset: String? = nil) throws(CWMPError) -> Envelope {
    try bytes.withUnsafeBufferPointer { bytes throws(CWMPError) in
      try decode(UnsafeRawBufferPointer(bytes), charset: charset)
    }
  }

  private func failure(_ error: XMLError) -> CWMPError {
    if parser.handler.exceedsParameterLimit {
      return CWMPError(
        .limitExceeded, "more than \(limits.parameters) parameters in one envelope")
    }
    if case .limit = error.code {
      return CWMPError(.limitExceeded, "the envelope is too large", xml: error)
    }
    return CWMPError(.notXML, "the body cannot be read as XML", xml: error)
  }
}
