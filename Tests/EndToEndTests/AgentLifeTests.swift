import Foundation
import Testing

/// Agents of USP beside devices of CWMP, by the programs that an operator uses.
@Suite(.serialized) struct AgentLifeTests {
  private static let name = "02FA1E-SG181-AGT000001"
  private static let quick = [
    "--boot-spread", "0", "--boot-time", "0.3", "--flash-time", "0.3",
  ]

  private func withServer(
    _ options: @Sendable (Installation) -> [String] = { _ in [] },
    _ body: (Installation, RunningProgram) async throws -> Void
  ) async throws {
    let site = try Installation()
    do {
      let server = try site.start(1, options(site))
      try #require(try await server.waits(for: "acsctl --help"), "\(server.text)")
      try await body(site, server)
      server.signal(SIGTERM)
      // One that a test has killed has ended by that.
      #expect([0, 128 + SIGKILL].contains(try await server.wait()), "\(server.text)")
    } catch {
      site.remove()
      throw error
    }
    site.remove()
  }

  private func agents(_ site: Installation, _ options: [String]) throws -> RunningProgram {
    try site.simulateAgents(
      ["--url", "ws://127.0.0.1:\(site.ports.usp)/usp", "--serial-prefix", "AGT"] + Self.quick
        + options)
  }

  @Test func anAgentTakesWhatADeviceTakes() async throws {
    try await withServer { site, _ in
      let agents = try agents(site, ["--count", "1"])
      try await site.waitForDevice(Self.name)
      func operate(_ words: String...) async throws -> String {
        let (status, text) = try await site.operate(words: words + ["--timeout", "90"])
        #expect(status == 0, "\(words): \(text)")
        return text
      }
      let name = Self.name
      let path = "Device.DeviceInfo.ProvisioningCode"
      _ = try await operate("set", name, "\(path)=north")
      #expect(try await operate("read", name, path).contains("north"))
      let added = try await operate(
        "add", name, "Device.NAT.PortMapping.", "Description=made", "--yes")
      let instance = try #require(added.split(separator: " ").last { $0.contains("PortMapping") })
        .trimmingCharacters(in: .whitespacesAndNewlines)
      let stored = try await site.operate("get", "parameters", name, instance)
      #expect(stored.text.contains("made"), "\(stored.text)")
      _ = try await operate("delete", "object", name, instance, "--yes")
      #expect(try await operate("methods", name).contains("Device.Reboot()"))
      let ping = try await operate("diagnose", "ping", name, "example.net", "--repetitions", "2")
      #expect(ping.contains("2"), "\(ping)")
      _ = try await operate("notify", name, "\(path)=active")
      #expect(try await operate("read", name, path, "--attributes").contains("active"))
      let saved = site.directory.appendingPathComponent("config.txt")
      _ = try await operate("fetch", name, "--type", "config", "--save", saved.path)
      #expect(try String(contentsOf: saved, encoding: .utf8).contains("ProvisioningCode"))
      _ = try await operate("schedule", name, "--in", "1s")
      _ = try await operate("reboot", name, "--yes")
      _ = try await operate("factory-reset", name, "--yes")
      let connected = try await site.operate("connect", name, "--timeout", "60")
      #expect(connected.text.contains("usp"), "\(connected.text)")
      let unknown = try await site.operate("operate", name, "Device.Nothing()")
      #expect(unknown.status != 0 && unknown.text.contains("usp.7026"), "\(unknown.text)")
      let described = try await site.operate("describe", "device", "os::02FA1E-AGT000001")
      #expect(described.text.contains("connected by webSocket"), "\(described.text)")
      #expect(described.text.contains("Online:"), "\(described.text)")
      #expect(try await site.operate("model", "supported").text.contains("@usp"))
      agents.signal(SIGINT)
      #expect(try await agents.wait() == 0, "\(agents.text)")
      try await waitFor("online=false", at: site)
    }
  }

  /// Waits until the one agent is the one device that a selector means.
  private func waitFor(_ selector: String, at site: Installation) async throws {
    var names = ""
    for _ in 0..<600 where names != Self.name {
      names = try await site.operate(
        words: ["get", "devices", "-o", "name", "--selector", selector]
      ).text.trimmingCharacters(in: .whitespacesAndNewlines)
      try await Task.sleep(for: .milliseconds(100))
    }
    #expect(names == Self.name, "\(selector)")
  }

  @Test func aServerThatWasKilledLeavesNobodyOnline() async throws {
    try await withServer({ _ in ["--usp-node-lease", "5s"] }) { site, server in
      let agents = try agents(site, ["--count", "1"])
      try await site.waitForDevice(Self.name)
      try await waitFor("online=true", at: site)
      server.signal(SIGKILL)
      _ = try await server.wait()
      agents.signal(SIGINT)
      _ = try await agents.wait()
      let second = try site.start(2)
      try #require(try await second.waits(for: "acsctl --help"), "\(second.text)")
      try await waitFor("online=false", at: site)
      let third = try self.agents(site, ["--count", "1"])
      try await waitFor("online=true", at: site)
      third.signal(SIGINT)
      #expect(try await third.wait() == 0, "\(third.text)")
      second.signal(SIGTERM)
      #expect(try await second.wait() == 0, "\(second.text)")
    }
  }

