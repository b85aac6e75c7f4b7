import CWMP

/// The queue of transfers: one at a time is under way, the others wait for it or for their time.
extension SimulatedCPE {
  private static let fileTypes = [
    Download.firmwareUpgradeImage, "2 Web Content", "3 Vendor Configuration File",
    "6 Stored Firmware Image",
  ]

  // MARK: What the ACS asks

  mutating func accept(_ download: Download, _ now: Duration) throws(FaultDetail) {
    try check(fileType: download.fileType, url: download.url)
    try enqueue(
      Transfer(
        job: .download(download),
        stage: .waiting(from: now + .seconds(Double(download.delaySeconds)))))
  }

  mutating func accept(_ upload: Upload, _ now: Duration) throws(FaultDetail) {
    guard UploadFile(fileType: upload.fileType, in: tree) != nil else { throw .cpeInvalidArguments }
    try check(url: upload.url)
    try enqueue(
      Transfer(
        job: .upload(upload),
        stage: .waiting(from: now + .seconds(Double(upload.delaySeconds)))))
  }

  mutating func accept(_ download: ScheduleDownload, _ now: Duration) throws(FaultDetail) {
    try check(fileType: download.fileType, url: download.url)
    let windows = download.timeWindows.sorted { $0.start < $1.start }
    guard (1...2).contains(windows.count), windows.allSatisfy({ $0.start < $0.end }),
      windows.count < 2 || windows[0].end <= windows[1].start
    else { throw .cpeInvalidArguments }
    let modes = [
      ScheduleDownload.TimeWindow.atAnyTime, ScheduleDownload.TimeWindow.immediately,
      ScheduleDownload.TimeWindow.whenIdle, ScheduleDownload.TimeWindow.confirmationNeeded,
    ]
    guard windows.allSatisfy({ modes.contains($0.mode) && $0.maxRetries >= -1 }) else {
      throw .cpeInvalidArguments
    }
    var transfer = Transfer(job: .scheduled(download), stage: .waiting(from: now))
    transfer.windows = windows.map { window in
      Transfer.Window(
        start: now + .seconds(Double(window.start)), end: now + .seconds(Double(window.end)),
        retries: window.maxRetries < 0 ? Transfer.usualRetries : window.maxRetries)
    }
    transfer.stage = .waiting(from: transfer.windows[0].start)
    try enqueue(transfer)
  }

  private func check(fileType: String, url: String) throws(FaultDetail) {
    guard Self.fileTypes.contains(fileType) || fileType.hasPrefix("X ") else {
      throw .cpeInvalidArguments
    }
    try check(url: url)
  }

  private func check(url: String) throws(FaultDetail) {
    let lowered = url.lowercased()
    guard lowered.hasPrefix("http://") || lowered.hasPrefix("https://") else {
      throw .cpeUnsupportedProtocol
    }
    guard HTTPTarget(url) != nil else { throw .cpeInvalidArguments }
  }

  private mutating func enqueue(_ transfer: Transfer) throws(FaultDetail) {
    guard transfers.count < Self.maximumTransfers else { throw .cpeResourcesExceeded }
    transfers.append(transfer)
  }

  /// Takes back what has not begun; throws 9021 if a transfer with that key is under way (TR-069 A.4.1.8).
  mutating func cancelTransfers(_ commandKey: String) throws(FaultDetail) {
    let isUnderWay = transfers.contains {
      if case .waiting = $0.stage { return false }
      return $0.commandKey == commandKey
    }
    guard !isUnderWay else { throw .cpeCancelNotPermitted }
    transfers.removeAll { $0.commandKey == commandKey }
  }

  var queuedTransfers: [QueuedTransfer] { transfers.map(\.queued) }

  // MARK: Time

  /// The transfer that does not just wait.
  private var activeIndex: Int? {
    transfers.firstIndex {
      if case .waiting = $0.stage { return false }
      return true
    }
  }

  var transferDeadline: Duration? {
    if let activeIndex {
      guard case .flashing(let until, _) = transfers[activeIndex].stage else { return nil }
      return until
    }
    return transfers.compactMap {
      if case .waiting(let from) = $0.stage { return from }
      return nil
    }.min()
  }

  mutating func advanceTransfers(_ now: Duration) -> [Effect] {
    if let index = activeIndex {
      guard case .flashing(let until, let image) = transfers[index].stage, now >= until else {
        return []
      }
      return flashed(transfers.remove(at: index), image, now)
    }
    dropMissedWindows(now)
    let due = transfers.firstIndex {
      if case .waiting(let from) = $0.stage { return now >= from }
      return false
    }
    guard let due else { return [] }
    transfers[due].stage = .moving
    transfers[due].startTime = DateTimeText.format(readingTime(now).clock)
    if case .upload(let upload) = transfers[due].job {
      guard let file = UploadFile(fileType: upload.fileType, in: tree) else {
        return failed(transfers.remove(at: due), .cpeUploadFailure, now)
      }
      return [
        .note(.uploading(upload.url)), .store(upload, contents: file.contents(of: self, now)),
      ]
    }
    guard let download = transfers[due].download else { return [] }
    return [.note(.downloading(download.url)), .fetch(download)]
  }

