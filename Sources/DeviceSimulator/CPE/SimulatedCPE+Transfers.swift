import CWMP

extension SimulatedCPE {
  mutating func advanceTransfer(_ now: Duration) -> [Effect] {
    guard let transfer = transfers.first else { return [] }
    switch transfer.stage {
    case .waiting(let from) where now >= from:
      transfers[0].stage = .fetching
      transfers[0].startTime = DateTimeText.format(readingTime(now).clock)
      return [.note(.downloading(transfer.download.url)), .fetch(transfer.download)]
    case .flashing(let until, let image) where now >= until:
      return flashed(transfer, image, now)
    default: return []
    }
  }

  /// The file that ``Effect/fetch(_:)`` asked for has come, or not.
  package mutating func downloadEnded(_ outcome: DownloadOutcome, at now: Duration) -> [Effect] {
    guard let transfer = transfers.first, transfer.stage == .fetching else { return [] }
    let isImage = transfer.download.fileType == Download.firmwareUpgradeImage
    if let fault = outcome.fault(
      expectedSize: transfer.download.fileSize, model: isImage ? tree.model.productClass : nil)
    {
      return failed(transfer, fault, now)
    }
    if random.happens(percent: behaviour.failDownload) {
      return failed(transfer, .cpeDownloadIncomplete, now)
    }
    guard isImage, case .received(_, _, let image?) = outcome else {
      transfers.removeFirst()
      report(transfer, nil, now)
      return []
    }
    let time = Double.random(in: behaviour.flashTime, using: &random)
    transfers[0].stage = .flashing(until: now + .seconds(time), image)
    return [.note(.flashing(version: image.version))]
  }

  private mutating func failed(_ transfer: Transfer, _ fault: FaultDetail, _ now: Duration)
    -> [Effect]
  {
    transfers.removeFirst()
    report(transfer, fault, now)
    return [.note(.downloadFailed(fault))]
  }

  private mutating func flashed(_ transfer: Transfer, _ image: FirmwareImage, _ now: Duration)
    -> [Effect]
  {
    transfers.removeFirst()
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
      report(transfer, nil, now)
    }
    return effects + shutDown(now)
  }

  private mutating func report(_ transfer: Transfer, _ fault: FaultDetail?, _ now: Duration) {
    reportCount += 1
    let complete = DateTimeText.format(readingTime(now).clock)
    reports.append(
      Report(
        number: reportCount,
        transfer: TransferComplete(
          commandKey: transfer.download.commandKey, fault: fault, startTime: transfer.startTime,
          completeTime: fault == nil ? complete : unknownTime)))
    add(Event(Event.transferComplete), delivery: .report(reportCount), now)
    add(
      Event(Event.methodDownload, commandKey: transfer.download.commandKey),
      delivery: .report(reportCount), now)
  }

  /// Queues a transfer; false if there are too many already.
  mutating func queue(_ download: Download, _ now: Duration) -> Bool {
    guard transfers.count < Self.maximumTransfers else { return false }
    transfers.append(
      Transfer(
        download: download, stage: .waiting(from: now + .seconds(Double(download.delaySeconds)))))
    return true
  }

  /// Takes back what has not begun; false if a transfer with that key is under way (TR-069 A.4.1.8).
  mutating func cancelTransfers(_ commandKey: String) -> Bool {
    let isUnderWay = transfers.contains {
      if case .waiting = $0.stage { return false }
      return $0.download.commandKey == commandKey
    }
    guard !isUnderWay else { return false }
    transfers.removeAll { $0.download.commandKey == commandKey }
    return true
  }

  var queuedTransfers: [QueuedTransfer] {
    transfers.map { transfer in
      let state =
        switch transfer.stage {
        case .waiting: 1
        case .fetching: 2
        case .flashing: 3
        }
      return QueuedTransfer(
        commandKey: transfer.download.commandKey, state: state,
        file: .init(
          isDownload: true, fileType: transfer.download.fileType,
          fileSize: transfer.download.fileSize,
          targetFileName: transfer.download.targetFileName))
    }
  }
}
