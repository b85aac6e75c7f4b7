import Foundation
import Testing

/// Devices that are let in and then go too far.
extension HostileInputTests {
  @Test func anIDThatIsMarkupIsGivenBackAsText() async throws {
    let id = "&lt;/c:ID&gt;&lt;c:HoldRequests&gt;1&lt;/c:HoldRequests&gt;&amp;\"]]&gt;"
    try await server.withstands(
      "ID that is markup", number: 40, atMost: 16, status: 200, reason: nil
    ) {
      let connection = try await RawConnection.open(server.port, from: $0)
      let response = try await connection.post(PlainDevice(serial: "MARKUP").inform(id: id))
      let document = try #require(response?.body)
      #expect(!document.contains("<c:HoldRequests") && !document.contains("HoldRequests>"))
      // As text between the tags, with what would be markup escaped.
      #expect(
        document.contains(">&lt;/c:ID&gt;&lt;c:HoldRequests&gt;1&lt;/c:HoldRequests&gt;&amp;"))
      return response?.status
    }
  }

  @Test func aDeviceThatInformsInALoop() async throws {
    // Each begins a session anew, now over the same connection, now over another.
    try await server.withstands(
      "informs in a loop", number: 41, atMost: 48, status: 200, reason: "calls again and again"
    ) {
      let connection = try await RawConnection.open(server.port, from: $0)
      let device = PlainDevice(serial: "LOOP-\($0)")
      var status: Int?
      for number in 1...100 {
        status = try await connection.post(device.inform(id: "\(number)"))?.status
        guard status == 200 else { break }
      }
      return status
    }
  }

  @Test func aDeviceWithTenMillionParameters() async throws {
    // One message.
    let message = Self.message("GetParameterValuesResponse", of: 200_000) { _ in
      "<ParameterValueStruct><Name>Device.A</Name><Value/></ParameterValueStruct>"
    }
    try await server.withstands(
      "more parameters than a message may have", number: 42, atMost: 128, times: 1, status: 400,
      reason: "parameters in one envelope"
    ) {
      let connection = try await RawConnection.open(server.port, from: $0)
      _ = try await connection.post(PlainDevice(serial: "MANY-\($0)").inform())
      _ = try await connection.post("")
      return try await connection.post(message)?.status
    }
    // One session, which lists far more than it is asked for each time.
    let million = 1_000_000
    let names = Self.message("GetParameterNamesResponse", of: 95_000) {
      "<ParameterInfoStruct><Name>Device.P\($0)</Name><Writable>1</Writable></ParameterInfoStruct>"
    }
    let others = Self.message("GetParameterValuesResponse", of: 95_000) {
      $0 < 1_000
        ? "<ParameterValueStruct><Name>Device.Q\($0)</Name><Value>1</Value></ParameterValueStruct>"
        : "<ParameterValueStruct/>"
    }
    try await server.withstands(
      "10 million parameters", number: 43, atMost: 128, times: 1, status: 200, reason: nil
    ) {
      let connection = try await RawConnection.open(server.port, from: $0)
      var response = try await connection.post(PlainDevice(serial: "MILLIONS-\($0)").inform())
      response = try await connection.post("")
      #expect(response?.body.contains("GetParameterNames") ?? false)
      response = try await connection.post(names)
      var told = 95_000
      while response?.status == 200, told < 10 * million {
        #expect(response?.body.contains("GetParameterValues") ?? false)
        response = try await connection.post(others)
        told += 95_000
      }
      return response?.status
    }
  }

  private static func message(_ name: String, of count: Int, _ entry: (Int) -> String) -> [UInt8] {
    let entries = (0..<count).map(entry).joined()
    return Array(
      PlainDevice.envelope("<c:\(name)><ParameterList>\(entries)</ParameterList></c:\(name)>").utf8)
  }
}
