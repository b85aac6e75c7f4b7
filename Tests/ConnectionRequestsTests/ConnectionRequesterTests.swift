import ConnectionRequests
import Fleet
import Synchronization
import Testing

/// The actor with devices in memory behind it: joining, limits, methods, retries, refusals.
@Suite struct ConnectionRequesterTests {
  private let devices = ScriptedDevices()

  @Test func aPersonIsToldWhichMethodMadeTheDeviceCallAndHowLongItTook() async {
    let requester = devices.requester { _, _ in .call }
    let report = await requester.connect(1, timeout: .seconds(600))
    #expect(report.ending == .called(by: .http))
    #expect(report.isCalled)
    #expect(report.duration > .zero)
    #expect(report.description == "called after \(report.milliseconds) ms by http")
    #expect(await requester.counters.called == [.http: 1])
    await requester.shutDown()
  }

  @Test func methodsAreTriedInTurnAndTheOneThatWorkedIsFirstTheNextTime() async {
    let requester = devices.requester(possible: { _ in [.http, .xmpp] }) { request, _ in
      request.method == .xmpp ? .call : .fail(.connectionRefused)
    }
    let report = await requester.connect(1, timeout: .seconds(600))
    #expect(report.ending == .called(by: .xmpp))
    #expect(report.attempts.map(\.method) == [.http])
    _ = await requester.connect(1, timeout: .seconds(600))
    #expect(devices.methods(of: 1) == [.http, .xmpp, .xmpp])
    await requester.shutDown()
  }

