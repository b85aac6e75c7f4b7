import Testing

@testable import Fleet

/// Transcripts: what happens to a task, and what becomes of it.
@Suite("Transitions of tasks")
struct DeviceTaskTests {
  static let session: Int64 = 100
  static let file = OperationJSONTests.file
  let policy = TaskPolicy.standard

  static func task(
    _ operation: Fleet.Operation, id: Int64 = 7, maxAttempts: Int = 3, deadline: Double = 10_000
  ) -> DeviceTask {
    DeviceTask(
      id: id, deviceID: 1, operation: operation, maxAttempts: maxAttempts, dueAt: 0,
      deadline: deadline)
  }

  static func download(expecting version: String? = "2.0.0") -> DeviceTask {
    task(.download(DownloadOrder(file: file, expectedVersion: version)))
  }

  static func contact(
    _ reasons: Contact.Reasons = .periodic, keys: [String] = [], session: Int64 = 200
  ) -> Contact {
    Contact(
      identity: DeviceIdentity(
        name: "n", manufacturer: "m", oui: "o", productClass: "p", serialNumber: "s"),
      protocolName: "p", root: "Device.", reasons: reasons, reasonTexts: [], values: [],
      commandKeys: keys, session: session, address: "192.0.2.1", at: 0)
  }

  /// The device goes on with the version that it runs, so that there is none to wait for.
  @Test func whatIsOnlyLoadedIsDoneWithItsTransfer() {
    func task(_ stage: DownloadOrder.Stage) -> DeviceTask {
      accepted(
        Self.task(
          .download(DownloadOrder(file: Self.file, expectedVersion: "2.0.0", stage: stage))),
        .transfer)
    }
    func after(_ stage: DownloadOrder.Stage) -> DeviceTask? {
      let task = task(stage)
      return task.observing(
        transfer: TransferReport(commandKey: task.commandKey), softwareVersion: "1.0", now: 30,
        policy: policy, random: 0.5)
    }
    #expect(after(.load)?.state == .done)
    #expect(after(.start)?.waitingFor == .version)
    #expect(after(.whole)?.waitingFor == .version)
  }

  func running(_ task: DeviceTask, now: Double = 10) -> DeviceTask {
    task.started(session: Self.session, now: now)
  }

  func accepted(_ task: DeviceTask, _ waitingFor: WaitingFor, now: Double = 20) -> DeviceTask {
    running(task).after(.accepted(waitingFor), now: now, policy: policy, random: 0.5)
  }

  func interrupted(_ task: DeviceTask) -> DeviceTask {
    running(task).after(
      .interrupted(reason: "connection closed"), now: 20, policy: policy, random: 0.5)
  }

