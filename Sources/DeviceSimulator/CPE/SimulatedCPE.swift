import CWMP

/// One simulated device from the factory on: what it holds, what it has to tell, and what it does next.
///
/// A value without sockets and clock. Times are the device's own, counted from the start of the simulation;
/// after every call ``deadline`` says when ``advance(to:)`` wants to be called.
package struct SimulatedCPE: Sendable {
  package typealias Behaviour = DeviceSimulator.Behaviour

  /// What the environment must do now.
  package enum Effect: Sendable, Equatable {
    /// Connect to the ACS and run a ``CPESession``.
    case openSession
    /// Fetch the file, then call ``SimulatedCPE/downloadEnded(_:at:)``.
    case fetch(Download)
    /// Put the contents there, then call ``SimulatedCPE/uploadEnded(_:at:)``.
    case store(Upload, contents: [UInt8])
    /// Fetch a deployment unit, then call ``SimulatedCPE/unitFetched(_:at:)``.
    case fetchUnit(UnitSource)
    /// Send one UDP packet.
    case send(LightweightNotification)
    /// Tell the person who watches.
    case note(Note)
  }

  /// Where a deployment unit comes from.
  package struct UnitSource: Sendable, Equatable {
    package var url: String
    package var username: String
    package var password: String
  }

  /// Something worth a line of progress.
  package enum Note: Sendable, Equatable {
    case booted
    case rebooting
    case factoryReset
    case downloading(String)
    case downloadFailed(FaultDetail)
    case uploading(String)
    case uploaded
    case uploadFailed(FaultDetail)
    case flashing(version: String)
    case upgraded(version: String)
    case softwareChanged(name: String, state: String)
    case diagnosed(name: String, state: String)
    case wanAddressChanged
    case triggered(Trigger)
  }

  /// An event that the ACS has not taken yet, and what it takes to be rid of it (TR-069 Amendment 6, 3.7.1.5).
  struct PendingEvent: Sendable, Equatable {
    enum Delivery: Sendable, Equatable {
      case inform
      /// The response to the report of that number.
      case report(Int)
    }

    var event: Event
    var delivery: Delivery
  }

  /// A request that the device has for the ACS, such as TransferComplete.
  struct Report: Sendable, Equatable {
    var number: Int
    /// The single event that announces it; nil where there is none.
    var eventCode: String?
    var request: Request
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
    /// What the session has changed without having it yet.
    var heldValues: [ParameterValue] = []
  }

  /// Transfers that may wait or run at a time; a CPE must be able to queue three (TR-069 A.3.2.8).
  package static let maximumTransfers = 3

  /// How long a report rests that the ACS answered with a fault.
  package static let refusedReportWait = Duration.seconds(60)

  package internal(set) var tree: DeviceTree
  /// What the device came with, good until the ACS sets ManagementServer.Password.
  package var factoryPassword = ""
  package let behaviour: Behaviour
  /// Those of the model and those of the fleet.
  package let quirks: Quirks
  /// Seconds since 1970 at the device's time zero.
  let clockStart: Int64
  var random: SeededRandom
  var power: Power
  private(set) var bootedAt = Duration.zero
  private(set) var bootCount = 0
  var isInSession = false
  var pending: [PendingEvent] = []
  /// Whether something came up while a session was running.
  var hasNewEvents = false
  var reports: [Report] = []
  var reportCount = 0
  var transfers: [Transfer] = []
  var software = SoftwareQueue()
  var diagnostics: [DiagnosticRun] = []
  /// What the session that runs has requested.
  var askedDiagnostics: [(kind: DiagnosticKind, base: String)] = []
  var vouchers = VoucherBox()
  var triggers: [TimedTrigger] = []
  var afterSession = AfterSession()
  var scheduledInforms: [(at: Duration, commandKey: String)] = []
  var changedParameters: [String] = []
  /// What the latest Inform was about, before quirks.
  var toldEvents: [Event] = []
  /// Whether the ACS has acknowledged the latest Inform.
  var isInformTaken = false
  /// What the ACS knows of the parameters that change all the time.
  var toldVolatileValues: [String: String] = [:]
  var latestNotificationAt: Duration?
  /// What quirks remember.
  var quirkMemory = QuirkMemory()
  var periodicAt: Duration?
  var wanChangeAt: Duration?
  var sessionAt: Duration?
  /// Retries so far; 0 after a session that succeeded.
  package internal(set) var retryCount: UInt32 = 0
  var retriesSinceBoot = 0
  /// Effects that a method without a result has caused.
  var owedEffects: [Effect] = []

  /// A device that is switched on for the first time at a time to come.
  package init(
    tree: DeviceTree, behaviour: Behaviour = Behaviour(), seed: UInt64, clockStart: Int64,
    powerOn: Duration = .zero
  ) {
    self.tree = tree
    self.behaviour = behaviour
    quirks = tree.model.quirks.union(behaviour.quirks)
    self.clockStart = quirks.contains(.time1970) ? 0 : clockStart
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
    times += [transferDeadline, software.deadline, diagnostics.map(\.due).min()]
    times.append(triggers.map { bootedAt + .seconds($0.after) }.min())
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

  /// Whether the ACS has left HTTP connection requests on; devices without the switch cannot turn them off (TR-181).
  package func takesHTTPConnectionRequests(_ now: Duration) -> Bool {
    stored("ManagementServer.HTTPConnectionRequestEnable", now) != "false"
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
    effects += advanceTriggers(now)
    effects += advanceTransfers(now)
    effects += advanceSoftware(now)
    effects += advanceDiagnostics(now)
    guard power == .on else { return effects + takeOwedEffects() }
    advanceSchedules(now)
    if let wanChangeAt, now >= wanChangeAt { effects += changeWANAddress(now) }
    effects += takeOwedEffects()
    if let sessionAt, now >= sessionAt {
      isInSession = true
      self.sessionAt = nil
      effects.append(.openSession)
    }
    return effects
  }

  mutating func takeOwedEffects() -> [Effect] {
    defer { owedEffects = [] }
    return owedEffects
  }

  private mutating func boot(_ now: Duration) {
    power = .on
    bootedAt = now
    bootCount += 1
    retriesSinceBoot = 0
    triggers = behaviour.triggers
    toldVolatileValues = tree.volatileValues(at: readingTime(now))
    quirksAtBoot(now)
    add(Event(Event.boot), now)
    schedulePeriodic(now, isFirst: true)
    scheduleWANChange(now)
  }

  mutating func add(
    _ event: Event, delivery: PendingEvent.Delivery = .inform, after wait: Duration = .zero,
    _ now: Duration
  ) {
    let isSingle = !event.code.hasPrefix("M ")
    hasNewEvents = isInSession
    if !(isSingle && pending.contains { $0.event.code == event.code }) {
      pending.append(PendingEvent(event: event, delivery: delivery))
    }
    sessionAt = min(sessionAt ?? now + wait, now + wait)
  }

  /// Adds a request for the ACS, and the events that announce it.
  mutating func report(_ request: Request, _ events: [Event], _ now: Duration) {
    reportCount += 1
    reports.append(
      Report(
        number: reportCount, eventCode: events.first { !$0.code.hasPrefix("M ") }?.code,
        request: request))
    for event in events { add(event, delivery: .report(reportCount), now) }
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
