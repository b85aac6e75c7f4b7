import Foundation
import Testing

/// What a monitoring system sees of a server at work.
@Suite struct MetricsTests {
  @Test func whatDevicesDoIsCounted() async throws {
    let site = try Installation()
    defer { site.remove() }
    let server = try site.start(1)
    try #require(try await server.waits(for: "acsctl --help"), "\(server.text)")
    let simulator = try site.simulate(["--serial-prefix", "OPS", "--boot-spread", "0"])
    let name = "02FA1E-SG181-OPS000001"
    try await site.waitForDevice(name)
    let set = try await site.operate(
      "set", name, "Device.DeviceInfo.ProvisioningCode=counted", "--timeout", "60")
    #expect(set.status == 0, "\(set.text)")
    simulator.signal(SIGTERM)
    _ = try await simulator.wait()

    let token = try String(
      contentsOf: site.data.appendingPathComponent("admin-token"), encoding: .utf8
    ).trimmingCharacters(in: .whitespacesAndNewlines)
    #expect(try await Self.page(at: site, token: "wrong").status == 401)
    let page = try await Self.page(at: site, token: token)
    #expect(page.status == 200)
    #expect(page.head.lowercased().contains("content-type: text/plain; version=0.0.4"))
    let values = Dictionary(
      page.body.split(separator: "\n").filter { $0.first != "#" }.compactMap { line in
        line.lastIndex(of: " ").flatMap { space in
          Double(line[line.index(after: space)...]).map { (String(line[..<space]), $0) }
        }
      }
    ) { first, _ in first }
    #expect(values["fairlead_database_up"] == 1)
    #expect(values["fairlead_devices"] == 1)
    #expect(values["fairlead_cwmp_session_seconds_count"] ?? 0 >= 2)
    #expect(values["fairlead_tasks_ended_total{operation=\"set\",outcome=\"done\"}"] == 1)
    #expect(values["fairlead_store_jobs_total{outcome=\"committed\"}"] ?? 0 >= 2)
    #expect(values["fairlead_api_requests_total{status=\"4xx\"}"] ?? 0 >= 1)
    #expect(values["process_resident_memory_bytes"] ?? 0 > 1_000_000)
    server.signal(SIGTERM)
    #expect(try await server.wait() == 0, "\(server.text)")
  }

  private static func page(at site: Installation, token: String) async throws
    -> RawConnection.Response
  {
    let connection = try await RawConnection.open(site.ports.api)
    let request = [
      "GET /api/v1/metrics HTTP/1.1", "Host: localhost", "Authorization: Bearer \(token)",
      "Connection: close", "", "",
    ]
    try await connection.send(Array(request.joined(separator: "\r\n").utf8))
    return try #require(try await connection.receive())
  }
}
