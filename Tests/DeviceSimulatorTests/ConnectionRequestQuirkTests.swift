import CWMP
import NIOCore
import NIOPosix
import Testing

@testable import DeviceSimulator

@Suite(.serialized, .timeLimit(.minutes(1))) struct ConnectionRequestQuirkTests {
  static func get(_ url: String, _ authorization: String?) async throws -> FileFetcher.Result {
    let target = try #require(HTTPTarget(url))
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let eventLoop = group.next()
    let promise = eventLoop.makePromise(of: FileFetcher.Result.self)
    try await eventLoop.submit {
      let fetcher = FileFetcher(target: target, authorization: authorization) {
        promise.succeed($0)
      }
      Connector(eventLoop: eventLoop).connect(to: target, handler: fetcher) { result in
        if case .failure(let error) = result { promise.fail(error) }
      }
    }.get()
    let result = try await promise.futureResult.get()
    try await group.shutdownGracefully()
    return result
  }

  /// A device that has its credentials and is out of its first session.
  private func withDevice(
    _ quirk: Quirk, _ body: (_ url: String, _ acs: StubACS) async throws -> Void
  ) async throws {
    let prefix = "Device.ManagementServer.ConnectionRequest"
    let acs = try await StubACS.start(
      .init(requests: { inform, _ in
        guard inform.codes.contains(Event.bootstrap) else { return [] }
        return [
          .set((prefix + "Username", "cr", .string), (prefix + "Password", "secret", .string)),
          .getParameterValues(names: [prefix + "URL"]),
        ]
      }))
    let fleet = try await SimulatedFleet.start(
      FleetOptions(
        count: 1, acsURL: acs.url, models: [try Devices.small()], periodicInformInterval: 86400,
        bootSpread: 0.1, timeScale: 100, behaviour: .init(quirks: Quirks([quirk]))),
      clock: Devices.clockStart
    ) { _, _ in }
    let record = try await acs.wait { $0.sessionsEnded == 1 }
    for _ in 0..<500 {
      if try await fleet.counts().sessionsSucceeded == 1 { break }
      try await Task.sleep(for: .milliseconds(10))
    }
    try await body(try #require(record.answers.values[prefix + "URL"]), acs)
    try await fleet.stop()
    try await acs.stop()
  }

  private func challenges(_ url: String) async throws -> [String] {
    guard case .challenged(let challenges) = try await Self.get(url, nil) else {
      Issue.record("no challenge")
      return []
    }
    return challenges
  }

  private func header(_ challenges: [String], _ url: String) throws -> String {
    var credentials = SessionCredentials(username: "cr", password: "secret")
    let isAnswerable = credentials.receive(challenges)
    #expect(isAnswerable)
    let target = try #require(HTTPTarget(url))
    let header = credentials.header(method: "GET", uri: target.path)
    return try #require(header)
  }

  private func isTaken(_ result: FileFetcher.Result) -> Bool {
    if case .ended(.received) = result { return true }
    return false
  }

  @Test(arguments: [
    (Quirk.requestNoCommas, "Digest qop=\"auth\" nonce="), (.requestNoQop, "domain=\"/\""),
    (.requestBasic, "Basic realm="), (.requestExactScheme, "Digest realm="),
    (.requestNoLength, "Digest realm="), (.requestLateAnswer, "Digest realm="),
  ])
  func challengesOfAllKindsCanBeMet(quirk: Quirk, expected: String) async throws {
    try await withDevice(quirk) { url, acs in
      let challenges = try await challenges(url)
      #expect(challenges.first?.contains(expected) == true)
      let header = try header(challenges, url)
      if quirk == .requestExactScheme {
        let other = header.replacing("Digest ", with: "digest ")
        #expect(!isTaken(try await Self.get(url, other)))
      }
      #expect(isTaken(try await Self.get(url, header)))
      let record = try await acs.wait { $0.sessionsEnded == 2 }
      #expect(record.informs.last?.codes == [Event.connectionRequest])
    }
  }

  @Test func theConnectionIsClosedOnce() async throws {
    try await withDevice(.requestClosesOnce) { url, _ in
      let header = try header(try await challenges(url), url)
      #expect(!isTaken(try await Self.get(url, header)))
      #expect(isTaken(try await Self.get(url, header)))
    }
  }

  @Test(arguments: [(Quirk.requestBusy, 503), (.requestConflict, 409)])
  func refusals(quirk: Quirk, status: Int) async throws {
    try await withDevice(quirk) { url, _ in
      guard case .ended(.refused(status)) = try await Self.get(url, nil) else {
        Issue.record("not refused with \(status)")
        return
      }
    }
  }

  @Test func credentialsAreForbidden() async throws {
    try await withDevice(.requestForbidden) { url, _ in
      let header = try header(try await challenges(url), url)
      guard case .ended(.refused(403)) = try await Self.get(url, header) else {
        Issue.record("not refused with 403")
        return
      }
    }
  }

  /// HTTPConnectionRequestEnable (TR-181 ManagementServer): nobody is there any more.
  @Test func whatIsTurnedOffIsNotAnswered() async throws {
    let name = "Device.ManagementServer.HTTPConnectionRequestEnable"
    let acs = try await StubACS.start(
      .init(requests: { _, _ in
        [
          .getParameterValues(names: ["Device.ManagementServer.ConnectionRequestURL"]),
          .set((name, "0", .boolean)),
        ]
      }))
    let fleet = try await SimulatedFleet.start(
      FleetOptions(
        count: 1, acsURL: acs.url, models: [try Devices.tr181.get()],
        periodicInformInterval: 86400, bootSpread: 0.1, timeScale: 100),
      clock: Devices.clockStart
    ) { _, _ in }
    let record = try await acs.wait { $0.sessionsEnded == 1 }
    let url = try #require(
      record.answers.values["Device.ManagementServer.ConnectionRequestURL"])
    let result = try? await Self.get(url, nil)
    if case .challenged = result { Issue.record("it was answered") }
    if case .ended(.refused) = result { Issue.record("it was answered") }
    if case .ended(.received) = result { Issue.record("it was answered") }
    try await fleet.stop()
    try await acs.stop()
  }

  /// Whatever the client sees of the answer, the device comes.
  @Test func aResetBehindTheAnswer() async throws {
    try await withDevice(.requestReset) { url, acs in
      let header = try header(try await challenges(url), url)
      _ = try await Self.get(url, header)
      let record = try await acs.wait { $0.sessionsEnded == 2 }
      #expect(record.informs.last?.codes == [Event.connectionRequest])
    }
  }

  @Test func whoIsAloneNeedsNoPath() async throws {
    try await withDevice(.noConnectionRequestPath) { url, _ in
      let target = try #require(HTTPTarget(url))
      let bare = "http://\(target.hostHeader)"
      let header = try header(try await challenges(bare), bare)
      #expect(isTaken(try await Self.get(bare, header)))
    }
  }
}