  @Test(arguments: [
    ("Device.DeviceInfo.FirmwareImage.2.Activate()", DeviceTask.State.done),
    ("Device.Reboot()", .done), ("Device.IP.Diagnostics.IPPing()", .failed),
    ("Device.X_V_Activate()", .failed),
  ])
  func aRestartEndsCommands(command: String, state: DeviceTask.State) {
    let task = accepted(Self.task(.command(CommandOrder(command: command))), .command)
    #expect(
      task.observing(Self.contact(.boot), softwareVersion: nil, now: 30, policy: policy)?.state
        == state)
    #expect(
      task.observing(Self.contact(), softwareVersion: nil, now: 30, policy: policy) == nil)
  }

  @Test(arguments: [
    ("Device.DeviceInfo.FirmwareImage.2.Activate()", true), ("Device.Reboot()", true),
    ("Device.FactoryReset()", true), ("Device.DeviceInfo.FirmwareImage.1.Download()", true),
    ("Device.IP.Diagnostics.IPPing()", false),
  ])
  func someCommandsWouldBreakAnUpgrade(command: String, isDisruptive: Bool) {
    #expect(Fleet.Operation.command(CommandOrder(command: command)).isDisruptive == isDisruptive)
  }

  // MARK: - Attempts

  @Test func startCountsTheAttempt() {
    let task = running(Self.task(.reboot))
    #expect(task.state == .running)
    #expect(task.attempts == 1)
    #expect(task.session == Self.session)
    #expect(task.started(session: Self.session, now: 11) == task)
  }

  @Test func anotherSessionTakesOver() {
    let task = running(Self.task(.reboot)).started(session: 101, now: 11)
    #expect(task.attempts == 2)
    #expect(task.session == 101)
  }

  @Test func nothingStartsTooLate() {
    let task = Self.task(.reboot, deadline: 10)
    #expect(task.started(session: 1, now: 10) == task)
  }

  @Test func success() {
    let result = OperationResult(values: [ResultValue(path: "A.B", value: "1", type: .int)])
    let task = running(Self.task(.get(paths: ["A."])))
      .after(.done(result), now: 20, policy: policy, random: 0.5)
    #expect(task.state == .done)
    #expect(task.result == result)
    #expect(task.session == nil)
  }

  @Test func lastingFaultEndsAtOnce() {
    let fault = OperationFault(code: "cwmp.9005", text: "Invalid parameter name")
    let task = running(Self.task(.get(paths: ["A."])))
      .after(.failed(fault), now: 20, policy: policy, random: 0.5)
    #expect(task.state == .failed)
    #expect(task.fault == fault)
    #expect(task.attempts == 1)
  }

  @Test func transientFaultIsRetriedUntilTheLastAttempt() {
    let fault = OperationFault(code: "cwmp.9002", text: "busy, come back", isTransient: true)
    var task = Self.task(.reboot)
    for (attempt, delay) in [(1, 2.5), (2, 5.0)] {
      task = running(task, now: 100).after(.failed(fault), now: 100, policy: policy, random: 0.5)
      #expect(task.state == .queued)
      #expect(task.attempts == attempt)
      #expect(task.dueAt == 100 + delay)
      #expect(task.fault == fault)
      #expect(task.session == nil)
    }
    task = running(task, now: 200).after(.failed(fault), now: 200, policy: policy, random: 0.5)
    #expect(task.state == .failed)
    #expect(task.attempts == 3)
    #expect(task.fault == fault)
  }

  @Test func successAfterRetryForgetsTheFault() {
    let task = running(interrupted(Self.task(.reboot)))
      .after(.done(OperationResult()), now: 30, policy: policy, random: 0)
    #expect(task.state == .done)
    #expect(task.fault == nil)
  }

  @Test func interruptionSaysSo() {
    var task = interrupted(Self.task(.get(paths: ["A."]), maxAttempts: 2))
    #expect(task.state == .queued)
    #expect(task.dueAt == 22.5)
    task = interrupted(task)
    #expect(task.state == .failed)
    #expect(task.fault?.code == OperationFault.interruptedCode)
    #expect(
      task.fault?.text
        == "The session was interrupted before the device answered: connection closed (attempt 2 of 2)."
    )
  }

  @Test func abandonedAfterTheLastAttempt() {
    let once = running(Self.task(.reboot, maxAttempts: 1))
    #expect(once.abandoned(session: Self.session) == nil)
    #expect(!once.isClaimable(session: 101))
    let failed = once.abandoned(session: 101)
    #expect(failed?.state == .failed)
    #expect(failed?.fault?.text.contains("a new session of the device began") == true)
    #expect(running(Self.task(.reboot, maxAttempts: 2)).abandoned(session: 101) == nil)
  }

  // MARK: - Restarts

  @Test func rebootWaitsForBoot() {
    let task = accepted(Self.task(.reboot), .boot)
    #expect(task.state == .waiting)
    #expect(task.waitingFor == .boot)
    #expect(task.deadline == 20 + policy.bootWithin)
    #expect(observed(task, Self.contact(.periodic)) == nil)
    for reasons: Contact.Reasons in [.boot, .bootstrap, [.boot, .periodic]] {
      let done = observed(task, Self.contact(reasons))
      #expect(done?.state == .done)
      #expect(done?.waitingFor == nil)
    }
    #expect(observed(task, Self.contact(.other, keys: ["x", "fl-7"]))?.state == .done)
    #expect(observed(task, Self.contact(.other, keys: ["fl-77"])) == nil)
  }

  @Test func interruptedRebootIsNotRepeated() {
    let queued = interrupted(Self.task(.reboot))
    #expect(observed(queued, Self.contact(.boot, keys: ["fl-7"]))?.state == .done)
    #expect(observed(queued, Self.contact(.boot))?.state == .done)
    #expect(observed(queued, Self.contact(.periodic)) == nil)
    let left = running(Self.task(.reboot))
    #expect(observed(left, Self.contact(.other, keys: ["fl-7"]))?.state == .done)
    #expect(observed(left, Self.contact(.boot, session: Self.session)) == nil)
  }

  @Test func rebootNeverSentIsNotDoneByABoot() {
    #expect(observed(Self.task(.reboot), Self.contact([.boot, .bootstrap])) == nil)
    #expect(observed(Self.task(.factoryReset), Self.contact([.boot, .bootstrap])) == nil)
  }

  @Test func factoryReset() {
    let task = accepted(Self.task(.factoryReset), .bootstrap)
    #expect(task.waitingFor == .bootstrap)
    #expect(observed(task, Self.contact(.periodic)) == nil)
    #expect(observed(task, Self.contact(.boot))?.state == .done)
    #expect(observed(task, Self.contact(.bootstrap))?.state == .done)
    let queued = interrupted(Self.task(.factoryReset))
    #expect(observed(queued, Self.contact(.boot)) == nil)
    #expect(observed(queued, Self.contact(.bootstrap))?.state == .done)
  }

  @Test func restartThatNeverComes() {
    let reboot = accepted(Self.task(.reboot), .boot)
    #expect(reboot.expired(now: reboot.deadline - 0.001) == nil)
    let expired = reboot.expired(now: reboot.deadline)
    #expect(expired?.state == .expired)
    #expect(expired?.waitingFor == nil)
    #expect(expired?.fault?.text == "The device accepted the reboot but reported no boot in time.")
  }

  // MARK: - Downloads

  @Test func downloadWithoutVersion() {
    let task = accepted(Self.download(expecting: nil), .transfer)
    #expect(task.deadline == 20 + policy.transferWithin)
    #expect(observed(task, Self.contact(.boot), version: "2.0.0") == nil)
    let done = reported(task)
    #expect(done?.state == .done)
    #expect(done?.result?.version == "1.0.0")
  }

  @Test func downloadWhoseReportBringsTheVersion() {
    let done = reported(accepted(Self.download(), .transfer), version: "2.0.0")
    #expect(done?.state == .done)
    #expect(done?.result == OperationResult(version: "2.0.0"))
  }

  @Test func downloadWhoseVersionComesLater() throws {
    let waiting = try #require(reported(accepted(Self.download(), .transfer), now: 500))
    #expect(waiting.state == .waiting)
    #expect(waiting.waitingFor == .version)
    #expect(waiting.deadline == 500 + policy.verifyWithin)
    #expect(observed(waiting, Self.contact(.boot), version: "1.0.0") == nil)
    #expect(observed(waiting, Self.contact(.boot), version: nil) == nil)
    let done = observed(waiting, Self.contact(.periodic), version: "2.0.0")
    #expect(done?.state == .done)
    #expect(done?.result?.version == "2.0.0")
    #expect(reported(waiting, fault: OperationFault(code: "c", text: "t")) == nil)
  }

  @Test func versionThatNeverComes() throws {
    let waiting = try #require(reported(accepted(Self.download(), .transfer), now: 500))
    #expect(waiting.expired(now: 1099) == nil)
    let failed = waiting.expired(now: 1100)
    #expect(failed?.state == .failed)
    #expect(failed?.fault?.code == OperationFault.versionCode)
    #expect(
      failed?.fault?.text == "The device still runs 1.0.0, not 2.0.0, 600 s after the transfer.")
    let other = observed(waiting, Self.contact(.boot), version: "1.5.0")
    #expect(
      other?.expired(now: 1100)?.fault?.text
        == "The device still runs 1.5.0, not 2.0.0, 600 s after the transfer.")
    let unknown = reported(accepted(Self.download(), .transfer), version: nil, now: 500)
    #expect(
      unknown?.expired(now: 1100)?.fault?.text
        == "The device did not report the version 2.0.0 within 600 s after the transfer.")
  }

  @Test func transferThatFails() {
    let task = accepted(Self.download(), .transfer)
    let lasting = OperationFault(code: "cwmp.9018", text: "signature")
    let failed = reported(task, fault: lasting)
    #expect(failed?.state == .failed)
    #expect(failed?.fault == lasting)
    let transient = OperationFault(code: "cwmp.9010", text: "no route", isTransient: true)
    let retried = reported(task, fault: transient, now: 100)
    #expect(retried?.state == .queued)
    #expect(retried?.waitingFor == nil)
    #expect(retried?.dueAt == 102.5)
    var last = Self.download()
    last.maxAttempts = 1
    let ended = reported(accepted(last, .transfer), fault: transient)
    #expect(ended?.state == .failed)
    #expect(ended?.fault == transient)
  }

  @Test func downloadThatIsNeverReported() {
    let task = accepted(Self.download(), .transfer)
    #expect(observed(task, Self.contact(.periodic), version: "2.0.0") == nil)
    #expect(observed(task, Self.contact(.boot), version: "1.0.0") == nil)
    #expect(observed(task, Self.contact([.boot, .transferComplete]), version: "2.0.0") == nil)
    #expect(observed(task, Self.contact(.boot), version: "2.0.0")?.state == .done)
    #expect(
      task.expired(now: task.deadline)?.fault?.text
        == "The device did not report the end of the transfer in time.")
  }

  @Test func interruptedDownloadIsReportedLater() {
    let queued = interrupted(Self.download())
    #expect(reported(queued, version: "2.0.0")?.state == .done)
    #expect(observed(queued, Self.contact(.boot), version: "2.0.0")?.state == .done)
    #expect(reported(Self.download(), version: "2.0.0") == nil)
    #expect(observed(Self.download(), Self.contact(.boot), version: "2.0.0") == nil)
  }

  @Test func downloadThatIsDoneAtOnce() {
    func outcome(_ task: DeviceTask, _ version: String?) -> DeviceTask {
      running(task)
        .after(.done(OperationResult(version: version)), now: 20, policy: policy, random: 0)
    }
    #expect(outcome(Self.download(expecting: nil), nil).state == .done)
    #expect(outcome(Self.download(), "2.0.0").state == .done)
    let waiting = outcome(Self.download(), nil)
    #expect(waiting.waitingFor == .version)
    #expect(waiting.deadline == 20 + policy.verifyWithin)
    #expect(observed(waiting, Self.contact(), version: "2.0.0")?.state == .done)
  }

  // MARK: - Ends

  @Test func expiry() {
    let queued = Self.task(.reboot)
    #expect(queued.expired(now: 9_999) == nil)
    #expect(queued.expired(now: 10_000)?.fault?.text == "The device did not call in time.")
    let putOff = Self.download().postponed(until: 9_000, because: "All are taken.")
    #expect(
      putOff.expired(now: 10_000)?.fault?.text
        == "The rollout had no place for the device when it called. Before: All are taken.")
    #expect(
      running(queued).expired(now: 10_000)?.fault?.text == "The device did not answer in time.")
    let fault = OperationFault(code: "cwmp.9002", text: "busy", isTransient: true)
    let retried = running(queued).after(.failed(fault), now: 20, policy: policy, random: 0)
    let expired = retried.expired(now: 10_000)
    #expect(expired?.state == .expired)
    #expect(expired?.fault?.code == OperationFault.expiredCode)
    #expect(
      expired?.fault?.text
        == "The time was over before another attempt (1 of 3 made). Before: busy")
  }

  @Test func cancellation() {
    let cancelled = accepted(Self.task(.reboot), .boot).cancelled()
    #expect(cancelled?.state == .cancelled)
    #expect(cancelled?.waitingFor == nil)
    #expect(cancelled?.cancelled() == nil)
  }

  // MARK: - Steps

  private func observed(_ task: DeviceTask, _ contact: Contact, version: String? = nil)
    -> DeviceTask?
  {
    task.observing(contact, softwareVersion: version, now: 50, policy: policy)
  }

  private func reported(
    _ task: DeviceTask, fault: OperationFault? = nil, version: String? = "1.0.0", now: Double = 50
  ) -> DeviceTask? {
    task.observing(
      transfer: TransferReport(commandKey: task.commandKey, fault: fault),
      softwareVersion: version, now: now, policy: policy, random: 0.5)
  }
}
