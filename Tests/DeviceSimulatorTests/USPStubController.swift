import HTTPAuthentication
import Logging
import NIOCore
import NIOPosix
import Synchronization
import Testing
import USP
import USPTransports

/// A controller that answers notifications and sends what it is told to, for tests of links.
final class USPStubController: Sendable {
  static let endpoint = "self::controller"
  static let password = "secret"

  struct State {
    var links: [EndpointID: USPStubLink] = [:]
    var connects: [RecordExchange.Connect] = []
    var notifications: [USPNotify] = []
    var responses: [USPMsg] = []
    var disconnects = 0
    var closed = 0
    /// By their numbers.
    var waiters: [Int: Waiter] = [:]
    var waiterCount = 0
  }

  struct Waiter {
    var isMet: @Sendable (State) -> Bool
    /// Is told whether it came about.
    var continuation: CheckedContinuation<Bool, Never>
  }

  private let state = Mutex(State())
  let sessionMode: RecordExchange.SessionMode
  private let group: MultiThreadedEventLoopGroup
  private let webSocket = Mutex<WebSocketServer?>(nil)
  private let unix = Mutex<UnixServer?>(nil)

  let own: EndpointID

  init(sessionMode: RecordExchange.SessionMode = .allow) throws {
    own = try #require(EndpointID(Self.endpoint))
    self.sessionMode = sessionMode
    group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  }

  /// - Returns: the URL for agents.
  func listen() async throws -> String {
    var settings = WebSocketServerSettings(own: own, port: 0)
    settings.host = "127.0.0.1"
    let server = try await WebSocketServer.start(
      settings: settings, group: group, logger: Logger(label: "test"),
      authorize: { handshake in
        let expected = Authorization.basicHeader(username: "agents", password: Self.password)
        guard handshake.authorization == [expected] else {
          return .unauthorized(challenges: ["Basic realm=\"usp\""])
        }
        return .admitted(.credential(username: "agents"))
      }, accept: { self.accept($0) })
    webSocket.withLock { $0 = server }
    return "ws://127.0.0.1:\(server.port)/usp"
  }

  func listen(path: String) async throws {
    let server = try await UnixServer.start(
      settings: UnixServerSettings(path: path, own: own), group: group,
      logger: Logger(label: "test"), accept: { self.accept($0) })
    unix.withLock { $0 = server }
  }

  func stop() async throws {
    await webSocket.withLock { $0 }?.stop(patience: 1)
    await unix.withLock { $0 }?.stop()
    try await group.shutdownGracefully()
  }

  private func accept(_ link: any Link) -> any LinkReceiver {
    USPStubLink(link: link, controller: self)
  }

  func read<Value>(_ body: (State) -> Value) -> Value { state.withLock { body($0) } }

  func change(_ body: (inout State) -> Void) {
    let met = state.withLock { state -> [CheckedContinuation<Bool, Never>] in
      body(&state)
      let met = state.waiters.filter { $0.value.isMet(state) }
      for number in met.keys { state.waiters[number] = nil }
      return met.values.map(\.continuation)
    }
    for continuation in met { continuation.resume(returning: true) }
  }

  /// How long a test waits for what is to come about.
  static let patience = Duration.seconds(60)

  /// Waits until something holds; the test fails where it does not come about.
  func wait(
    sourceLocation: SourceLocation = #_sourceLocation,
    until isMet: @escaping @Sendable (State) -> Bool
  ) async {
    let number = state.withLock { state in
      state.waiterCount += 1
      return state.waiterCount
    }
    let timeout = Task {
      try await Task.sleep(for: Self.patience)
      self.state.withLock { $0.waiters.removeValue(forKey: number) }?.continuation
        .resume(returning: false)
    }
    let isMet = await withCheckedContinuation { continuation in
      let isMetNow = state.withLock { state in
        if isMet(state) { return true }
        state.waiters[number] = Waiter(isMet: isMet, continuation: continuation)
        return false
      }
      if isMetNow { continuation.resume(returning: true) }
    }
    timeout.cancel()
    #expect(isMet, "it did not come about", sourceLocation: sourceLocation)
  }

  /// Asks an agent; what comes back.
  func ask(_ endpoint: String, id: String, _ request: USPRequest.OneOf_ReqType) async throws
    -> USPMsg
  {
    let key = try #require(EndpointID(endpoint))
    await wait { $0.links[key] != nil }
    state.withLock { $0.links[key] }?.send(.request(id: id, request))
    await wait { $0.responses.contains { $0.id == id } }
    return try #require(state.withLock { $0.responses.first { $0.id == id } })
  }
}

/// The controller's side of one link; all of it is on the link's event loop but what is sent.
final class USPStubLink: LinkReceiver {
  let link: any Link
  private let controller: USPStubController
  private let exchange: Mutex<RecordExchange>

  init(link: any Link, controller: USPStubController) {
    self.link = link
    self.controller = controller
    var configuration = RecordExchange.Configuration(
      own: controller.own)
    configuration.sessionMode = controller.sessionMode
    exchange = Mutex(RecordExchange(configuration))
  }

  func send(_ message: USPMsg) {
    perform(exchange.withLock { $0.send(message, now: 0) })
  }

  func received(_ record: [UInt8]) {
    perform(exchange.withLock { $0.received(record, now: 0) })
  }

  func closed(_ why: String) { controller.change { $0.closed += 1 } }

  private func perform(_ events: [RecordExchange.Event]) {
    for event in events {
      switch event {
      case .send(let record): link.send(record)
      case .message(let message, _): received(message)
      case .connected(let connect, _): controller.change { $0.connects.append(connect) }
      case .disconnected: controller.change { $0.disconnects += 1 }
      case .peer(let peer): controller.change { $0.links[peer] = self }
      case .refused, .deadPeer: break
      }
    }
  }

  private func received(_ message: USPMsg) {
    guard case .notify(let notify)? = message.request else {
      controller.change { $0.responses.append(message) }
      return
    }
    if notify.sendResp {
      var response = USPNotifyResp()
      response.subscriptionID = notify.subscriptionID
      send(.response(to: message.id, .notifyResp(response)))
    }
    controller.change { $0.notifications.append(notify) }
  }
}
