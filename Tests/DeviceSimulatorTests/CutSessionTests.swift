import CWMP
import Testing

@testable import DeviceSimulator

/// Sessions that end in their midst, on real sockets.
@Suite(.serialized, .timeLimit(.minutes(2))) struct CutSessionTests {
  private func run(
    _ quirk: String, _ script: StubACS.Script,
    _ body: (StubACS, SimulatedFleet) async throws -> Void
  ) async throws {
    let acs = try await StubACS.start(script)
    var quirks = Quirks()
    try quirks.insert(quirk)
    let fleet = try await SimulatedFleet.start(
      FleetOptions(
        count: 1, acsURL: acs.url, models: [try Devices.small()], periodicInformInterval: 86400,
        bootSpread: 0.1, timeScale: 100, behaviour: .init(bootTime: 5, quirks: quirks)),
      clock: Devices.clockStart
    ) { _, _ in }
    try await body(acs, fleet)
    try await fleet.stop()
    try await acs.stop()
  }

  private static let script = StubACS.Script(requests: { _, _ in
    [.getRPCMethods, .getParameterValues(names: ["Device.IP.Label"])]
  })

  /// The Inform, the empty POST and both answers: wherever the session is cut, another follows that comes to its end.
  @Test(arguments: 1...4)
  func aSessionIsCutAtEachStep(request: Int) async throws {
    try await run("cut-at-request:\(request)", Self.script) { acs, fleet in
      var counts = try await fleet.counts()
      for _ in 0..<1000 where counts.sessionsSucceeded == 0 {
        try await Task.sleep(for: .milliseconds(10))
        counts = try await fleet.counts()
      }
      #expect(counts.sessionsSucceeded > 0)
      #expect(counts.failures == ["cut on purpose": 1])
      #expect(acs.record.informs.last?.retryCount == 1)
      // What the ACS has not acknowledged is told again.
      #expect(acs.record.informs.last?.codes.contains(Event.bootstrap) == (request == 1))
    }
  }

  @Test func theDeviceBootsInTheMidstOfASession() async throws {
    try await run("power-loss-at-request:3", Self.script) { acs, fleet in
      let record = try await acs.wait { $0.sessionsEnded == 1 }
      #expect(record.informs.map(\.codes) == [[Event.bootstrap, Event.boot], [Event.boot]])
      let counts = try await fleet.counts()
      #expect(counts.boots == 2)
      #expect(counts.failures == ["lost power on purpose": 1])
    }
  }

  @Test func anXMLDeclarationCannotBeRead() async throws {
    var script = Self.script
    script.style.xmlDeclaration = true
    try await run("declaration-refused", script) { acs, fleet in
      var counts = try await fleet.counts()
      for _ in 0..<1000 where counts.sessionsFailed == 0 {
        try await Task.sleep(for: .milliseconds(10))
        counts = try await fleet.counts()
      }
      #expect(counts.failures.keys.first == "malformed answer: an XML declaration")
      #expect(acs.record.sessionsEnded == 0)
    }
  }

  @Test func aConnectionThatTheACSClosesEndsTheSession() async throws {
    var script = Self.script
    script.closesConnections = true
    try await run("connection-close-refused", script) { acs, fleet in
      var counts = try await fleet.counts()
      for _ in 0..<1000 where counts.sessionsFailed == 0 {
        try await Task.sleep(for: .milliseconds(10))
        counts = try await fleet.counts()
      }
      #expect(counts.failures.keys.first == "malformed answer: Connection: close")
      #expect(acs.record.sessionsEnded == 0)
    }
  }
}
