import Testing

@testable import Fleet

/// Orders whose end comes by report or by a later call: uploads, scheduled calls, software, measurements.
@Suite("Orders that end later")
struct OrderedReportTests {
  private static let now = 1_000_000.0
  private static let policy = TaskPolicy.standard
  private static let lost = OperationFault(code: "cwmp.9010", text: "lost", isTransient: true)

  private static func task(_ operation: Fleet.Operation, attempts: Int = 0, maxAttempts: Int = 2)
    -> DeviceTask
  {
    DeviceTask(
      id: 7, deviceID: 1, operation: operation, attempts: attempts, maxAttempts: maxAttempts,
      dueAt: now, deadline: now + 10_000)
  }

  private static func accepted(_ operation: Fleet.Operation, _ waitingFor: WaitingFor) -> DeviceTask
  {
    task(operation).started(session: 1, now: now)
      .after(.accepted(waitingFor), now: now, policy: policy, random: 0)
  }

  private static func contact(
    _ reasons: Contact.Reasons = .periodic, keys: [String] = [], session: Int64 = 2
  ) -> Contact {
    Contact(
      identity: DeviceIdentity(
        name: "a", manufacturer: "", oui: "", productClass: "", serialNumber: ""),
      protocolName: "test", root: "Device.", reasons: reasons, reasonTexts: [], values: [],
      commandKeys: keys, session: session, address: "", at: now)
  }

  private static func observe(_ task: DeviceTask, _ contact: Contact) -> DeviceTask? {
    task.observing(contact, softwareVersion: nil, now: now + 60, policy: policy)
  }

  // MARK: Uploads

  @Test func anUploadEndsWhenItsFileHasArrived() {
    let waiting = Self.accepted(.upload(UploadOrder(fileType: "x")), .transfer)
    #expect(waiting.observing(uploaded: "ab")?.result?.file == "ab")
    #expect(waiting.observing(uploaded: "ab")?.state == .done)
    let running = Self.task(.upload(UploadOrder(fileType: "x"))).started(session: 1, now: Self.now)
    #expect(running.observing(uploaded: "ab") == nil)
    // The session that ran it is over, or it is to be asked for again: nobody has seen the answer, but here is the file.
    #expect(running.observing(uploaded: "ab", session: 2)?.state == .done)
    let again = running.after(
      .interrupted(reason: "x"), now: Self.now, policy: Self.policy, random: 0)
    #expect(again.observing(uploaded: "ab")?.state == .done)
    #expect(Self.task(.upload(UploadOrder(fileType: "x"))).observing(uploaded: "ab") == nil)
    // A device that says that it has done it at once has still to be believed by its file.
    let early = running.after(
      .done(OperationResult()), now: Self.now, policy: Self.policy, random: 0)
    #expect(early.state == .waiting && early.waitingFor == .transfer)
  }

  @Test func theReportOfAnUploadTellsWhetherAFileCame() {
    let waiting = Self.accepted(.upload(UploadOrder(fileType: "x")), .transfer)
    func report(_ fault: OperationFault?, file: String?) -> DeviceTask? {
      waiting.observing(
        transfer: TransferReport(commandKey: "fl-7", fault: fault, file: file),
        softwareVersion: nil, now: Self.now, policy: Self.policy, random: 0)
    }
    #expect(report(nil, file: "ab")?.result?.file == "ab")
    // The last bytes may still be on their way.
    let late = report(nil, file: nil)
    #expect(late?.state == .waiting && late?.deadline == Self.now + Self.policy.fileWithin)
    #expect(late?.observing(uploaded: "ab")?.result?.file == "ab")
    let missed = late?.expired(now: Self.now + Self.policy.fileWithin)
    #expect(missed?.state == .failed && missed?.fault?.code == OperationFault.noFileCode)
    #expect(report(Self.lost, file: nil)?.state == .queued)
    let elsewhere = Self.accepted(
      .upload(UploadOrder(fileType: "x", remote: RemoteFile(url: "http://a/"))), .transfer)
    let done = elsewhere.observing(
      transfer: TransferReport(commandKey: ""), softwareVersion: nil, now: Self.now,
      policy: Self.policy, random: 0)
    #expect(done?.state == .done)
  }

