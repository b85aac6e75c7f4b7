import ConnectionRequests
import Fleet
import Logging
import Synchronization
import Testing

/// The actor with a real device behind it: joining, limits, retries, refusals.
@Suite struct ConnectionRequesterTests {
  private func requester(
    _ server: ScriptedServer, password: @escaping @Sendable () -> String = { "secret" },
    adjust: (inout ConnectionRequester.Configuration) -> Void = { _ in }
  ) -> ConnectionRequester {
    var configuration = ConnectionRequester.Configuration()
    configuration.policy.firstDelay = 0.01
    configuration.policy.maximumDelay = 0.02
    configuration.policy.minimumInterval = 0
    adjust(&configuration)
    let port = server.port
    return ConnectionRequester(
      configuration: configuration, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    ) { id in
      guard id != 404 else { return nil }
      return ConnectionRequestTarget(
        deviceID: id, deviceName: "device-\(id)", url: "http://127.0.0.1:\(port)/\(id)",
        username: "acs", password: password(), contactAddress: "127.0.0.1")
    }
  }

  private func counters(
    of requester: ConnectionRequester,
    until isReached: (ConnectionRequestCounters) -> Bool
  ) async -> ConnectionRequestCounters {
    for _ in 0..<1000 {
      let counters = await requester.counters
      if isReached(counters) { return counters }
      try? await Task.sleep(for: .milliseconds(5))
    }
    return await requester.counters
  }

  @Test func requestsOfOneDeviceAreJoined() async throws {
    let server = try ScriptedServer { _, _ in .status(200, end: .close) }
    defer { server.stop() }
    let requester = requester(server, adjust: { $0.policy.minimumInterval = 60 })
    async let first = requester.requestNow(1)
    async let second = requester.requestNow(1)
    #expect(await [first, second] == [.accepted, .accepted])
    for _ in 0..<10 { await requester.request(1) }
    // They all wait for the interval, which a call of the device ends.
    await requester.deviceCalled(1)
    #expect(server.received.count <= 2)
    await requester.shutDown()
  }

  @Test func aBusyDeviceIsAskedAgain() async throws {
    let server = try ScriptedServer { _, number in
      .status(number < 2 ? 503 : 204, end: .close)
    }
    defer { server.stop() }
    let requester = requester(server)
    await requester.request(1)
    let counters = await counters(of: requester) { $0.accepted == 1 }
    #expect(counters.accepted == 1)
    #expect(counters.attempts == 3)
    #expect(counters.failed.isEmpty)
    await requester.shutDown()
  }

  @Test func retriesEnd() async throws {
    let server = try ScriptedServer { _, _ in .status(503, end: .close) }
    defer { server.stop() }
    let requester = requester(server, adjust: { $0.policy.maximumAttempts = 2 })
    await requester.request(1)
    let counters = await counters(of: requester) { $0.failed[.busy] == 1 }
    #expect(counters.failed == [.busy: 1])
    #expect(counters.attempts == 2)
    await requester.shutDown()
  }

  @Test func aRefusalIsRememberedUntilTheCredentialChanges() async throws {
    let server = try ScriptedServer { _, _ in
      .status(401, #"WWW-Authenticate: Digest realm="r", nonce="n", qop="auth""#, end: .close)
    }
    defer { server.stop() }
    let password = Mutex("old")
    let requester = requester(server, password: { password.withLock { $0 } })
    await requester.request(1)
    _ = await counters(of: requester) { $0.failed[.credentialRefused] == 1 }
    for _ in 0..<5 { await requester.request(1) }
    try await Task.sleep(for: .milliseconds(50))
    #expect(await requester.counters.attempts == 1)
    password.withLock { $0 = "new" }
    await requester.request(1)
    let counters = await counters(of: requester) { $0.failed[.credentialRefused] == 2 }
    #expect(counters.attempts == 2)
    await requester.shutDown()
  }

  @Test func manyDevicesAreAskedWithinTheLimit() async throws {
    let server = try ScriptedServer { _, _ in .status(200, end: .close) }
    defer { server.stop() }
    let requester = requester(server, adjust: { $0.maximumConcurrent = 3 })
    for id in 1...50 { await requester.request(Device.ID(id)) }
    let counters = await counters(of: requester) { $0.accepted == 50 }
    #expect(counters.accepted == 50)
    #expect(Set(server.received.map { $0.prefix { $0 != "\r" } }).count == 50)
    await requester.shutDown()
  }

  @Test func limitsAndUnknownDevicesAreTold() async throws {
    let server = try ScriptedServer { _, _ in .init(text: "") }
    defer { server.stop() }
    let requester = requester(server, adjust: { $0.maximumDevices = 1 })
    guard case .failed(.noTarget, _) = await requester.requestNow(404) else {
      Issue.record("asked nobody")
      return
    }
    await requester.request(1)
    guard case .failed(.overloaded, _) = await requester.requestNow(2) else {
      Issue.record("no limit")
      return
    }
    async let waiting = requester.requestNow(1)
    try await Task.sleep(for: .milliseconds(20))
    await requester.shutDown()
    guard case .failed(.shutDown, _) = await waiting else {
      Issue.record("still waiting")
      return
    }
  }
}
