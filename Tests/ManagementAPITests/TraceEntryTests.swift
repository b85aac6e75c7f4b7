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
}
