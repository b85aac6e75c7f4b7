import CWMP

/// Envelopes in the forms that devices send, and what is read from them.
enum QuirkEnvelope {
  static func text(
    body: String, header: String = "<s:Header><c:ID s:mustUnderstand=\"1\">1</c:ID></s:Header>",
    namespace: String = "urn:dslforum-org:cwmp-1-0",
    instance: String = "http://www.w3.org/2001/XMLSchema-instance"
  ) -> String {
    """
    <s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:c="\(namespace)" \
    xmlns:i="\(instance)" xmlns:e="http://schemas.xmlsoap.org/soap/encoding/">\(header)\
    <s:Body>\(body)</s:Body></s:Envelope>
    """
  }

  static func inform(
    deviceID: String = """
    <Manufacturer>M</Manufacturer><OUI>00040E</OUI><ProductClass>P</ProductClass>\
    <SerialNumber>S</SerialNumber>
    """,
    event: String = "<Event/>", time: String = "2026-11-22T21:49:11Z", retryCount: String = "0",
    parameters: String = ""
  ) -> String {
    """
    <c:Inform><DeviceId>\(deviceID)</DeviceId>\(event)\
    <MaxEnvelopes>1</MaxEnvelopes><CurrentTime>\(time)</CurrentTime>\
    <RetryCount>\(retryCount)</RetryCount>\
    <ParameterList>\(parameters)</ParameterList></c:Inform>
    """
  }

  /// An Event list with those codes.
  static func events(_ codes: [String]) -> String {
    let entries = codes.map {
      "<EventStruct><EventCode>\($0)</EventCode><CommandKey></CommandKey></EventStruct>"
    }
    return "<Event>\(entries.joined())</Event>"
  }

  static func value(_ name: String, _ value: String, type: String = "xsd:string") -> String {
    """
    <ParameterValueStruct><Name>\(name)</Name><Value i:type="\(type)">\(value)</Value>\
    </ParameterValueStruct>
    """
  }

  static func decode(_ text: String) throws -> Envelope {
    try EnvelopeDecoder().decode(Array(text.utf8))
  }

  /// The message in that Body.
  static func message(_ body: String) throws -> Message? {
    try decode(text(body: body)).message
  }

  /// The Inform of a document, or of an envelope around what ``inform(deviceID:event:time:retryCount:parameters:)`` made.
  static func decodeInform(_ text: String) throws -> Inform {
    let document = text.hasPrefix("<c:Inform>") ? self.text(body: text) : text
    guard case .request(.inform(let inform)) = try decode(document).message else {
      throw CWMPError(.invalidMessage, "no Inform")
    }
    return inform
  }

  static func decodeFault(_ body: String) throws -> Fault {
    guard case .fault(let fault) = try message(body) else {
      throw CWMPError(.invalidMessage, "no fault")
    }
    return fault
  }

  /// What a GetParameterValuesResponse with those entries says.
  static func decodeValues(_ list: String) throws -> [ParameterValue] {
    let body = """
      <c:GetParameterValuesResponse><ParameterList>\(list)</ParameterList>\
      </c:GetParameterValuesResponse>
      """
    guard case .response(.getParameterValues(let values)) = try message(body) else {
      throw CWMPError(.invalidMessage, "no values")
    }
    return values
  }

  /// Why a document is refused; nil where it is taken.
  static func refusal(_ bytes: [UInt8]) -> CWMPError? {
    let decoder = EnvelopeDecoder()
    do throws(CWMPError) {
      _ = try decoder.decode(bytes)
      return nil
    } catch {
      return error
    }
  }
}
