import XML

/// Writes what stands in a SOAP Body: arguments in the standard's order, unqualified, without white space.
struct BodyWriter {
  var writer: XMLWriter
  let style: EnvelopeEncoder.Style

  mutating func open(_ name: StaticString) {
    writer.raw("<")
    writer.raw(name)
    writer.raw(">")
  }

  mutating func close(_ name: StaticString) {
    writer.raw("</")
    writer.raw(name)
    writer.raw(">")
  }

  mutating func element(_ name: StaticString, _ text: String) {
    open(name)
    writer.text(text)
    close(name)
  }

  mutating func element(_ name: StaticString, _ number: some BinaryInteger) {
    open(name)
    writer.number(number)
    close(name)
  }

  mutating func element(_ name: StaticString, _ value: Bool) {
    open(name)
    literal(value)
    close(name)
  }

  /// The element only if the text is not empty.
  mutating func optional(_ name: StaticString, _ text: String) {
    if !text.isEmpty { element(name, text) }
  }

  /// `<list soap-enc:arrayType="member[count]">` … `</list>`
  mutating func array<Elements: Collection>(
    _ list: StaticString, of member: StaticString, _ elements: Elements,
    _ write: (inout BodyWriter, Elements.Element) -> Void
  ) {
    writer.raw("<")
    writer.raw(list)
    writer.raw(" soap-enc:arrayType=\"")
    writer.raw(member)
    writer.raw("[")
    writer.number(elements.count)
    writer.raw("]\">")
    for element in elements { write(&self, element) }
    close(list)
  }

  mutating func strings(_ list: StaticString, _ strings: [String]) {
    array(list, of: "xsd:string", strings) { $0.element("string", $1) }
  }

  mutating func parameterValues(_ parameters: [ParameterValue]) {
    array("ParameterList", of: "cwmp:ParameterValueStruct", parameters) {
      $0.parameterValue($1)
    }
  }

  private mutating func parameterValue(_ parameter: ParameterValue) {
    writer.raw("<ParameterValueStruct><Name>")
    writer.text(parameter.name)
    writer.raw("</Name><Value xsi:type=\"")
    writer.raw(parameter.type.qualifiedName)
    writer.raw("\">")
    switch parameter.type {
    // What is no literal of the type stays as it is, for the device to judge.
    case .boolean:
      if let value = Boolean.parse(parameter.value) {
        literal(value)
      } else {
        writer.text(parameter.value)
      }
    case .dateTime where style.dateTimes != .asWritten:
      writer.text(
        CWMPTime.withFraction(
          ofDigits: style.dateTimes == .milliseconds ? 3 : 0, parameter.value))
    default: writer.text(parameter.value)
    }
    writer.raw("</Value></ParameterValueStruct>")
  }

  private mutating func literal(_ value: Bool) {
    switch style.booleans {
    case .digits: writer.raw(value ? "1" : "0")
    case .words: writer.raw(value ? "true" : "false")
    }
  }

  mutating func faultStruct(_ name: StaticString, _ fault: FaultDetail?) {
    open(name)
    element("FaultCode", fault?.code ?? 0)
    element("FaultString", fault?.text ?? "")
    close(name)
  }

  /// A SOAP Fault around the CWMP Fault (TR-069 3.5).
  mutating func fault(_ fault: Fault) {
    writer.raw("<soap-env:Fault><faultcode>")
    writer.raw(fault.detail.isClientFault ? "Client" : "Server")
    writer.raw("</faultcode><faultstring>CWMP fault</faultstring><detail><cwmp:Fault>")
    element("FaultCode", fault.detail.code)
    element("FaultString", fault.detail.text)
    for parameter in fault.parameterFaults {
      open("SetParameterValuesFault")
      element("ParameterName", parameter.name)
      element("FaultCode", parameter.detail.code)
      element("FaultString", parameter.detail.text)
      close("SetParameterValuesFault")
    }
    writer.raw("</cwmp:Fault></detail></soap-env:Fault>")
  }
}

extension ValueType {
  /// What `xsi:type` carries (TR-069 A.2.1; base64 is SOAP's own type).
  fileprivate var qualifiedName: StaticString {
    switch self {
    case .string: "xsd:string"
    case .int: "xsd:int"
    case .unsignedInt: "xsd:unsignedInt"
    case .long: "xsd:long"
    case .unsignedLong: "xsd:unsignedLong"
    case .boolean: "xsd:boolean"
    case .dateTime: "xsd:dateTime"
    case .base64: "soap-enc:base64"
    case .hexBinary: "xsd:hexBinary"
    case .decimal: "xsd:decimal"
    }
  }
}
