import CMosquitto
import Foundation
import Synchronization

/// The thread on which libmosquitto works, for one connection or thousands; it is there while there are any.
///
/// `@unchecked Sendable`: `connections` and all that libmosquitto has are touched by the one thread that runs, which the inbox
/// sees to; the descriptors live as long as this object, and raising the event is safe from any thread.
package final class MQTTLoop: @unchecked Sendable {
  enum Command: Sendable {
    case open(UInt64, MQTTConfiguration, MQTTFlow, @Sendable (MQTTEvent) -> Void)
    case subscribe(UInt64, [String], MQTTQualityOfService, [MQTTUserProperty])
    case publish(UInt64, MQTTPublication, token: UInt64)
    /// Reading may go on.
    case resume(UInt64)
    case close(UInt64, isGraceful: Bool)
  }

  private struct Inbox {
    var commands: [Command] = []
    var isRunning = false
    var lastID: UInt64 = 0
  }

  /// libmosquitto wants to be set up once before any thread uses it.
  private static let isSetUp = mosquitto_lib_init() == MOSQ_ERR_SUCCESS.rawValue
  /// What the event's descriptor is called among those of connections.
  private static let eventToken: UInt64 = 0
  /// Milliseconds between looks at deadlines and keep-alives.
  private static let tick: Int32 = 500

  private let inbox = Mutex(Inbox())
  private let event = acs_mosquitto_make_event()
  private let poller = acs_mosquitto_make_poller()
  private var connections: [UInt64: MQTTConnection] = [:]

  package init() {
    _ = acs_mosquitto_watch(poller, event, Self.eventToken, 1, 0, 1)
  }

  deinit {
    close(event)
    close(poller)
  }

  func open(
    _ configuration: MQTTConfiguration, flow: MQTTFlow,
    onEvent: @escaping @Sendable (MQTTEvent) -> Void
  ) -> UInt64 {
    let id = inbox.withLock { inbox in
      inbox.lastID += 1
      return inbox.lastID
    }
    submit(.open(id, configuration, flow, onEvent))
    return id
  }

  func submit(_ command: Command) {
    let (starts, wakes) = inbox.withLock { inbox in
      let wasIdle = inbox.commands.isEmpty
      // Only one that opens has something to do where no thread is.
      if !inbox.isRunning {
        guard case .open = command else { return (false, false) }
        inbox.isRunning = true
        inbox.commands.append(command)
        return (true, false)
      }
      inbox.commands.append(command)
      return (false, wasIdle)
    }
    if starts {
      let thread = Thread { [self] in run() }
      thread.name = "mqtt"
      thread.start()
    } else if wakes {
      acs_mosquitto_raise_event(event)
    }
  }

  // MARK: The thread

  private static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  private func run() {
    precondition(Self.isSetUp, "libmosquitto can't be set up")
    blockBrokenPipeSignal()
    var nextTick = 0.0
    while let commands = takeCommands() {
      for command in commands { carryOut(command) }
      wait()
      let now = Self.now
      if now >= nextTick {
        nextTick = now + Double(Self.tick) / 1000
        for connection in Array(connections.values) {
          connection.tick(now: now)
          watch(connection)
        }
      }
    }
  }

  /// nil where the thread ends: nothing is left to do.
  private func takeCommands() -> [Command]? {
    inbox.withLock { inbox in
      if inbox.commands.isEmpty, connections.isEmpty {
        inbox.isRunning = false
        return nil
      }
      defer { inbox.commands = [] }
      return inbox.commands
    }
  }

  private func carryOut(_ command: Command) {
    switch command {
    case .open(let id, let configuration, let flow, let onEvent):
      let connection = MQTTConnection(
        id: id, configuration, flow: flow, now: Self.now, onEvent: onEvent)
      connections[id] = connection
      connection.connect()
      watch(connection)
    case .subscribe(let id, let filters, let qos, let properties):
      with(id) { $0.subscribe(filters, qos, properties) }
    case .publish(let id, let publication, let token):
      with(id) { $0.publish(publication, token: token) }
    case .resume(let id):
      with(id) { _ in }
    case .close(let id, let isGraceful):
      with(id) { $0.close(isGraceful: isGraceful, now: Self.now) }
    }
  }

  private func with(_ id: UInt64, _ body: (MQTTConnection) -> Void) {
    guard let connection = connections[id] else { return }
    body(connection)
    watch(connection)
  }

  /// Watches for what the connection wants by now, or lets it go.
  private func watch(_ connection: MQTTConnection) {
    guard !connection.hasEnded else {
      // libmosquitto has closed the descriptor, and so it is watched no more.
      connections[connection.id] = nil
      return
    }
    guard let wanted = connection.wanted else { return }
    let watched = connection.watched
    let isNew = watched?.descriptor != wanted.descriptor
    guard isNew || watched?.reads != wanted.reads || watched?.writes != wanted.writes else {
      return
    }
    connection.watched = wanted
    _ = acs_mosquitto_watch(
      poller, wanted.descriptor, connection.id, wanted.reads ? 1 : 0, wanted.writes ? 1 : 0,
      isNew ? 1 : 0)
  }

  private func wait() {
    guard !connections.isEmpty else { return }
    var ready = [acs_mosquitto_readiness](repeating: acs_mosquitto_readiness(), count: 64)
    let count = acs_mosquitto_wait(poller, &ready, Self.tick)
    for one in ready.prefix(Int(max(0, count))) {
      if one.token == Self.eventToken {
        acs_mosquitto_clear_event(event)
        continue
      }
      with(one.token) {
        $0.work(
          isReadable: one.is_readable != 0 || one.has_failed != 0,
          isWritable: one.is_writable != 0,
          isOver: one.has_failed != 0 || one.has_hung_up != 0)
      }
    }
  }

  /// libmosquitto writes through OpenSSL, which lets the signal come.
  private func blockBrokenPipeSignal() {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
  }
}
