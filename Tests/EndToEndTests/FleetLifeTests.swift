import Foundation
import Testing

/// The programs together, as a person would run them.
@Suite(.serialized) struct FleetLifeTests {
  private static let devices = 8

  private func withInstallation(_ body: (Installation) async throws -> Void) async throws {
    let installation = try Installation()
    do {
      try await body(installation)
    } catch {
      installation.remove()
      throw error
    }
    installation.remove()
  }

  @Test func aFleetIsMetReadConfiguredAndUpgradedThroughACrashOfTheServer() async throws {
    try await withInstallation { site in
      var server = try site.start(1)
      try #require(try await server.waits(for: "Fairlead"), "\(server.text)")
      try #require(try await server.waits(for: "acsctl --help"), "\(server.text)")
      let token = site.data.appendingPathComponent("admin-token").path
      let mode = try FileManager.default.attributesOfItem(atPath: token)[.posixPermissions] as? Int
      #expect(mode == 0o600)

      let fleet = try site.simulate([
        "--count", "\(Self.devices)", "--serial-prefix", "E2E", "--boot-spread", "0.5",
        "--boot-time",
        "0.5", "--flash-time", "0.5",
      ])
      let name = "02FA1E-SG181-E2E000001"
      var met = ""
      for _ in 0..<600 where met.components(separatedBy: "E2E").count <= Self.devices {
        met = try await site.operate("get", "devices", "-o", "name").text
        try await Task.sleep(for: .milliseconds(100))
      }
      #expect(met.components(separatedBy: "E2E").count == Self.devices + 1, "\(met)")

      let set = try await site.operate(
        "set", name, "Device.DeviceInfo.ProvisioningCode=north-7", "--timeout", "60")
      #expect(set.status == 0, "\(set.text)")
      let stored = try await site.operate(
        "get", "parameters", name, "Device.DeviceInfo.ProvisioningCode")
      #expect(stored.text.contains("north-7"), "\(stored.text)")
      let refused = try await site.operate("set", name, "Device.Nonsense=1", "--timeout", "60")
      #expect(refused.status == 2)
      #expect(refused.text.contains("has no “Nonsense”"), "\(refused.text)")
      let wrong = try await site.operate(
        "set", name, "Device.Nonsense=1", "--force", "--timeout", "60")
      #expect(wrong.status == 1)
      #expect(wrong.text.contains("9005"), "\(wrong.text)")
      let reboot = try await site.operate("reboot", name, "--timeout", "60")
      #expect(reboot.status == 0, "\(reboot.text)")

      try await rollOut(on: site, server: &server)

      fleet.signal(SIGINT)
      #expect(try await fleet.wait() == 0, "\(fleet.text)")
      server.signal(SIGTERM)
      #expect(try await server.wait() == 0, "\(server.text)")
      #expect(
        !FileManager.default.fileExists(
          atPath: site.data.appendingPathComponent("postgres/data/postmaster.pid").path))
    }
  }

  private func rollOut(on site: Installation, server: inout RunningProgram) async throws {
    let image = site.directory.appendingPathComponent("image.bin")
    let made = try RunningProgram(
      "cpesim", ["image", "--version", "2.0.0", "--size", "256KiB", "-o", image.path],
      output: site.directory.appendingPathComponent("image.log"))
    #expect(try await made.wait() == 0)
    let digest = String(made.text.prefix(64))
    try #require(digest.count == 64 && !digest.contains(" "), "\(made.text)")
    let file = site.directory.appendingPathComponent("rollout.yaml")
    try """
    apiVersion: fairlead/v1
    kind: FirmwareRollout
    metadata:
      name: end-to-end
    spec:
      selector: name=02FA1E-SG181-E2E*
      image:
        file: image.bin
        version: 2.0.0
        sha256: \(digest)
      concurrency: 2
    """.write(to: file, atomically: true, encoding: .utf8)
    let applied = try await site.operate("apply", "-f", file.path)
    try #require(applied.status == 0, "\(applied.text)")

    var status = ""
    for _ in 0..<600 {
      status = try await site.operate("rollout", "status", "end-to-end").text
      if status.contains("of \(Self.devices) done"), !status.contains(" 0 of ") { break }
      try await Task.sleep(for: .milliseconds(50))
    }
    #expect(status.contains("running"), "the crash has to come in the midst: \(status)")

    server.signal(SIGKILL)
    _ = try await server.wait()
    server = try site.start(2)
    try #require(try await server.waits(for: "acsctl --help"), "\(server.text)")
    for _ in 0..<1_200 where !status.contains("done, \(Self.devices) of \(Self.devices) done") {
      status = try await site.operate("rollout", "status", "end-to-end").text
      try await Task.sleep(for: .milliseconds(100))
    }
    #expect(status.contains("done, \(Self.devices) of \(Self.devices) done"), "\(status)")
    let devices = try await site.operate("get", "devices")
    #expect(
      devices.text.components(separatedBy: "2.0.0").count == Self.devices + 1, "\(devices.text)")
  }

  @Test func twoServersDoNotShareADirectory() async throws {
    try await withInstallation { site in
      let first = try site.start(1)
      try #require(try await first.waits(for: "acsctl --help"), "\(first.text)")
      let second = try RunningProgram(
        "acsd",
        [
          "serve", "--data-directory", site.data.path, "--cwmp-port", "0", "--usp-port", "0",
          "--files-port", "0", "--api-port", "0",
        ],
        output: site.directory.appendingPathComponent("second.log"))
      #expect(try await second.wait() == 1)
      #expect(second.text.contains("acsd:"), "\(second.text)")
      let third = try site.start(3)
      #expect(try await third.wait() == 1)
      #expect(third.text.contains("cwmp.port: 127.0.0.1:\(site.ports.cwmp)"), "\(third.text)")
      first.signal(SIGTERM)
      #expect(try await first.wait() == 0, "\(first.text)")
    }
  }

  @Test func aWrongSettingIsToldWithItsPlace() async throws {
    try await withInstallation { site in
      let file = site.directory.appendingPathComponent("acsd.yaml")
      try "cwmp:\n  prot: 7547\n".write(to: file, atomically: true, encoding: .utf8)
      let server = try RunningProgram(
        "acsd", ["serve", "--config", file.path],
        output: site.directory.appendingPathComponent("wrong.log"))
      #expect(try await server.wait() == 78)
      #expect(server.text.contains("acsd.yaml:2:3"), "\(server.text)")
      #expect(server.text.contains("port"), "\(server.text)")
    }
  }
}
