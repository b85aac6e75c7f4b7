import Foundation

/// A device that does what the standard says and no more: it informs, shows the little that it has, and refuses the rest.
struct PlainDevice: Sendable {
  var serial: String
  private static let parameters = [
    "Device.DeviceInfo.SoftwareVersion": "1.0", "Device.ManagementServer.URL": "http://acs/",
  ]

  /// The message that begins a session.
  ///
  /// - Parameter parameters: more of them, as markup.
  func inform(id: String = "1", parameters: String = "") -> String {
    Self.envelope(
      """
      <c:Inform><DeviceId><Manufacturer>Plain</Manufacturer><OUI>00D09E</OUI>\
      <ProductClass>Box</ProductClass><SerialNumber>\(serial)</SerialNumber></DeviceId>\
      <Event><EventStruct><EventCode>2 PERIODIC</EventCode><CommandKey/></EventStruct></Event>\
      <MaxEnvelopes>1</MaxEnvelopes><CurrentTime>2026-01-01T00:00:00Z</CurrentTime>\
      <RetryCount>0</RetryCount><ParameterList><ParameterValueStruct>\
      <Name>Device.DeviceInfo.SoftwareVersion</Name><Value>1.0</Value></ParameterValueStruct>\
      \(parameters)</ParameterList></c:Inform>
      """, id: id)
  }

  static func envelope(_ body: String, id: String = "1") -> String {
    """
    <s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:c="urn:dslforum-org:cwmp-1-0">\
    <s:Header><c:ID s:mustUnderstand="1">\(id)</c:ID></s:Header><s:Body>\(body)</s:Body></s:Envelope>
    """
  }

  /// Goes through a whole session, over a connection of its own.
  func callHome(_ port: Int) async throws {
    let connection = try await RawConnection.open(port)
    var message = inform()
    for _ in 0..<100 {
      guard let response = try await connection.post(message) else {
        throw RawConnection.Failure(description: "the session of \(serial) was broken off")
      }
      if response.status == 204 { return }
      guard response.status == 200 else {
        throw RawConnection.Failure(description: "\(serial) got \(response.status)")
      }
      message = Self.answer(to: response.body)
    }
    throw RawConnection.Failure(description: "the session of \(serial) has no end")
  }

  /// The message of a device to the server's latest; empty where it is the device's turn.
  private static func answer(to message: String) -> String {
    if message.contains("InformResponse") { return "" }
    if message.contains("GetParameterNames") {
      let names = (["Device.", "Device.DeviceInfo.", "Device.ManagementServer."] + parameters.keys)
        .map {
          "<ParameterInfoStruct><Name>\($0)</Name><Writable>0</Writable></ParameterInfoStruct>"
        }
      return envelope(
        "<c:GetParameterNamesResponse><ParameterList>\(names.joined())</ParameterList></c:GetParameterNamesResponse>"
      )
    }
    if message.contains("GetParameterValues") {
      let values = parameters.filter { message.contains("<string>\($0.key)</string>") }.map {
        "<ParameterValueStruct><Name>\($0.key)</Name><Value>\($0.value)</Value></ParameterValueStruct>"
      }
      return envelope(
        "<c:GetParameterValuesResponse><ParameterList>\(values.joined())</ParameterList></c:GetParameterValuesResponse>"
      )
    }
    return envelope(
      """
      <s:Fault><faultcode>Client</faultcode><faultstring>CWMP fault</faultstring><detail><c:Fault>\
      <FaultCode>9000</FaultCode><FaultString>no</FaultString></c:Fault></detail></s:Fault>
      """)
  }
}
