import CWMP

/// One simulated device from the factory on: what it holds, what it has to tell, and what it does next.
///
/// A value without sockets and clock. Times are the device's own, counted from the start of the simulation;
/// after every call ``deadline`` says when ``advance(to:)`` wants to be called.
package struct SimulatedCPE: Sendable {
  /// How a device behaves; times in the device's own seconds.
  package struct Behaviour: Sendable, Equatable {
    package var bootTime: Double
    package var flashTime: ClosedRange<Double>
    /// Shares in percent of what goes wrong on purpose.
    package var failDownload: Double
    package var failFlash: Double
    package var neverTransferComplete: Double
    /// How often the WAN address becomes another one on average; nil for never.
    package var wanAddressChange: Double?

    package init(
      bootTime: Double = 5, flashTime: ClosedRange<Double> = 3...10, failDownload: Double = 0,
      failFlash: Double = 0, neverTransferComplete: Double = 0, wanAddressChange: Double? = nil
    ) {
      self.bootTime = bootTime
      self.flashTime = flashTime
      self.failDownload = failDownload
      self.failFlash = failFlash
      self.neverTransferComplete = neverTransferComplete
      self.wanAddressChange = wanAddressChange
    }
  }

  /// What the environment must do now.
  package enum Effect: Sendable, Equatable {
    /// Connect to the ACS and run a ``CPESession``.
    case openSession
    /// Fetch the file, then call ``SimulatedCPE/downloadEnded(_:at:)``.
    case fetch(Download)
    /// Tell the person who watches.
    case note(Note)
  }

  /// Something worth a line of progress.
  package enum Note: Sendable, Equatable {
    case booted
    case rebooting
    case factoryReset
    case downloading(String)
    case downloadFailed(FaultDetail)
    case flashing(version: String)
    case upgraded(version: String)
    case wanAddressChanged
  }

  /// An event that the ACS has not taken yet, and what it takes to be rid of it (TR-069 Amendment 6, 3.7.1.5).
  struct PendingEvent: Sendable, Equatable {
    enum Delivery: Sendable, Equatable {
      case inform
      /// The TransferCompleteResponse for the report of that number.
      case report(Int)
    }

    var event: Event
    var delivery: Delivery
  }

  /// A finished transfer that the ACS does not know of.
  struct Report: Sendable, Equatable {
    var number: Int
    var transfer: TransferComplete
  }

  struct Transfer: Sendable, Equatable {
    enum Stage: Sendable, Equatable {
      case waiting(from: Duration)
      case fetching
      case flashing(until: Duration, FirmwareImage)
    }

    var download: Download
    var stage: Stage
    var startTime = unknownTime
  }

  enum Power: Sendable, Equatable {
    case off(until: Duration)
    case on
  }

  /// What the session that runs has asked for; it happens when the session is over.
  struct AfterSession: Sendable, Equatable {
    var reboots: [String] = []
    var factoryReset = false
    var periodicChanged = false
    var acsChanged = false
  }

  /// Transfers that may wait or run at a time; a CPE must be able to queue three (TR-069 A.3.2.8).
  package static let maximumTransfers = 3

  /// How long a report rests that the ACS answered with a fault.
  package static let refusedReportWait = Duration.seconds(60)

  package internal(set) var tree: DeviceTree
  package let behaviour: Behaviour
  /// Seconds since 1970 at the device's time zero.
  let clockStart: Int64
  var random: SeededRandom
  var power: Power
  private var bootedAt = Duration.zero
  var isInSession = false
  var pending: [PendingEvent] = []
  /// Whether something came up while a session was running.
  var hasNewEvents = false
  var reports: [Report] = []
  var reportCount = 0
  var transfers: [Transfer] = []
  var afterSession = AfterSession()
  var scheduledInforms: [(at: Duration, commandKey: String)] = []
  var changedParameters: [String] = []
  private var periodicAt: Duration?
  private var wanChangeAt: Duration?
  var sessionAt: Duration?
  /// Retries so far; 0 after a session that succeeded.
  package internal(set) var retryCount: UInt32 = 0
  var retriesSinceBoot = 0

  /// A device that is switched on for the first time at a time to come.
  package init(
    tree: DeviceTree, behaviour: Behaviour = Behaviour(), seed: UInt64, clockStart: Int64,
    powerOn: Duration = .zero
  ) {
    self.tree = tree
    self.behaviour = behaviour
    self.clockStart = clockStart
    random = SeededRandom(seed: seed)
    power = .off(until: powerOn)
    pending = [PendingEvent(event: Event(Event.bootstrap), delivery: .inform)]
  }

  // MARK: What the environment asks

  package var deviceID: DeviceID {
    let context = tree.context
    return DeviceID(
      manufacturer: context.manufacturer, oui: context.oui, productClass: context.productClass,
      serialNumber: context.serialNumber)
  }

  /// When the device wants to be called next; nil while a session runs or nothing lies ahead.
  package var deadline: Duration? {
    guard !isInSession else { return nil }
    if case .off(let until) = power { return until }
    var times = [sessionAt, periodicAt, wanChangeAt, scheduledInforms.map(\.at).min()]
    switch transfers.first?.stage {
    case .waiting(let from): times.append(from)
    case .flashing(let until, _): times.append(until)
    case .fetching, nil: break
    }
    return times.compactMap { $0 }.min()
  }

  package func readingTime(_ now: Duration) -> ReadingTime {
    ReadingTime(
      uptime: (now - bootedAt).components.seconds,
      clock: clockStart + now.components.seconds)
  }

  func stored(_ relative: String, _ now: Duration) -> String {
    tree.storedValue(tree.model.path(relative), at: readingTime(now)) ?? ""
  }

  package func acsURL(_ now: Duration) -> String { stored("ManagementServer.URL", now) }

  package func username(_ now: Duration) -> String { stored("ManagementServer.Username", now) }

  /// The password that the ACS has set, or nil for the one the device came with.
  package func password(_ now: Duration) -> String? {
    let path = tree.model.path("ManagementServer.Password")
    return tree.isWritten(path) ? tree.storedValue(path, at: readingTime(now)) : nil
  }

  /// What a connection request must bring; nil as long as the ACS has set nothing.
  package func connectionRequestCredentials(_ now: Duration) -> (
    username: String, password: String
  )? {
    let password = stored("ManagementServer.ConnectionRequestPassword", now)
    guard !password.isEmpty else { return nil }
    return (stored("ManagementServer.ConnectionRequestUsername", now), password)
  }

  // MARK: Time

  /// Does what is due.
  package mutating func advance(to now: Duration) -> [Effect] {
    guard !isInSession else { return [] }
    var effects: [Effect] = []
    if case .off(let until) = power {
      guard now >= until else { return [] }
      boot(now)
      effects.append(.note(.booted))
    }
    effects += advanceTransfer(now)
    guard power == .on else { return effects }
    advanceSchedules(now)
    if let wanChangeAt, now >= wanChangeAt { effects += changeWANAddress(now) }
    if let sessionAt, now >= sessionAt {
      isInSession = true
      self.sessionAt = nil
      effects.append(.openSession)
    }
    return effects
  }

  private mutating func boot(_ now: Duration) {
    power = .on
    bootedAt = now
    retriesSinceBoot = 0
    add(Event(Event.boot), now)
    schedulePeriodic(now, isFirst: true)
    scheduleWANChange(now)
  }

  private mutating func advanceSchedules(_ now: Duration) {
    if let periodicAt, now >= periodicAt {
      add(Event(Event.periodic), now)
      schedulePeriodic(now, isFirst: false)
    }
    for scheduled in scheduledInforms where now >= scheduled.at {
      add(Event(Event.scheduled), now)
      add(Event(Event.methodScheduleInform, commandKey: scheduled.commandKey), now)
    }
    scheduledInforms.removeAll { now >= $0.at }
  }

  /// PeriodicInformTime gives the phase; while it is unknown, each device has a random one (TR-181 ManagementServer).
  mutating func schedulePeriodic(_ now: Duration, isFirst: Bool) {
    guard stored("ManagementServer.PeriodicInformEnable", now) == "true",
      let interval = Double(stored("ManagementServer.PeriodicInformInterval", now)), interval >= 1
    else {
      periodicAt = nil
      return
    }
    let wait = isFirst ? Double.random(in: 0..<interval, using: &random) : interval
    periodicAt = now + .seconds(max(wait, 0.001))
  }

  private mutating func scheduleWANChange(_ now: Duration) {
    guard let mean = behaviour.wanAddressChange, tree.model.wanAddress != nil else { return }
    wanChangeAt = now + .seconds(mean * Double.random(in: 0.5...1.5, using: &random))
  }

  private mutating func changeWANAddress(_ now: Duration) -> [Effect] {
    scheduleWANChange(now)
    guard let path = tree.model.wanAddress else { return [] }
    let address = ValueExpression.addressText(
      0x6440_0000 + UInt32.random(in: 1..<0x3F_FFFF, using: &random))
    change(path, to: address, now)
    return [.note(.wanAddressChanged)]
  }

  /// Changes a value from within and tells the ACS as the notification attribute says (TR-069 A.3.2.4).
  package mutating func change(_ path: String, to value: String, _ now: Duration) {
    guard tree.change(path, to: value, at: readingTime(now)) else { return }
    let notification = tree.notification(path)
    guard notification > 0 else { return }
    if !changedParameters.contains(path) { changedParameters.append(path) }
    if notification == 2 {
      add(Event(Event.valueChange), now)
    } else if !pending.contains(where: { $0.event.code == Event.valueChange }) {
      // Passive: it rides with the next session and does not make one.
      pending.append(PendingEvent(event: Event(Event.valueChange), delivery: .inform))
    }
  }

  mutating func add(
    _ event: Event, delivery: PendingEvent.Delivery = .inform, _ now: Duration
  ) {
    let isSingle = !event.code.hasPrefix("M ")
    hasNewEvents = isInSession
    if !(isSingle && pending.contains { $0.event.code == event.code }) {
      pending.append(PendingEvent(event: event, delivery: delivery))
    }
    sessionAt = min(sessionAt ?? now, now)
  }

  // MARK: What requests change

  mutating func mutateTree<Result, Failure>(
    _ body: (inout DeviceTree) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(&tree)
  }

  mutating func askForReboot(_ commandKey: String) { afterSession.reboots.append(commandKey) }

  mutating func askForFactoryReset() { afterSession.factoryReset = true }

  mutating func scheduleInform(after seconds: UInt32, commandKey: String, _ now: Duration) {
    scheduledInforms.append((now + .seconds(Double(seconds)), commandKey))
  }

  mutating func managementServerChanged(_ paths: [String]) {
    let prefix = tree.model.path("ManagementServer.")
    for path in paths where path.hasPrefix(prefix) {
      let name = path.dropFirst(prefix.count)
      if name.hasPrefix("PeriodicInform") { afterSession.periodicChanged = true }
      if name == "URL" { afterSession.acsChanged = true }
    }
  }
}
