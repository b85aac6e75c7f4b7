import Foundation
import Testing

/// Whether agents behind a broker are there, which nobody tells when they have gone.
@Suite(
  .serialized,
  .enabled(if: Broker.isInstalled, "the broker is not installed (packages: mosquitto)")
) struct BrokerPresenceTests {
  private static let name = "02FA1E-SG181-AGT000001"

  private func broker(_ site: Installation) throws -> RunningProgram {
    let configuration = site.directory.appendingPathComponent("mosquitto.conf")
    var text = "listener \(site.ports.cwmp) 127.0.0.1\nallow_anonymous true\npersistence false\n"
    // It would give up what it was started with, and could not read this file.
    if getuid() == 0 { text += "user root\n" }
    try text.write(to: configuration, atomically: true, encoding: .utf8)
    return try RunningProgram(
      Broker.program, ["-c", configuration.path],
      output: site.directory.appendingPathComponent("mosquitto.log"))
  }

  /// Waits until the one agent is the one device that a selector means.
  private func waitFor(_ selector: String, at site: Installation) async throws {
    var names = ""
    for _ in 0..<600 where names != Self.name {
      names = try await site.operate(
        "get", "devices", "-o", "name", "--selector", selector
      ).text.trimmingCharacters(in: .whitespacesAndNewlines)
      try await Task.sleep(for: .milliseconds(100))
    }
    #expect(names == Self.name, "\(selector)")
  }

  @Test func agentsAreLookedForAfterARestartAndWhenTheyAreSilent() async throws {
    let (site, place) = (try Installation(), try Installation())
    defer {
      site.remove()
      place.remove()
    }
    let broker = try broker(place)
    let options = [
      "--mqtt-host", "127.0.0.1", "--mqtt-port", "\(place.ports.cwmp)", "--usp-node-lease", "3s",
    ]
    let first = try site.start(1, options)
    try #require(try await first.waits(for: "acsctl --help"), "\(first.text)")
    let agents = try site.simulateAgents([
      "--transport", "mqtt", "--url", "mqtt://127.0.0.1:\(place.ports.cwmp)", "--count", "1",
      "--serial-prefix", "AGT", "--boot-spread", "0", "--boot-time", "0.3",
    ])
    try await site.waitForDevice(Self.name)
    try await waitFor("online=true", at: site)
    first.signal(SIGKILL)
    _ = try await first.wait()
    // The agent notices nothing of that, and has nothing to tell for the next minutes.
    let second = try site.start(
      2, options + ["--usp-probe-interval", "2s", "--usp-request-timeout", "3s"])
    try #require(try await second.waits(for: "acsctl --help"), "\(second.text)")
    // Until the time of the first life is over, the agent counts as connected to it.
    var described = ""
    for _ in 0..<600 where !described.contains("connected by mqtt") {
      described = try await site.operate("describe", "device", Self.name).text
      try await Task.sleep(for: .milliseconds(100))
    }
    #expect(described.contains("connected by mqtt"), "\(described)\n\(second.text)")
    try await waitFor("online=true", at: site)
    agents.signal(SIGKILL)
    _ = try await agents.wait()
    try await waitFor("online=false", at: site)
    second.signal(SIGTERM)
    #expect(try await second.wait() == 0, "\(second.text)")
    broker.signal(SIGTERM)
    _ = try await broker.wait()
  }
}

/// Debian's broker of MQTT.
private enum Broker {
  static let program = "/usr/sbin/mosquitto"
  static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: program) }
}
