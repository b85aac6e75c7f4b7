import CWMP
import DeviceModel
import USP

/// One simulated USP agent from the factory on: what it holds, what it has to tell, and what it does next.
///
/// A value without sockets and clock. Times are the agent's own, counted from the start of the simulation;
/// after every call ``deadline`` says when ``advance(to:)`` wants to be called.
package struct USPAgent: Sendable {
  /// What the environment must do now.
  package enum Effect: Sendable, Equatable {
    /// Make the link, then call ``linkOpened(at:)`` or ``linkFailed(at:)``.
    case connect
    case send(USPMsg)
    /// The link goes; its receiver has nothing more to say.
    case hangUp(HangUp)
    /// Fetch the file, then call ``fetched(_:for:at:)``.
    case fetch(AgentTransfer)
    /// Put the contents there, then call ``stored(_:for:at:)``.
    case store(AgentTransfer, contents: [UInt8])
    case note(Note)
  }

  package enum HangUp: Sendable, Equatable {
    /// With a Disconnect record.
    case polite
    /// As a device does that restarts.
    case sudden
    /// The link stays open and silent.
    case abandon
  }

  /// A file that an agent fetches or puts somewhere.
  package struct AgentTransfer: Sendable, Equatable {
    /// The row of the request that it belongs to.
    package var request: String
    package var url: String
    package var username: String
    package var password: String
  }

  /// Something worth a line of progress.
  package enum Note: Sendable, Equatable {
    case booted
    case connected
    case disconnected
    case rebooting(cause: String)
    case factoryReset
    case downloading(String)
    case transferFailed(String)
    case uploaded
    case flashed(version: String)
    case upgraded(version: String)
    case notUpgraded(version: String)
    case softwareChanged(name: String, state: String)
    case diagnosed(name: String, state: String)
    case refused(String)
  }

  /// Counted since the agent was made.
  package struct Tally: Sendable, Equatable {
    package var requests = 0
    package var errors = 0
    package var notifications = 0
    package var acknowledged = 0
    package var boots = 0
  }

  enum Power: Sendable, Equatable {
    case off(until: Duration)
    case on
  }

  enum LinkState: Sendable, Equatable {
    case down(retryAt: Duration)
    case connecting
    case up
  }

  /// A restart that is about to happen, and what Boot! will say of it.
  struct Restart: Sendable, Equatable {
    var at: Duration
    var cause: String
    var reason = ""
    var commandKey = ""
    var isFactoryReset = false
    /// The image that is to run afterwards.
    var image: String?
    /// The request that succeeds when the image runs.
    var activation: RunningRequest?
  }

  static let controllerPath = "Device.LocalAgent.Controller.1."
  static let requestTable = "Device.LocalAgent.Request."
  static let subscriptionTable = "Device.LocalAgent.Subscription."
  /// Between the answer to a command that restarts the agent and the restart.
  static let restartWait = Duration.milliseconds(200)

  var tree: AgentTree
  package let behaviour: AgentBehaviour
  package let quirks: AgentQuirks
  /// Seconds since 1970 at the agent's time zero.
  let clockStart: Int64
  var random: SeededRandom
  var power: Power
  var link = LinkState.down(retryAt: .zero)
  var connectAttempts = 0
  private(set) var bootedAt = Duration.zero
  var restart: Restart?
  /// What the next Boot! says.
  var bootCause = (cause: "LocalFactoryReset", reason: "", commandKey: "")
  var isFirmwareUpdated = false
  var outbox: [PendingNotification] = []
  var notificationCount = 0
  var requests: [RunningRequest] = []
  var timers: [AgentTimer] = []
  var periodicAt: Duration?
  var pollAt: Duration?
  var polled: [String: String] = [:]
  var onBoardAt: Duration?
  /// Nil when the rows have changed since they were read.
  var knownSubscriptions: [AgentSubscription]?
  package internal(set) var tally = Tally()
  var notes: [Note] = []

  init(
    tree: AgentTree, behaviour: AgentBehaviour, quirks: AgentQuirks, seed: UInt64,
    clockStart: Int64, powerOn: Duration = .zero
  ) {
    self.tree = tree
    self.behaviour = behaviour
    self.quirks = quirks
    self.clockStart = clockStart
    random = SeededRandom(seed: seed)
    power = .off(until: powerOn)
  }

  // MARK: What the environment asks

  package var endpoint: String { tree.endpoint }
  package var serialNumber: String { tree.context.serialNumber }
  /// The name that the device has in CWMP, for a controller that knows each by its own.
  var deviceUsername: String { tree.context.username }

  /// When the agent wants to be called next.
  package var deadline: Duration? {
    if case .off(let until) = power { return until }
    var times: [Duration?] = [restart?.at, periodicAt, pollAt, onBoardAt]
    if case .down(let retryAt) = link { times.append(retryAt) }
    if link == .up { times.append(outbox.map(\.dueAt).min()) }
    times.append(requests.compactMap(\.dueAt).min())
    times.append(timers.map(\.at).min())
    times.append(subscriptionDeadline)
    return times.compactMap { $0 }.min()
  }

  /// The value of a parameter by its path; nil where there is none.
  package func value(_ path: String) -> String? { tree.value(path) }

  // MARK: The link

  /// The link is there and the Connect record has left.
  package mutating func linkOpened(at now: Duration) -> [Effect] {
    guard power == .on else { return [.hangUp(.sudden)] }
    setTime(now)
    link = .up
    connectAttempts = 0
    notes.append(.connected)
    if tree.value(Self.controllerPath + "OnBoardingComplete") == "false",
      !quirks.sendsNoOnBoardRequest, !isOnBoardRequestPending
    {
      addOnBoardRequest(now)
    }
    return finish(now)
  }

  /// The link could not be made, or is gone.
  package mutating func linkFailed(at now: Duration) -> [Effect] {
    guard power == .on else { return [] }
    setTime(now)
    if link == .up { notes.append(.disconnected) }
    connectAttempts += 1
    link = .down(retryAt: now + .seconds(retryWait()))
    return finish(now)
  }

  /// Seconds until a link is made again.
  private mutating func retryWait() -> Double {
    // On one's own machine there is no crowd to be kept away (R-UDS.5).
    if tree.value(Self.controllerPath + "MTP.1.Protocol") == AgentOptions.Way.unixName {
      return Double.random(in: 1...5, using: &random)
    }
    let path = Self.controllerPath + "MTP.1.WebSocket.SessionRetry"
    return RetryTable(
      minimum: tree.value(path + "MinimumWaitInterval").flatMap(Double.init) ?? 5,
      multiplier: tree.value(path + "IntervalMultiplier").flatMap(Double.init) ?? 2000
    ).delay(attempt: connectAttempts, random: Double.random(in: 0..<1, using: &random))
  }

  // MARK: Time

  mutating func setTime(_ now: Duration) {
    tree.time = ReadingTime(
      uptime: (now - bootedAt).components.seconds, clock: clockStart + now.components.seconds)
  }

  /// Does what is due.
  package mutating func advance(to now: Duration) -> [Effect] {
    setTime(now)
    if case .off(let until) = power {
      guard now >= until else { return [] }
      boot(now)
    }
    if let restart, now >= restart.at { return shutDown(restart, now) }
    var effects = advanceRequests(now)
    // What a request has led to may be a restart that is due.
    if let restart, now >= restart.at { return effects + shutDown(restart, now) }
    advanceTimers(now)
    advancePeriodic(now)
    advanceSubscriptions(now)
    if case .down(let retryAt) = link, now >= retryAt {
      link = .connecting
      effects.append(.connect)
    }
    return effects + finish(now)
  }

  /// What changed is told, and what waits is sent.
  mutating func finish(_ now: Duration) -> [Effect] {
    tellChanges(now)
    var effects = advanceOutbox(now)
    effects += notes.map { .note($0) }
    notes = []
    return effects
  }

  mutating func markBooted(_ now: Duration) {
    power = .on
    bootedAt = now
    setTime(now)
    tally.boots += 1
    notes.append(.booted)
  }
}
