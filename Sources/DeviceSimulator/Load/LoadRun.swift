import Glibc
import NIOCore
import NIOPosix

/// An open-loop load run: starts sessions at their planned times, whatever the server does with them.
///
/// It and all that it holds is touched on its event loop only.
package final class LoadRun {
  /// How long a session may be without an answer.
  static let responseTimeout = TimeAmount.seconds(30)
  /// Arrivals closer together than that are started in one go.
  static let tick = TimeAmount.microseconds(500)

  private struct CPUReading {
    var moment: NIODeadline
    var acsd: Int64?
    var postgres: Int64?
    var simulator: Int64?
    var ended: Int
  }

  let connector: Connector
  let target: HTTPTarget
  let request: ACSRequest
  let book: AnswerBook
  let password: String
  let isFirstBoot: Bool
  private let options: LoadOptions
  private let eventLoop: any EventLoop
  private let schedule: ArrivalSchedule
  private let contexts: [DeviceContext]
  private let clockStart: Int64
  private let accounting = ProcessAccounting()
  private let done: EventLoopPromise<LoadReport>
  private var start = NIODeadline.now()
  private var next = 0
  private var waiting: [Int] = []
  private var waitingHead = 0
  private var open: [ObjectIdentifier: LoadSession] = [:]
  private var latencies = Latencies()
  private var errors: [String: Int] = [:]
  private var ended = 0
  private var measured = 0
  private var succeeded = 0
  private var requestsAnswered = 0
  private var lateStarts = 0
  private var maximumLateness: Int64 = 0
  private var before: CPUReading?
  private var after: CPUReading?
  private var sweep: RepeatedTask?

  /// Runs to the end and reports.
  ///
  /// - Parameter clock: Seconds since 1970 now.
  package static func run(_ options: LoadOptions, clock: Int64) async throws -> LoadReport {
    try options.validate()
    guard let target = HTTPTarget(options.acsURL) else {
      throw SimulatorError(.invalidOption, "--acs is no http:// URL")
    }
    let address = try Connector.resolve(target)
    let limit =
      options.scenario == .firstBoot ? options.devices : ArrivalSchedule.maximumCount
    let schedule = try ArrivalSchedule(
      rate: options.rate, duration: options.duration.map { $0 + options.warmUp }, limit: limit,
      spacing: options.spacing, seed: options.seed)
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    do {
      let eventLoop = group.next()
      let promise = eventLoop.makePromise(of: LoadReport.self)
      let run = try await eventLoop.submit {
        let run = LoadRun(
          options: options, target: target, address: address, schedule: schedule, clock: clock,
          eventLoop: eventLoop, done: promise)
        run.begin()
        return NIOLoopBound(run, eventLoop: eventLoop)
      }.get()
      let report = try await promise.futureResult.get()
      try await eventLoop.submit { run.value.sweep?.cancel() }.get()
      try await group.shutdownGracefully()
      return report
    } catch {
      try? await group.shutdownGracefully()
      throw error
    }
  }

  private init(
    options: LoadOptions, target: HTTPTarget, address: SocketAddress, schedule: ArrivalSchedule,
    clock: Int64, eventLoop: any EventLoop, done: EventLoopPromise<LoadReport>
  ) {
    self.options = options
    self.target = target
    self.schedule = schedule
    self.eventLoop = eventLoop
    self.done = done
    request = ACSRequest(target: target)
    book = AnswerBook(model: options.model)
    password = options.password
    isFirstBoot = options.scenario == .firstBoot
    clockStart = clock
    connector = Connector(eventLoop: eventLoop)
    connector.remember(address, for: target)
    contexts = (0..<options.devices).map(options.context)
  }

  func time(of context: DeviceContext) -> ReadingTime {
    let elapsed = (NIODeadline.now() - start).nanoseconds / 1_000_000_000
    let bootedFor = isFirstBoot ? 30 : Int64(context.seed % 1_000_000)
    return ReadingTime(uptime: bootedFor + elapsed, clock: clockStart + elapsed)
  }

  // MARK: Arrivals

  private func begin() {
    start = .now() + .milliseconds(10)
    let bound = NIOLoopBound(self, eventLoop: eventLoop)
    eventLoop.scheduleTask(deadline: start + warmUp) { bound.value.startMeasuring() }
    if let duration = options.duration, !isFirstBoot {
      eventLoop.scheduleTask(deadline: start + warmUp + .nanoseconds(Int64(duration * 1e9))) {
        bound.value.stopMeasuring()
      }
    }
    sweep = eventLoop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { _ in
      bound.value.closeSilentSessions()
    }
    scheduleArrival()
  }

  private var warmUp: TimeAmount { .nanoseconds(Int64(options.warmUp * 1e9)) }

  private func intended(_ index: Int) -> NIODeadline { start + .nanoseconds(schedule.times[index]) }

  private func scheduleArrival() {
    guard next < schedule.times.count else { return finishIfDone() }
    let bound = NIOLoopBound(self, eventLoop: eventLoop)
    let moment = max(intended(next), NIODeadline.now() + Self.tick)
    eventLoop.scheduleTask(deadline: moment) { bound.value.arrive() }
  }

  private func arrive() {
    let now = NIODeadline.now()
    while next < schedule.times.count, intended(next) <= now {
      waiting.append(next)
      next += 1
    }
    startWaiting()
    scheduleArrival()
  }

  private func startWaiting() {
    while waitingHead < waiting.count, open.count < options.connections {
      let index = waiting[waitingHead]
      waitingHead += 1
      startSession(index)
    }
    if waitingHead > 4096 {
      waiting.removeFirst(waitingHead)
      waitingHead = 0
    }
  }

  private func startSession(_ index: Int) {
    let intended = intended(index)
    if isMeasured(intended) {
      let lateness = (NIODeadline.now() - intended).nanoseconds
      maximumLateness = max(maximumLateness, lateness)
      if lateness > 1_000_000 { lateStarts += 1 }
    }
    let session = LoadSession(
      context: contexts[index % contexts.count], intendedStart: intended, run: self)
    open[ObjectIdentifier(session)] = session
    session.start()
  }

  private func isMeasured(_ intended: NIODeadline) -> Bool { intended >= start + warmUp }

  func ended(_ session: LoadSession, _ ending: LoadSession.Ending) {
    open[ObjectIdentifier(session)] = nil
    ended += 1
    if isMeasured(session.intendedStart) {
      measured += 1
      requestsAnswered += session.requestsAnswered
      switch ending {
      case .succeeded:
        succeeded += 1
        latencies.record(nanoseconds: (NIODeadline.now() - session.intendedStart).nanoseconds)
      case .failed(let kind): errors[kind, default: 0] += 1
      }
    }
    startWaiting()
    finishIfDone()
  }

  private func closeSilentSessions() {
    let limit = NIODeadline.now() - Self.responseTimeout
    for session in open.values where session.lastActivity < limit { session.timedOut() }
  }

  // MARK: Measuring

  private func read() -> CPUReading {
    CPUReading(
      moment: .now(), acsd: options.acsdPID.flatMap { try? accounting.nanoseconds(of: $0) },
      postgres: options.postgresPID.flatMap { try? accounting.nanosecondsOfFamily($0) },
      simulator: try? accounting.nanoseconds(of: getpid()), ended: ended)
  }

  private func startMeasuring() {
    if before == nil { before = read() }
  }

  private func stopMeasuring() {
    if after == nil { after = read() }
    finishIfDone()
  }

  private func finishIfDone() {
    guard next == schedule.times.count, open.isEmpty, waitingHead == waiting.count else { return }
    if isFirstBoot, after == nil {
      startMeasuring()
      after = read()
    }
    guard let before, let after else { return }
    done.succeed(report(before, after))
  }

  private func report(_ before: CPUReading, _ after: CPUReading) -> LoadReport {
    let seconds = Double((after.moment - before.moment).nanoseconds) / 1e9
    let sessions = Double(max(1, after.ended - before.ended))
    func perSession(_ path: KeyPath<CPUReading, Int64?>) -> Double? {
      guard let first = before[keyPath: path], let last = after[keyPath: path] else { return nil }
      return Double(last - first) / 1e6 / sessions
    }
    return LoadReport(
      scenario: options.scenario.rawValue, devices: options.devices,
      parametersPerDevice: options.model.parameterCount, rate: options.rate,
      achievedRate: Double(succeeded) / max(seconds, 0.001), sessions: measured,
      succeeded: succeeded, lateStarts: lateStarts, maximumLateness: Double(maximumLateness) / 1e6,
      measuredSeconds: seconds, errors: errors, latency: latencies.summary(),
      requestsAnswered: requestsAnswered, acsdMillisecondsPerSession: perSession(\.acsd),
      postgresMillisecondsPerSession: perSession(\.postgres),
      simulatorMillisecondsPerSession: perSession(\.simulator))
  }
}