  /// Agents load the image before the first turn, CPEs on theirs; a server that is killed in the midst of it loses none.
  @Test func oneRolloutReachesBothProtocols() async throws {
    try await withServer { site, server in
      let agents = try agents(site, ["--count", "4"])
      let devices = try site.simulate(
        ["--count", "4", "--serial-prefix", "DEV"] + Self.quick)
      try await site.waitForDevice("02FA1E-SG181-AGT000004")
      try await site.waitForDevice("02FA1E-SG181-DEV000004")
      let image = site.directory.appendingPathComponent("image.img")
      let made = try RunningProgram(
        "cpesim", ["image", "--version", "2.0.0", "--size", "64KiB", "-o", image.path],
        output: site.directory.appendingPathComponent("image.log"))
      #expect(try await made.wait() == 0)
      let digest = try RunningProgram(
        "/usr/bin/sha256sum", [image.path],
        output: site.directory.appendingPathComponent("sum.log"))
      #expect(try await digest.wait() == 0)
      let file = site.directory.appendingPathComponent("rollout.yaml")
      try """
      apiVersion: fairlead/v1
      kind: FirmwareRollout
      metadata:
        name: both
      spec:
        selector: DeviceInfo.ModelName=Fairlead SG-181
        image:
          file: image.img
          version: 2.0.0
          sha256: \(digest.text.prefix(64))
        concurrency: 3
        maxFailures: 5%
        retries: 2
        prepare:
          within: 5m
        transfer:
          within: 5m
        verify:
          within: 5m
      """.write(to: file, atomically: true, encoding: .utf8)
      let applied = try await site.operate("apply", "-f", file.path)
      #expect(applied.status == 0, "\(applied.text)")
      try await Task.sleep(for: .seconds(2))
      server.signal(SIGKILL)
      _ = try await server.wait()
      let second = try site.start(2)
      try #require(try await second.waits(for: "acsctl --help"), "\(second.text)")
      var status = ""
      for _ in 0..<600 where !status.contains("8 of 8 done") {
        status = try await site.operate("rollout", "status", "both").text
        try await Task.sleep(for: .milliseconds(200))
      }
      #expect(status.contains("8 of 8 done"), "\(status)\n\(second.text)")
      let orders = try await site.operate(
        "get", "tasks", "os::02FA1E-AGT000001", "-o", "yaml")
      #expect(
        orders.text.contains("stage: load") && orders.text.contains("stage: start"),
        "\(orders.text)")
      for program in [agents, devices] {
        program.signal(SIGINT)
        #expect(try await program.wait() == 0, "\(program.text)")
      }
      second.signal(SIGTERM)
      #expect(try await second.wait() == 0, "\(second.text)")
    }
  }

  @Test func strangersAreTurnedAway() async throws {
    try await withServer { site, _ in
      let wrong = try agents(
        site, ["--count", "1", "--username", "enrol", "--password", "wrong-password"])
      let none = try site.simulateAgents(
        [
          "--url", "ws://127.0.0.1:\(site.ports.usp)/usp", "--serial-prefix", "NON",
          "--anonymous",
        ] + Self.quick, log: "anonymous.log")
      let right = try site.simulateAgents(
        ["--url", "ws://127.0.0.1:\(site.ports.usp)/usp", "--serial-prefix", "OK"] + Self.quick,
        log: "right.log")
      try await site.waitForDevice("02FA1E-SG181-OK000001")
      let known = try await site.operate("get", "devices").text
      #expect(!known.contains("AGT000001") && !known.contains("NON000001"), "\(known)")
      for program in [wrong, none, right] {
        program.signal(SIGINT)
        _ = try await program.wait()
      }
    }
  }

  @Test func agentsOfThisMachineComeOverASocket() async throws {
    try await withServer({ site in
      ["--usp-unix-socket", site.directory.appendingPathComponent("usp.sock").path]
    }) { site, _ in
      let agents = try site.simulateAgents(
        [
          "--transport", "unix", "--url", site.directory.appendingPathComponent("usp.sock").path,
          "--count", "3", "--serial-prefix", "AGT", "--session", "require",
          "--segment-size", "1024",
        ] + Self.quick)
      try await site.waitForDevice("02FA1E-SG181-AGT000003")
      let reading = try await site.operate(
        "read", "02FA1E-SG181-AGT000003", "Device.DeviceInfo.", "--timeout", "60")
      #expect(reading.status == 0 && reading.text.contains("SoftwareVersion"), "\(reading.text)")
      let described = try await site.operate("describe", "device", "02FA1E-SG181-AGT000003")
      #expect(described.text.contains("connected by unix"), "\(described.text)")
      agents.signal(SIGINT)
      #expect(try await agents.wait() == 0, "\(agents.text)")
    }
  }
}
