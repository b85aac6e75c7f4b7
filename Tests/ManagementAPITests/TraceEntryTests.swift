import FleetStore
import ManagementTypes
import Testing

@testable import ManagementAPI

@Suite struct TraceEntryTests {
  @Test func aHeadIsDivided() {
    let entry = TraceEntry(
      TraceMessage(
        id: 3, deviceID: 1, at: 5, session: 9, isInbound: false, peer: "192.0.2.1",
        head: "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nX-Odd\r\nSet-Cookie:a=b:c",
        body: Array("<a/>\u{FF}".utf8), bodySize: 900))
    #expect(
      entry
        == TraceEntry(
          id: 3, at: Timestamp(5), session: 9, direction: "out", peer: "192.0.2.1",
          head: "HTTP/1.1 200 OK",
          headers: [
            .init(name: "Content-Type", value: "text/xml"), .init(name: "X-Odd", value: ""),
            .init(name: "Set-Cookie", value: "a=b:c"),
          ], body: "<a/>\u{FF}", bodySize: 900))
  }

  @Test func anEmptyHeadIsNothing() {
    let entry = TraceEntry(
      TraceMessage(
        deviceID: 1, at: 5, session: 9, isInbound: true, peer: "", head: "", body: [],
        bodySize: 0))
    #expect(entry.head == "" && entry.headers.isEmpty && entry.direction == "in")
  }

  @Test(
    arguments: [
      (
        #"<?xml version="1.0"?><soap:Envelope xmlns:soap="x"><soap:Header/><soap:Body><cwmp:Inform>"#,
        "Inform"
      ),
      ("<Envelope><Body>\n <!-- a < b --> <RebootResponse/></Body></Envelope>", "RebootResponse"),
      ("<s:Envelope><s:Body><s:Fault><faultcode>Client</faultcode>", "Fault"),
      ("<s:Envelope><s:Header><x:ID>1</x:ID></s:Header><s:Body a='b'><X", "X"),
      ("<s:Envelope><s:Body></s:Body></s:Envelope>", nil),
      ("<s:Envelope><s:Body/></s:Envelope>", nil),
      ("", nil), ("<", nil), ("no markup", nil), ("<Body><", nil), ("<Body><!-- a -->", nil),
      ("<Body><" + String(repeating: "a", count: 65) + ">", nil),
      (String(repeating: " ", count: 20_000) + "<Body><Inform>", nil),
    ] as [(String, String?)]) func theMethodIsFoundInTheBody(body: String, method: String?)
  {
    #expect(TraceEntry.method(of: Array(body.utf8)) == method)
  }
}
