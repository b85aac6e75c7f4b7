import XML

extension EnvelopeEncoder {
  /// Replaces the buffer's content with the envelope; its storage is used again.
  package func encode(_ envelope: Envelope, into buffer: inout [UInt8]) {
    // Taken out, so that the writer holds the only reference and nothing is copied.
    var storage: [UInt8] = []
    swap(&storage, &buffer)
    var body = BodyWriter(writer: XMLWriter(reusing: storage), style: style)
    if style.xmlDeclaration {
      body.writer.raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
    }
    body.writer.raw(
      """
      <soap-env:Envelope xmlns:soap-enc="http://schemas.xmlsoap.org/soap/encoding/" \
      xmlns:soap-env="http://schemas.xmlsoap.org/soap/envelope/" \
      xmlns:xsd="http://www.w3.org/2001/XMLSchema" \
      xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" \
      xmlns:cwmp="
      """)
    if let other = envelope.namespace.other {
      body.writer.text(other)
    } else {
      body.writer.raw(Namespace.dslForum)
      body.writer.number(envelope.namespace.minor)
    }
    body.writer.raw("\">")
    writeHeader(envelope, to: &body)
    body.writer.raw("<soap-env:Body>")
    switch envelope.message {
    case .request(let request): body.request(request)
    case .response(let response): body.response(response)
    case .fault(let fault): body.fault(fault)
    case nil: break
    }
    body.writer.raw("</soap-env:Body></soap-env:Envelope>")
    swap(&body.writer.bytes, &buffer)
  }

  private func writeHeader(_ envelope: Envelope, to body: inout BodyWriter) {
    guard
      envelope.id != nil || envelope.useVersion != nil || envelope.sessionTimeout != nil
        || !envelope.supportedVersions.isEmpty || envelope.holdRequests
        || envelope.noMoreRequests
    else { return }
    body.writer.raw("<soap-env:Header>")
    if let id = envelope.id {
      body.writer.raw("<cwmp:ID soap-env:mustUnderstand=\"1\">")
      body.writer.text(id)
      body.writer.raw("</cwmp:ID>")
    }
    if envelope.holdRequests {
      body.writer.raw("<cwmp:HoldRequests soap-env:mustUnderstand=\"1\">1</cwmp:HoldRequests>")
    }
    if envelope.noMoreRequests {
      body.writer.raw("<cwmp:NoMoreRequests>1</cwmp:NoMoreRequests>")
    }
    if let timeout = envelope.sessionTimeout {
      body.writer.raw("<cwmp:SessionTimeout soap-env:mustUnderstand=\"0\">")
      body.writer.number(timeout)
      body.writer.raw("</cwmp:SessionTimeout>")
    }
    if !envelope.supportedVersions.isEmpty {
      body.writer.raw("<cwmp:SupportedCWMPVersions soap-env:mustUnderstand=\"0\">")
      body.writer.text(envelope.supportedVersions.joined(separator: ","))
      body.writer.raw("</cwmp:SupportedCWMPVersions>")
    }
    if let version = envelope.useVersion {
      body.writer.raw("<cwmp:UseCWMPVersion soap-env:mustUnderstand=\"1\">")
      body.writer.text(version)
      body.writer.raw("</cwmp:UseCWMPVersion>")
    }
    body.writer.raw("</soap-env:Header>")
  }
}
