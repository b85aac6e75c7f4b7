import Foundation
import Testing

/// What an operator can do with one device beyond reading and setting, by the programs that they use.
@Suite(.serialized) struct DeviceOperationsTests {
  private static let name = "02FA1E-SG181-OPS000001"

  private func withDevice(
    _ options: [String] = [], _ body: (Installation) async throws -> Void
  ) async throws {
    let site = try Installation()
    do {
      let server = try site.start(1)
      try #require(try await server.waits(for: "acsctl --help"), "\(server.text)")
      let device = try site.simulate(
        [
          "--serial-prefix", "OPS", "--boot-spread", "0", "--boot-time", "0.2", "--flash-time",
          "0.2",
        ] + options)
      try await site.waitForDevice(Self.name)
      try await body(site)
      device.signal(SIGINT)
      #expect(try await device.wait() == 0, "\(device.text)")
      server.signal(SIGTERM)
      #expect(try await server.wait() == 0, "\(server.text)")
    } catch {
      site.remove()
      throw error
    }
    site.remove()
  }

  @Test func everyMethodIsReachable() async throws {
    try await withDevice { site in
      func operate(_ words: String...) async throws -> String {
        let (status, text) = try await site.operate(words: words + ["--timeout", "90"])
        #expect(status == 0, "\(words): \(text)")
        return text
      }
      let name = Self.name
      let path = "Device.DeviceInfo.ProvisioningCode"
      #expect(try await operate("methods", name).contains("GetParameterValues"))
      _ = try await operate("notify", name, "\(path)=active")
      let attributes = try await operate("read", name, path, "--attributes")
      #expect(attributes.contains("active"), "\(attributes)")

      let saved = site.directory.appendingPathComponent("config.txt")
      _ = try await operate("fetch", name, "--type", "config", "--save", saved.path)
      let configuration = try String(contentsOf: saved, encoding: .utf8)
      #expect(configuration.contains("ProvisioningCode"))

      let ping = try await operate("diagnose", "ping", name, "example.net", "--repetitions", "2")
      #expect(ping.contains("2"), "\(ping)")
      #expect(try await site.operate("diagnose", "ping", name, "a;reboot").status == 2)

      _ = try await operate("transfers", name)
      _ = try await operate("schedule", name, "--in", "1s")
      let connected = try await site.operate("connect", name, "--timeout", "60")
      #expect(connected.status == 0 && connected.text.contains("ms"), "\(connected.text)")

      // A notification that is active makes the device call by itself; the trace shows the message, without secrets.
      let trace = try await site.operate("trace", name, "--for", "3s", "--timeout", "3s")
      #expect(!trace.text.contains("Authorization: Digest username=\"enrol\", response="))
    }
  }

  @Test func softwareIsInstalledAndRemoved() async throws {
    try await withDevice { site in
      let module = site.directory.appendingPathComponent("module.bin")
      try Data(repeating: 7, count: 5_000).write(to: module)
      let stored = try await site.operate(
        "upload", "file", module.path, "-o", "name")
      try #require(stored.status == 0, "\(stored.text)")
      let digest = String(stored.text.prefix(64))
      let installed = try await site.operate(
        "software", "install", Self.name, "--file", digest, "--timeout", "90", "-o", "json")
      #expect(installed.status == 0, "\(installed.text)")
      #expect(installed.text.contains("Installed"), "\(installed.text)")
      let uuid = try #require(
        installed.text.firstMatch(of: /[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}/))
      let removed = try await site.operate(
        "software", "uninstall", Self.name, "--uuid", String(uuid.0), "--timeout", "90", "--yes")
      #expect(removed.status == 0, "\(removed.text)")
    }
  }
}
