import Foundation
import Testing

/// Devices that do what real ones do wrong, against the real server.
@Suite(.serialized) struct QuirkyDevicesTests {
  /// Each line is one device; what does not contradict is put together.
  private static let devices = [
    "cookie-attribute-first digest-without-qop no-header pretty-printed",
    "cookie-never digest-count-one constant-id array-count-wrong",
    "authorization-new-connection expect-continue gzip prefix-swapped no-types",
    "new-connection-each-request deflate schema-1999 cdata empty-post-gzip",
    "latin-1-unlabelled no-events time-garbage whole-tree-refused",
    "gb2312 first-contact-boot large-batch-9004",
    "byte-order-mark control-characters large-batch-9005 next-level-refused",
    "break-at-request:3 namespace-1-4 unknown-name-empty-list boolean-digits-only",
    "chunked-body surrounding-space set-pending-old-value session-at-once",
    "no-value-element malformed-fault partial-path-crash connection-request-no-commas",
    "http-1-0 digest-quoted cookie-needs-path standalone-declaration",
    "default-namespace self-closing types-everywhere array-count-missing",
    "gb2312 first-contact-periodic root-names-only large-batch-9004",
    "listed-name-9002 wrong-id-in-answers no-declaration",
    "listed-name-9005 add-pending",
    "cut-at-request:4 connection-request-403",
    "power-loss-at-request:5 diagnostics-keep-results",
  ]

  private static func operate(_ number: Int, _ line: String, at site: Installation) async throws {
    let index = String(number + 1)
    let name = "02FA1E-SG181-QUIRK" + String(repeating: "0", count: 6 - index.count) + index
    try await site.waitForDevice(name)
    let set = try await site.operate(
      "set", name, "Device.DeviceInfo.ProvisioningCode=q\(number)", "--timeout", "90")
    #expect(set.status == 0, "\(line): \(set.text)")
    let read = try await site.operate(
      "read", name, "Device.DeviceInfo.ProvisioningCode", "--timeout", "90")
    #expect(read.status == 0 && read.text.contains("q\(number)"), "\(line): \(read.text)")
  }

  @Test func eachIsMetReadAndSet() async throws {
    let site = try Installation()
    defer { site.remove() }
    let server = try site.start(1)
    try #require(try await server.waits(for: "acsctl --help"), "\(server.text)")
    var fleet: [RunningProgram] = []
    for (number, line) in Self.devices.enumerated() {
      let quirks = line.split(separator: " ").flatMap { ["--quirk", String($0)] }
      fleet.append(
        try site.simulate(
          [
            "--serial-prefix", "QUIRK", "--serial-offset", "\(number + 1)", "--boot-spread", "0",
            "--boot-time", "0.2", "--time-scale", "20",
          ] + quirks, log: "cpesim-\(number).log"))
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (number, line) in Self.devices.enumerated() {
        group.addTask { try await Self.operate(number, line, at: site) }
      }
      try await group.waitForAll()
    }
    for device in fleet { device.signal(SIGINT) }
    for device in fleet { #expect(try await device.wait() == 0, "\(device.text)") }
    server.signal(SIGTERM)
    #expect(try await server.wait() == 0, "\(server.text)")
  }
}