  @Test func whatWasPutOffIsWaitedForLonger() {
    let at = Self.accepted(
      .download(DownloadOrder(file: "x", windows: [TransferWindow(start: 10, end: 7_000)])),
      .transfer)
    #expect(at.deadline == Self.now + Self.policy.transferWithin + 7_000)
    #expect(
      Self.accepted(.scheduleContact(delay: 90), .contact).deadline
        == Self.now + Self.policy.contactWithin + 90)
    #expect(
      Self.accepted(.upload(UploadOrder(fileType: "x", delay: 5)), .transfer).deadline
        == Self.now + Self.policy.transferWithin + 5)
  }

  // MARK: Scheduled calls

  @Test func aScheduledCallNamesItsOrder() {
    let waiting = Self.accepted(.scheduleContact(delay: 90), .contact)
    #expect(Self.observe(waiting, Self.contact(.scheduled, keys: ["fl-7"]))?.state == .done)
    #expect(Self.observe(waiting, Self.contact(.other, keys: ["fl-7"]))?.state == .done)
    // Some devices leave the key out.
    #expect(Self.observe(waiting, Self.contact(.scheduled))?.state == .done)
    #expect(Self.observe(waiting, Self.contact(.scheduled, keys: ["fl-8"])) == nil)
    #expect(Self.observe(waiting, Self.contact(.periodic)) == nil)
    #expect(Self.observe(waiting, Self.contact(.boot)) == nil)
  }

  // MARK: Software

  /// TR-069 A.4.1.10 and TR-369 R-SMM.1 let a device take a day.
  @Test func changesOfSoftwareHaveADay() {
    let waiting = Self.accepted(.changeSoftware([.update(uuid: "", version: "", nil)]), .software)
    #expect(waiting.state == .waiting)
    #expect(waiting.deadline > Self.now + 24 * 3_600)
  }

  @Test func oneFailedChangeFailsTheOrderAndAllResultsAreKept() {
    let waiting = Self.accepted(.changeSoftware([.update(uuid: "", version: "", nil)]), .software)
    let good = SoftwareResult(uuid: "a", version: "1", state: "Installed")
    let bad = SoftwareResult(
      uuid: "b", version: "1", state: "Failed",
      fault: OperationFault(code: "cwmp.9027", text: "full", isTransient: true))
    func report(_ results: [SoftwareResult]) -> DeviceTask? {
      waiting.observing(
        software: SoftwareReport(commandKey: "fl-7", results: results), now: Self.now,
        policy: Self.policy, random: 0)
    }
    #expect(report([good])?.state == .done)
    let failed = report([good, bad])
    #expect(failed?.state == .failed)
    #expect(failed?.fault?.code == "cwmp.9027")
    #expect(failed?.result?.software == [good, bad])
  }

  private static func one(_ results: [SoftwareResult]) -> SoftwareReport {
    SoftwareReport(commandKey: "fl-7", results: results, isWhole: false)
  }

  private static func observe(_ task: DeviceTask, _ report: SoftwareReport) -> DeviceTask? {
    task.observing(software: report, now: now + 60, policy: policy, random: 0)
  }

  private static let changes = Fleet.Operation.changeSoftware([
    .install(.stored(file: "f"), uuid: "a", environment: ""),
    .uninstall(uuid: "b", version: "1", environment: ""),
  ])

  @Test func changesAreMadeOneAfterTheOther() throws {
    let installed = SoftwareResult(uuid: "a", version: "2", state: "Installed")
    let next = try #require(
      Self.observe(Self.accepted(Self.changes, .software), Self.one([installed])))
    #expect(next.state == .queued && next.attempts == 0 && next.session == nil)
    #expect(next.changesMade == [installed])
    #expect(next.dueAt == Self.now + 60)
    #expect(next.deadline == Self.now + 60 + Self.policy.lifetime(of: .changeSoftware))
    // The report comes twice.
    #expect(Self.observe(next, Self.one([installed])) == nil)
    let waiting = next.started(session: 2, now: Self.now + 60)
      .after(.accepted(.software), now: Self.now + 60, policy: Self.policy, random: 0)
    #expect(waiting.changesMade == [installed])
    #expect(Self.observe(waiting, Self.one([installed])) == nil)
    // A device that says no more than that it is done.
    let done = try #require(Self.observe(waiting, Self.one([])))
    #expect(done.state == .done)
    #expect(
      done.result?.software == [
        installed, SoftwareResult(uuid: "b", version: "1", state: "Uninstalled"),
      ])
  }

  @Test func theFirstChangeThatFailsIsTheLast() throws {
    let installed = SoftwareResult(uuid: "a", version: "2", state: "Installed")
    let failed = SoftwareResult(
      uuid: "b", version: "1", state: "Failed",
      fault: OperationFault(code: "usp.7225", text: "not there"))
    let next = try #require(
      Self.observe(Self.accepted(Self.changes, .software), Self.one([installed])))
    let end = try #require(
      Self.observe(next.started(session: 2, now: Self.now + 60), Self.one([failed])))
    #expect(end.state == .failed && end.fault?.code == "usp.7225")
    #expect(end.result?.software == [installed, failed])
  }

  @Test func whatIsMadeIsKeptWhereTheNextChangeIsInterrupted() throws {
    let installed = SoftwareResult(uuid: "a", version: "2", state: "Installed")
    let next = try #require(
      Self.observe(Self.accepted(Self.changes, .software), Self.one([installed])))
    let again = next.started(session: 2, now: Self.now + 60)
      .after(.interrupted(reason: "x"), now: Self.now + 60, policy: Self.policy, random: 0)
    #expect(again.state == .queued && again.attempts == 1)
    #expect(again.changesMade == [installed])
  }

  // MARK: Delays

  @Test(arguments: [
    Fleet.Operation.upload(UploadOrder(fileType: "x", delay: 500)),
    .download(DownloadOrder(file: "f", fileType: "3 Vendor Configuration File", delay: 500)),
  ])
  func aDelayIsWaitedForOnce(operation: Fleet.Operation) throws {
    let started = Self.task(operation).started(session: 1, now: Self.now)
    let delayed = try #require(started.delayed(now: Self.now + 5, policy: Self.policy))
    #expect(delayed.state == .queued && delayed.attempts == 0 && delayed.session == nil)
    #expect(delayed.dueAt == Self.now + 505)
    #expect(delayed.deadline == Self.now + 505 + Self.policy.lifetime(of: operation.kind))
    #expect(
      delayed.hindrance(now: Self.now + 6, lastContact: nil, request: .none)
        == .postponed(until: Self.now + 505, try #require(delayed.fault)))
    let again = delayed.started(session: 2, now: Self.now + 505)
    #expect(again.state == .running && again.attempts == 1)
    #expect(again.delayed(now: Self.now + 505, policy: Self.policy) == nil)
    // What was lost before the delay was noted is delayed all the same; what was tried is not.
    let taken = started.started(session: 2, now: Self.now + 5)
    #expect(taken.attempts == 2)
    #expect(taken.delayed(now: Self.now + 5, policy: Self.policy) != nil)
    var tried = started
    tried.fault = Self.lost
    #expect(tried.delayed(now: Self.now + 5, policy: Self.policy) == nil)
    #expect(Self.task(operation).delayed(now: Self.now, policy: Self.policy) == nil)
  }

  @Test func whatHasNoDelayIsBegunAtOnce() {
    let started = Self.task(.upload(UploadOrder(fileType: "x"))).started(session: 1, now: Self.now)
    #expect(started.delayed(now: Self.now, policy: Self.policy) == nil)
  }

  @Test func reportsFindTheirTasks() {
    let upload = Self.accepted(.upload(UploadOrder(fileType: "x")), .transfer)
    var software = Self.accepted(
      .changeSoftware([.update(uuid: "", version: "", nil)]), .software)
    software.id = 8
    let agenda = Agenda(tasks: [upload, software], readDue: nil)
    #expect(agenda.match(TransferReport(commandKey: "fl-7"))?.id == 7)
    #expect(agenda.match(TransferReport(commandKey: ""))?.id == 7)
    #expect(agenda.match(TransferReport(commandKey: "fl-8")) == nil)
    #expect(agenda.match(software: SoftwareReport(commandKey: "fl-8", results: []))?.id == 8)
    #expect(agenda.match(software: SoftwareReport(commandKey: "", results: []))?.id == 8)
    #expect(agenda.match(software: SoftwareReport(commandKey: "fl-7", results: [])) == nil)
    let running = Agenda(
      tasks: [Self.task(Self.changes).started(session: 1, now: Self.now)], readDue: nil)
    #expect(running.match(software: SoftwareReport(commandKey: "", results: [])) == nil)
    #expect(
      running.match(software: SoftwareReport(commandKey: "", results: [], isWhole: false))?.id == 7)
  }

  // MARK: Measurements

  @Test func aMeasurementIsFetchedAtTheNextCallAndThatIsNoFurtherAttempt() throws {
    let waiting = Self.accepted(.diagnose(Diagnosis(.ping, host: "a")), .diagnosis)
    let ready = try #require(Self.observe(waiting, Self.contact(.diagnosticsComplete)))
    #expect(ready.state == .queued && ready.isReady && ready.attempts == 1)
    #expect(ready.deadline == waiting.deadline)
    let last = Self.accepted(.diagnose(Diagnosis(.ping, host: "a")), .diagnosis)
    var used = last
    used.maxAttempts = 1
    let fetching = try #require(Self.observe(used, Self.contact()))
      .started(session: 2, now: Self.now + 60)
    #expect(fetching.state == .running && fetching.attempts == 1)
    let done = fetching.after(
      .done(OperationResult(values: [])), now: Self.now + 61, policy: Self.policy, random: 0)
    #expect(done.state == .done && done.result == OperationResult(values: []))
  }

  @Test func onlyTheDevicesWordTellsAMeasurementFromAnOlderOne() throws {
    let waiting = Self.accepted(.diagnose(Diagnosis(.ping, host: "a")), .diagnosisReport)
    #expect(Self.observe(waiting, Self.contact()) == nil)
    #expect(Self.observe(waiting, Self.contact(.boot)) == nil)
    #expect(try #require(Self.observe(waiting, Self.contact(.diagnosticsComplete))).isReady)
    #expect(
      waiting.expired(now: waiting.deadline)?.fault?.text.contains("shows what it showed before")
        == true)
  }

  /// A device that never tells the end shows it by results that are not those from before.
  @Test func resultsMayBeComparedWithOlderOnesAtAnyCall() throws {
    var running = Self.task(.diagnose(Diagnosis(.ping, host: "a")))
      .started(session: 1, now: Self.now)
    running = running.remembering(olderResults: "digest")
    func accepted(_ task: DeviceTask) -> DeviceTask {
      task.after(.accepted(.diagnosisReport), now: Self.now, policy: Self.policy, random: 0)
    }
    var waiting = accepted(running)
    let deadline = waiting.deadline
    for call in 2...4 {
      #expect(waiting.state == .waiting && waiting.deadline == deadline)
      let ready = try #require(Self.observe(waiting, Self.contact()))
      #expect(ready.isReady && ready.result?.olderResults == "digest")
      let fetching = ready.started(session: Int64(call), now: Self.now + 60)
      #expect(fetching.attempts == 1)
      waiting = accepted(fetching.remembering(olderResults: "digest"))
    }
    // Its own word makes an end of comparing.
    let told = try #require(Self.observe(waiting, Self.contact(.diagnosticsComplete)))
    #expect(told.isReady && told.result?.olderResults == nil)
    // So does a state that no older measurement can have.
    let begun = try #require(Self.observe(waiting, Self.contact()))
      .started(session: 9, now: Self.now + 60)
      .after(.accepted(.diagnosis), now: Self.now + 61, policy: Self.policy, random: 0)
    #expect(begun.result?.olderResults == nil && begun.waitingFor == .diagnosis)
  }

  @Test func measurementsOfOneKindFollowEachOther() throws {
    let first = Self.accepted(.diagnose(Diagnosis(.ping, host: "a")), .diagnosis)
    var second = Self.task(.diagnose(Diagnosis(.ping, host: "b")))
    second.id = 8
    var other = Self.task(.diagnose(Diagnosis(.wifiNeighbors)))
    other.id = 9
    func next(_ tasks: [DeviceTask]) -> DeviceTask.ID? {
      guard
        case .task(let task) = Agenda(tasks: tasks, readDue: nil)
          .next(now: Self.now + 60, session: 2)
      else { return nil }
      return task.id
    }
    #expect(next([first, second]) == nil)
    #expect(next([first, second, other]) == 9)
    let ready = try #require(Self.observe(first, Self.contact()))
    #expect(next([ready, second]) == 7)
    #expect(next([second]) == 8)
  }

  @Test func aMeasurementThatIsNotReadyGetsNoMoreTime() throws {
    let waiting = Self.accepted(.diagnose(Diagnosis(.ping, host: "a")), .diagnosis)
    let again = try #require(Self.observe(waiting, Self.contact()))
      .started(session: 2, now: Self.now + 60)
      .after(.accepted(.diagnosis), now: Self.now + 61, policy: Self.policy, random: 0)
    #expect(again.state == .waiting && again.deadline == waiting.deadline)
    #expect(again.expired(now: waiting.deadline)?.state == .expired)
  }

  @Test func aSessionThatBreaksWhileFetchingIsNoReasonToMeasureAgain() throws {
    let waiting = Self.accepted(.diagnose(Diagnosis(.ping, host: "a")), .diagnosis)
    let broken = try #require(Self.observe(waiting, Self.contact()))
      .started(session: 2, now: Self.now + 60)
      .after(.interrupted(reason: "gone"), now: Self.now + 61, policy: Self.policy, random: 0)
    #expect(broken.state == .queued && broken.isReady)
  }
}