  @Test func theOrderIsThatOfTheConfiguration() async {
    let requester = devices.requester(
      possible: { _ in ConnectionMethod.allCases },
      adjust: { $0.methods = [.xmpp, .http] }
    ) { _, _ in .fail(.connectionRefused) }
    let report = await requester.connect(1, timeout: .seconds(600))
    #expect(devices.methods(of: 1) == [.xmpp, .http])
    #expect(
      report.ending
        == .failed(.connectionRefused, detail: "xmpp: scripted; http: scripted"))
    await requester.shutDown()
  }

  @Test func aDeviceMayHaveAnOrderOfItsOwn() async {
    let requester = devices.requester(
      possible: { _ in ConnectionMethod.allCases }, methods: [.udp, .http],
      adjust: { $0.methods = [.xmpp, .http] }
    ) { _, _ in .fail(.unreachable) }
    _ = await requester.connect(1, timeout: .seconds(600))
    #expect(devices.methods(of: 1) == [.udp, .http])
    await requester.shutDown()
    let others = ScriptedDevices()
    let never = others.requester(methods: []) { _, _ in .call }
    #expect(
      await never.connect(1, timeout: .seconds(600)).ending
        == .failed(.noTarget, detail: "the device's switches allow no way to ask it"))
    #expect(others.requests.isEmpty)
    await never.shutDown()
  }

  @Test func aDeviceThatPromisesAndDoesNotCallIsAskedByTheNextMethod() async {
    let requester = devices.requester(
      possible: { _ in [.http, .udp] }, adjust: { $0.patience.confirmed = 0.01 }
    ) { request, _ in
      request.method == .http ? .init(result: .accepted) : .call
    }
    let report = await requester.connect(1, timeout: .seconds(600))
    #expect(report.ending == .called(by: .udp))
    #expect(report.attempts.map(\.result) == [.accepted])
    await requester.shutDown()
  }

  @Test func aDeviceThatNeverCallsIsTold() async {
    let requester = devices.requester(adjust: { $0.patience.confirmed = 0.01 }) { _, _ in
      .init(result: .accepted)
    }
    let report = await requester.connect(1, timeout: .seconds(600))
    guard case .failed(.noSession, let detail) = report.ending else {
      Issue.record("\(report)")
      return
    }
    #expect(detail.hasPrefix("http: the device accepted, but no session followed within "))
    await requester.shutDown()
  }

  @Test func whoWaitsHasPatienceAsLongAsHeSays() async {
    let requester = devices.requester { _, _ in .init(result: .accepted) }
    let report = await requester.connect(1, timeout: .milliseconds(10))
    #expect(report.ending == .failed(.noSession, detail: "the device has not called yet"))
    // The request itself goes on, and the next one who asks joins it.
    async let second = requester.connect(1, timeout: .seconds(600))
    requester.deviceCalled(1)
    #expect(await second.isCalled)
    #expect(devices.requests.count <= 2)
    await requester.shutDown()
  }

  @Test func aCancelledWaitEnds() async {
    let requester = devices.requester { _, _ in .init(result: .accepted) }
    let waiting = Task { await requester.connect(1, timeout: .seconds(600)) }
    #expect(await eventually { devices.requests.count == 1 })
    waiting.cancel()
    #expect(await waiting.value.ending == .failed(.noSession, detail: "the wait was called off"))
    await requester.shutDown()
  }

  @Test func requestsOfOneDeviceAreJoined() async {
    let gate = Gate()
    let requester = devices.requester { _, _ in
      await gate.wait()
      return .call
    }
    async let first = requester.connect(1, timeout: .seconds(600))
    async let second = requester.connect(1, timeout: .seconds(600))
    for _ in 0..<10 { await requester.request(1) }
    #expect(await eventually { devices.requests.count == 1 })
    await gate.open()
    #expect(await [first.isCalled, second.isCalled] == [true, true])
    #expect(devices.requests.count == 1)
    await requester.shutDown()
  }

  @Test func aSessionOnAnotherNodeCounts() async {
    let contact = Mutex(100.0)
    let requester = devices.requester(
      lastContact: { _ in contact.withLock { $0 } }, adjust: { $0.patience.confirmed = 0.01 }
    ) { _, _ in
      contact.withLock { $0 = 101 }
      return .init(result: .accepted)
    }
    #expect(await requester.connect(1, timeout: .seconds(600)).ending == .called(by: .http))
    await requester.shutDown()
  }

  @Test func aBusyDeviceIsAskedAgain() async {
    let requester = devices.requester { _, number in number < 2 ? .fail(.busy) : .call }
    await requester.request(1)
    #expect(await eventually { await requester.counters.called == [.http: 1] })
    let counters = await requester.counters
    #expect(counters.attempts == [.http: 3])
    #expect(counters.failed.isEmpty)
    await requester.shutDown()
  }

  @Test func retriesEnd() async {
    let requester = devices.requester(adjust: { $0.policy.maximumAttempts = 2 }) { _, _ in
      .fail(.busy)
    }
    await requester.request(1)
    #expect(await eventually { await requester.counters.failed == [.busy: 1] })
    #expect(await requester.counters.attempts == [.http: 2])
    await requester.shutDown()
  }

  @Test func aCallEndsTheWaitForTheNextTry() async {
    let requester = devices.requester(adjust: {
      $0.policy.firstDelay = 600
      $0.policy.maximumDelay = 600
    }) { _, number in number == 0 ? .fail(.busy) : .call }
    await requester.request(1)
    #expect(await eventually { await requester.counters.attempts == [.http: 1] })
    // Told again and again, since the first may come while the answer is on its way.
    #expect(
      await eventually {
        requester.deviceCalled(1)
        await requester.request(1)
        return await requester.counters.attempts == [.http: 2]
      })
    await requester.shutDown()
  }

  @Test func aRefusalIsRememberedUntilTheCredentialChanges() async {
    let password = Mutex("old")
    let requester = devices.requester(password: { password.withLock { $0 } }) { _, _ in
      .fail(.credentialRefused)
    }
    await requester.request(1)
    #expect(await eventually { await requester.counters.failed == [.credentialRefused: 1] })
    for _ in 0..<5 { await requester.request(1) }
    password.withLock { $0 = "new" }
    #expect(
      await eventually {
        await requester.request(1)
        return await requester.counters.failed == [.credentialRefused: 2]
      })
    #expect(await requester.counters.attempts == [.http: 2])
    await requester.shutDown()
  }

  private static let fleet = 200
  private static let atATime = 3

  @Test func manyDevicesAreAskedWithinTheLimit() async {
    let requester = devices.requester(adjust: { $0.maximumConcurrent = Self.atATime }) { _, _ in
      await Task.yield()
      return .call
    }
    for id in 1...Self.fleet { await requester.request(Device.ID(id)) }
    #expect(await eventually { await requester.counters.called == [.http: Self.fleet] })
    #expect(Set(devices.requests.map(\.device)).count == Self.fleet)
    #expect(devices.mostConcurrent <= Self.atATime)
    await requester.shutDown()
  }

  @Test func waitingForASessionTakesNoPlace() async {
    let requester = devices.requester(adjust: { $0.maximumConcurrent = 1 }) { request, _ in
      request.device == 1 ? .init(result: .accepted) : .call
    }
    await requester.request(1)
    #expect(await eventually { devices.requests.count == 1 })
    #expect(await requester.connect(2, timeout: .seconds(600)).isCalled)
    await requester.shutDown()
  }

  @Test func limitsAndUnknownDevicesAreTold() async {
    let requester = devices.requester(
      possible: { $0 == 404 ? [] : [.http] },
      adjust: {
        $0.maximumDevices = 2
        $0.maximumWaiters = 1
      }
    ) { _, _ in .init(result: .accepted) }
    #expect(
      await requester.connect(404, timeout: .seconds(600)).ending
        == .failed(.noTarget, detail: "the device has told no way to ask it"))
    let waiting = Task { await requester.connect(1, timeout: .seconds(600)) }
    #expect(await eventually { devices.requests.count == 1 })
    #expect(
      await requester.connect(1, timeout: .seconds(600)).ending
        == .failed(.overloaded, detail: "more requests are waiting than the limits allow"))
    await requester.request(2)
    await requester.request(3)
    #expect(await requester.counters.failed[.overloaded] ?? 0 >= 2)
    await requester.shutDown()
    #expect(await waiting.value.ending == .failed(.shutDown, detail: "the server is stopping"))
    let late = await requester.connect(1, timeout: .seconds(600))
    #expect(late.ending == .failed(.shutDown, detail: "the server is stopping"))
  }
}

/// Holds whoever waits until it is opened.
private actor Gate {
  private var isOpen = false
  private var waiting: [CheckedContinuation<Void, Never>] = []

  func wait() async {
    guard !isOpen else { return }
    await withCheckedContinuation { waiting.append($0) }
  }

  func open() {
    isOpen = true
    for continuation in waiting { continuation.resume() }
    waiting = []
  }
}
