import ConnectionRequests
import Fleet
import Logging
import Synchronization

/// Devices in memory that answer requests as a test's script says, and the requester that asks them.
final class ScriptedDevices: Sendable {
  struct Reply: Sendable {
    var result: ConnectionRequestResult
    var calls = Calls.never

    enum Calls: Sendable { case never, beforeTheAnswer, afterTheAnswer }

    static let call = Reply(result: .accepted, calls: .afterTheAnswer)
    static func fail(_ failure: ConnectionRequestResult.Failure) -> Reply {
      Reply(result: .failed(failure, detail: "scripted"))
    }
  }

  struct Request: Sendable, Equatable {
    var device: Device.ID
    var method: ConnectionMethod
  }

  /// The request and its number from 0 on.
  typealias Script = @Sendable (Request, Int) async -> Reply

  private struct State {
    var requests: [Request] = []
    var concurrent = 0
    var mostConcurrent = 0
    var requester: ConnectionRequester?
  }

  private let state = Mutex(State())

  var requests: [Request] { state.withLock(\.requests) }
  var mostConcurrent: Int { state.withLock(\.mostConcurrent) }
  func methods(of id: Device.ID) -> [ConnectionMethod] {
    requests.filter { $0.device == id }.map(\.method)
  }

  /// - Parameter possible: the methods that a device can be asked with; a device without one is unknown.
  func requester(
    possible: @escaping @Sendable (Device.ID) -> [ConnectionMethod] = { _ in [.http] },
    password: @escaping @Sendable () -> String = { "secret" },
    methods: [ConnectionMethod]? = nil,
    lastContact: @escaping @Sendable (Device.ID) -> Double? = { _ in nil },
    adjust: (inout ConnectionRequester.Configuration) -> Void = { _ in },
    script: @escaping Script
  ) -> ConnectionRequester {
    var configuration = ConnectionRequester.Configuration()
    configuration.policy.firstDelay = 0.01
    configuration.policy.maximumDelay = 0.02
    configuration.policy.minimumInterval = 0
    configuration.patience.confirmed = 600
    configuration.patience.unconfirmed = 600
    adjust(&configuration)
    var channels: [ConnectionMethod: ConnectionRequestChannel] = [:]
    for method in ConnectionMethod.allCases {
      channels[method] = ConnectionRequestChannel(
        isPossible: { possible($0.deviceID).contains(method) },
        send: { await self.serve(Request(device: $0.deviceID, method: method), script) })
    }
    let requester = ConnectionRequester(
      configuration: configuration, channels: channels,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
      lastContact: { lastContact($0) }
    ) { id in
      guard !possible(id).isEmpty else { return nil }
      return ConnectionRequestTarget(
        deviceID: id, deviceName: "device-\(id)", url: "http://192.0.2.1/\(id)", username: "acs",
        password: password(), methods: methods, contactAddress: "192.0.2.1", contactedAt: 100)
    }
    state.withLock { $0.requester = requester }
    return requester
  }

  private func serve(_ request: Request, _ script: Script) async -> ConnectionRequestResult {
    let (number, requester) = state.withLock { state in
      state.requests.append(request)
      state.concurrent += 1
      state.mostConcurrent = max(state.mostConcurrent, state.concurrent)
      return (state.requests.count - 1, state.requester)
    }
    let reply = await script(request, number)
    state.withLock { $0.concurrent -= 1 }
    switch reply.calls {
    case .never: break
    case .beforeTheAnswer: requester?.deviceCalled(request.device)
    case .afterTheAnswer: Task { requester?.deviceCalled(request.device) }
    }
    return reply.result
  }
}

/// Waits until something holds; for a minute at most, so that a test that fails does end.
func eventually(_ holds: () async -> Bool) async -> Bool {
  for _ in 0..<12_000 {
    if await holds() { return true }
    try? await Task.sleep(for: .milliseconds(5))
  }
  return false
}