  /// A download whose last window has passed unused has failed.
  private mutating func dropMissedWindows(_ now: Duration) {
    for index in transfers.indices.reversed() {
      guard case .waiting = transfers[index].stage, !transfers[index].windows.isEmpty else {
        continue
      }
      transfers[index].windows.removeAll { now >= $0.end }
      guard let window = transfers[index].windows.first else {
        tellComplete(transfers.remove(at: index), .cpeOutsideTimeWindows, now)
        continue
      }
      if case .waiting(let from) = transfers[index].stage, from < window.start {
        transfers[index].stage = .waiting(from: window.start)
      }
    }
  }

  // MARK: What the environment tells

  /// The file that ``Effect/store(_:contents:)`` was about is there, or not.
  package mutating func uploadEnded(_ outcome: UploadOutcome, at now: Duration) -> [Effect] {
    guard let index = activeIndex, case .upload = transfers[index].job else { return [] }
    let transfer = transfers.remove(at: index)
    if let fault = outcome.fault ?? failure(.upload) { return failed(transfer, fault, now) }
    tellComplete(transfer, nil, now)
    return [.note(.uploaded)]
  }

  /// The file that ``Effect/fetch(_:)`` asked for has come, or not.
  package mutating func downloadEnded(_ outcome: DownloadOutcome, at now: Duration) -> [Effect] {
    guard let index = activeIndex, transfers[index].stage == .moving,
      let download = transfers[index].download
    else { return [] }
    let isImage = [Download.firmwareUpgradeImage, "6 Stored Firmware Image"]
      .contains(download.fileType)
    var fault = outcome.fault(
      expectedSize: download.fileSize, model: isImage ? tree.model.productClass : nil)
    if fault == nil, random.happens(percent: behaviour.failDownload) {
      fault = .cpeDownloadIncomplete
    }
    if let fault = fault ?? failure(.download) { return downloadFailed(index, fault, now) }
    if let window = transfers[index].windows.first, now >= window.end {
      return failed(transfers.remove(at: index), .cpeOutsideTimeWindows, now)
    }
    guard isImage, case .received(_, _, let image?) = outcome else {
      tellComplete(transfers.remove(at: index), nil, now)
      return []
    }
    guard download.fileType == Download.firmwareUpgradeImage else {
      tree.change(
        tree.model.path("DeviceInfo.FirmwareImage.2.Version"), to: image.version,
        at: readingTime(now))
      tellComplete(transfers.remove(at: index), nil, now)
      return []
    }
    let time = Double.random(in: behaviour.flashTime, using: &random)
    transfers[index].stage = .flashing(until: now + .seconds(time), image)
    return [.note(.flashing(version: image.version))]
  }

  /// A scheduled download is tried again while its window and the ACS allow it.
  private mutating func downloadFailed(_ index: Int, _ fault: FaultDetail, _ now: Duration)
    -> [Effect]
  {
    guard let window = transfers[index].windows.first, window.retries > 0,
      now + Transfer.retryWait < window.end
    else { return failed(transfers.remove(at: index), fault, now) }
    transfers[index].windows[0].retries -= 1
    transfers[index].stage = .waiting(from: now + Transfer.retryWait)
    return [.note(.downloadFailed(fault))]
  }

  private mutating func failed(_ transfer: Transfer, _ fault: FaultDetail, _ now: Duration)
    -> [Effect]
  {
    tellComplete(transfer, fault, now)
    if case .upload = transfer.job { return [.note(.uploadFailed(fault))] }
    return [.note(.downloadFailed(fault))]
  }

  private mutating func flashed(_ transfer: Transfer, _ image: FirmwareImage, _ now: Duration)
    -> [Effect]
  {
    var effects: [Effect] = []
    if !random.happens(percent: behaviour.failFlash) {
      let time = readingTime(now)
      tree.change(
        tree.model.path("DeviceInfo.SoftwareVersion"), to: image.version, at: time)
      tree.change(
        tree.model.path("DeviceInfo.FirmwareImage.1.Version"), to: image.version, at: time)
      effects.append(.note(.upgraded(version: image.version)))
    }
    if !random.happens(percent: behaviour.neverTransferComplete) {
      tellComplete(transfer, nil, now)
    }
    return effects + shutDown(now)
  }

  private mutating func tellComplete(
    _ transfer: Transfer, _ fault: FaultDetail?, _ now: Duration
  ) {
    guard !quirks.contains(.downloadWithoutReport) else { return }
    let complete = DateTimeText.format(readingTime(now).clock)
    report(
      .transferComplete(
        TransferComplete(
          commandKey: transfer.commandKey, fault: fault, startTime: transfer.startTime,
          completeTime: fault == nil ? complete : unknownTime)),
      [
        Event(Event.transferComplete),
        Event(transfer.methodEvent, commandKey: transfer.commandKey),
      ], now)
  }

  /// The fault that the person has ordered for this case, if it is to happen now.
  mutating func failure(_ subject: Failure.Subject) -> FaultDetail? {
    for failure in behaviour.failures where failure.subject == subject {
      if random.happens(percent: failure.percent) { return failure.fault }
    }
    return nil
  }
}
