import ManagementTypes
import Testing

@testable import OperatorCommands

@Suite struct DiagnosisTextTests {
  private func text(_ root: String, _ values: KeyValuePairs<String, String>) -> DiagnosisText {
    DiagnosisText(values.map { TaskOrder.Value(path: root + $0.key, value: TypedValue($0.value)) })
  }

  @Test func ping() {
    let good = text(
      "Device.IP.Diagnostics.IPPing.",
      [
        "DiagnosticsState": "Complete", "SuccessCount": "4", "FailureCount": "1",
        "AverageResponseTime": "12", "MinimumResponseTime": "10", "MaximumResponseTime": "15",
      ])
    #expect(good.lines("ping") == ["4 answered, 1 did not; min/avg/max 10/12/15 ms"])
    let bad = text(
      "InternetGatewayDevice.IPPingDiagnostics.",
      ["SuccessCount": "0", "FailureCount": "3", "AverageResponseTime": "0"])
    #expect(bad.lines("ping") == ["0 answered, 3 did not"])
  }

  @Test(arguments: [
    ("Device.IP.Diagnostics.TraceRoute.", ""),
    ("InternetGatewayDevice.TraceRouteDiagnostics.", "Hop"),
  ]) func hopsAreInTheirOrder(root: String, prefix: String) {
    let text = text(
      root,
      [
        "RouteHops.10.\(prefix)Host": "far", "RouteHops.2.\(prefix)Host": "near\u{1B}",
        "RouteHops.2.\(prefix)RTTimes": "1,2,1", "RouteHops.10.\(prefix)ErrorCode": "11",
        "RouteHops.2.\(prefix)ErrorCode": "0", "RouteHops.2.\(prefix)HostAddress": "192.0.2.1",
        "ResponseTime": "20",
      ])
    #expect(
      text.lines("traceRoute") == [
        "2 hops", "HOP   HOST         ADDRESS     MILLISECONDS   ERROR",
        "2     near\\u{1B}   192.0.2.1   1,2,1",
        "10    far                                     11",
      ])
  }

  @Test func throughputIsBytesOverTime() {
    let download = text(
      "Device.IP.Diagnostics.DownloadDiagnostics.",
      [
        "BOMTime": "2026-01-31T12:00:00.500000", "EOMTime": "2026-01-31T12:00:02.500000",
        "TestBytesReceived": "2500000", "TotalBytesReceived": "9999999",
        "PerConnectionResult.1.TestBytesReceived": "7",
        "PerConnectionResult.1.BOMTime": "2026-01-31T12:00:02.000000",
      ])
    #expect(download.lines("download") == ["10.00 Mbit/s: 2.4 MiB in 2.00 s"])
    let upload = text(
      "Device.IP.Diagnostics.UploadDiagnostics.",
      [
        "BOMTime": "2026-01-31T12:00:00.000Z", "EOMTime": "2026-01-31T12:00:01.000Z",
        "TestFileLength": "1000",
      ])
    #expect(upload.lines("upload") == ["8.00 kbit/s: 1000 B in 1.00 s"])
  }

  @Test(arguments: [
    ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"), ("x", "y"),
    ("2026-01-31T12:00:01Z", "2026-01-31T12:00:00Z"),
  ]) func timesThatMakeNoSenseAreNoThroughput(begin: String, end: String) {
    let text = text("X.", ["BOMTime": begin, "EOMTime": end, "TestBytesReceived": "1024"])
    #expect(text.lines("download") == ["1.0 KiB"])
  }

  @Test func addresses() {
    let text = text(
      "Device.DNS.Diagnostics.NSLookupDiagnostics.",
      [
        "SuccessCount": "2", "Result.1.Status": "Success",
        "Result.1.IPAddresses": "192.0.2.1, 192.0.2.2", "Result.2.IPAddresses": "192.0.2.1",
      ])
    #expect(text.lines("nsLookup").first == "192.0.2.1, 192.0.2.2")
    #expect(text.lines("nsLookup").count == 4)
  }

  @Test func theStrongestNetworkComesFirst() {
    let text = text(
      "Device.WiFi.NeighboringWiFiDiagnostic.",
      [
        "Result.1.SSID": "weak", "Result.1.SignalStrength": "-80", "Result.1.Channel": "1",
        "Result.2.SSID": "strong", "Result.2.SignalStrength": "-40", "Result.2.Channel": "36",
        "Result.3.SSID": "odd", "Result.3.SignalStrength": "loud",
      ])
    let lines = text.lines("wifiNeighbors")
    #expect(lines.first == "3 networks")
    #expect(lines.dropFirst(2).map { $0.prefix { $0 != " " } } == ["strong", "weak", "odd"])
  }

  @Test func whatIsNotKnownIsShownAsItIs() {
    #expect(
      text("X.", ["Y": "1"]).lines("ping") == ["PATH   VALUE", "X.Y    1"])
    #expect(text("", [:]).lines("ping").isEmpty)
  }
}
