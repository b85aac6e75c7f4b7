import USP

/// FirmwareImage.{i}.Download() and Activate() (TR-181; TR-369, 13).
extension USPAgent {
  private static let deviceInfo = "Device.DeviceInfo."
  private static let imageTable = "Device.DeviceInfo.FirmwareImage."

  /// What a factory reset leaves as it is.
  static func firmwareParameters(_ tree: AgentTree) -> [String] {
    var paths = ["SoftwareVersion", "ActiveFirmwareImage", "BootFirmwareImage"].map {
      deviceInfo + $0
    }
    for row in tree.rows(at: imageTable) {
      paths += ["Version", "Status", "Available", "BootFailureLog"].map { row.path + $0 }
    }
    return paths
  }

  private var activeImage: String {
    (tree.value(Self.deviceInfo + "ActiveFirmwareImage") ?? "") + "."
  }

  mutating func setImage(_ image: String, status: String) {
    tree.set(image + "Status", to: status)
  }

  // MARK: Download

  func prepareDownload(
    to image: AgentTree.Place, _ arguments: [String: String]
  ) throws(USPFault) {
    guard HTTPTarget(arguments["URL"] ?? "") != nil else {
      throw USPFault(.invalidCommandArguments, "URL is no http:// or https:// URL")
    }
    guard ["", "SHA-256"].contains(arguments["CheckSumAlgorithm"] ?? "") else {
      throw USPFault(.invalidCommandArguments, "the agent checks SHA-256 alone")
    }
    guard UInt64(arguments["FileSize"] ?? "0") != nil else {
      throw USPFault(.invalidCommandArguments, "FileSize is a number of bytes")
    }
    guard !requests.contains(where: { $0.object == image.path }) else {
      throw USPFault(.resourcesExceeded, "the image is being changed")
    }
    // What runs can be replaced only by what is to run at once.
    if image.path == activeImage, !Self.isTrue(arguments["AutoActivate"]) {
      throw USPFault(.commandFailure, "the image is active")
    }
  }

  static func isTrue(_ text: String?) -> Bool { text == "true" || text == "1" }

  /// The file that ``Effect/fetch(_:)`` asked for has come, or not.
  package mutating func fetched(
    _ outcome: DownloadOutcome, for transfer: AgentTransfer, at now: Duration
  ) -> [Effect] {
    guard power == .on, let request = requests.first(where: { $0.row == transfer.request }),
      request.stage == .moving
    else { return [] }
    setTime(now)
    switch request.command.kind {
    case .download: imageFetched(outcome, request, now)
    case .restore: configurationFetched(outcome, request, now)
    default: unitFetched(outcome, request, now)
    }
    return finish(now)
  }

  private mutating func imageFetched(
    _ outcome: DownloadOutcome, _ request: RunningRequest, _ now: Duration
  ) {
    var failure = Self.failure(outcome, request, image: tree.context.productClass)
    if failure == nil, random.happens(percent: behaviour.failDownload) {
      failure = ("Download interrupted", "DownloadFailed")
    }
    if let failure {
      setImage(request.object, status: failure.status)
      fail(request, failure.text, now)
      return
    }
    guard case .received(_, _, let image?) = outcome else { return }
    setImage(request.object, status: "Validating")
    notes.append(.flashed(version: image.version))
    let time = Double.random(in: behaviour.flashTime, using: &random)
    change(request, to: .flashing(until: now + .seconds(time), image))
  }

  /// Why a file is of no use; nil for a good one.
  private static func failure(
    _ outcome: DownloadOutcome, _ request: RunningRequest, image model: String?
  ) -> (text: String, status: String)? {
    switch outcome {
    case .unreachable: return ("File server unreachable", "DownloadFailed")
    case .interrupted: return ("Download interrupted", "DownloadFailed")
    case .refused(let status): return ("File server answered \(status)", "DownloadFailed")
    case .received(let size, let sha256, let image):
      let expected = UInt64(request.argument("FileSize")) ?? 0
      guard expected == 0 || size == expected else {
        return ("File has \(size) bytes", "ValidationFailed")
      }
      let checksum = request.argument("CheckSum").lowercased()
      guard checksum.isEmpty || checksum == sha256.lowercased() else {
        return ("Checksum differs", "ValidationFailed")
      }
      guard let model else { return nil }
      return image?.model == model ? nil : ("File is no image for \(model)", "ValidationFailed")
    }
  }

  mutating func flashed(_ request: RunningRequest, _ image: FirmwareImage, _ now: Duration) {
    let isActive = request.object == activeImage
    tree.set(request.object + "Version", to: image.version)
    setImage(request.object, status: isActive ? "Active" : "Available")
    tree.set(request.object + "Available", to: "true")
    tellTransfer(request, "Download", fault: nil, now)
    complete(request, .success([:]), now)
    guard Self.isTrue(request.argument("AutoActivate")) else { return }
    restart("RemoteReboot", commandKey: request.commandKey, after: .seconds(1), now)
    restart?.image = request.object
  }

  // MARK: Activate

  func prepareActivation(of image: AgentTree.Place, _ arguments: [String: String])
    throws(USPFault)
  {
    guard ["Available", "Active"].contains(tree.value(image.path + "Status") ?? "") else {
      throw USPFault(.commandFailure, "there is no image that can be activated")
    }
    for number in 1...2 {
      let window = "TimeWindow.\(number)."
      guard arguments.keys.contains(where: { $0.hasPrefix(window) }) else { continue }
      guard let start = UInt32(arguments[window + "Start"] ?? ""),
        let end = UInt32(arguments[window + "End"] ?? ""), start < end,
        ["AnyTime", "Immediately", "WhenIdle", "ConfirmationNeeded"]
          .contains(arguments[window + "Mode"] ?? "")
      else { throw USPFault(.invalidCommandArguments, "TimeWindow.\(number) is none") }
    }
  }

  /// Until the first window lets it: at its start, or a little later where it may choose.
  mutating func activationWait(_ arguments: [String: String]) -> Duration {
    guard let start = Double(arguments["TimeWindow.1.Start"] ?? ""),
      let end = Double(arguments["TimeWindow.1.End"] ?? "")
    else { return .milliseconds(50) }
    guard arguments["TimeWindow.1.Mode"] != "Immediately" else { return .seconds(start) }
    return .seconds(start + Double.random(in: 0...min(5, end - start), using: &random))
  }

  mutating func activate(_ request: RunningRequest, _ now: Duration) {
    requests.removeAll { $0.row == request.row }
    if let earlier = restart?.activation {
      activated(earlier, USPFault(.commandFailure, "another image was activated since"), now)
    }
    restart("RemoteReboot", commandKey: request.commandKey, now)
    restart?.image = request.object
    restart?.activation = request
  }

  /// During a restart: the image that is to run does, or the old one still.
  mutating func runChosenImage(_ restart: Restart, _ now: Duration) {
    let chosen =
      restart.image ?? (tree.value(Self.deviceInfo + "BootFirmwareImage") ?? "") + "."
    let before = activeImage
    let version = tree.value(chosen + "Version") ?? ""
    guard tree.value(chosen + "Status") != nil, !version.isEmpty,
      chosen != before || version != tree.value(Self.deviceInfo + "SoftwareVersion")
    else {
      if let activation = restart.activation { activated(activation, nil, now) }
      return
    }
    setTime(now)
    if random.happens(percent: behaviour.failFlash) {
      setImage(chosen, status: "ActivationFailed")
      tree.set(chosen + "BootFailureLog", to: "image did not boot")
      notes.append(.notUpgraded(version: version))
      if let activation = restart.activation {
        activated(activation, USPFault(.commandFailure, "the image did not boot"), now)
      }
      return
    }
    if chosen != before { setImage(before, status: "Available") }
    setImage(chosen, status: "Active")
    tree.set(chosen + "BootFailureLog", to: "")
    tree.set(Self.deviceInfo + "SoftwareVersion", to: version)
    tree.set(Self.deviceInfo + "ActiveFirmwareImage", to: String(chosen.dropLast()))
    tree.set(Self.deviceInfo + "BootFirmwareImage", to: String(chosen.dropLast()))
    isFirmwareUpdated = true
    notes.append(.upgraded(version: version))
    if let activation = restart.activation { activated(activation, nil, now) }
  }

  /// The outcome of Activate() is told after the restart.
  private mutating func activated(
    _ request: RunningRequest, _ fault: USPFault?, _ now: Duration
  ) {
    tree.place(at: request.row).map { tree.removeRow($0) }
    guard !quirks.hidesActivation else { return }
    tellComplete(request, fault.map { .failure($0) } ?? .success([:]), now)
  }

  // MARK: TransferComplete!

  /// A transfer and with it the command have failed.
  mutating func fail(_ request: RunningRequest, _ text: String, _ now: Duration) {
    let fault = USPFault(.commandFailure, text)
    let isUpload = [.backup, .uploadLog].contains(request.command.kind)
    tellTransfer(request, isUpload ? "Upload" : "Download", fault: fault, now)
    complete(request, .failure(fault), now)
    notes.append(.transferFailed(text))
  }

  mutating func tellTransfer(
    _ request: RunningRequest, _ type: String, fault: USPFault?, _ now: Duration
  ) {
    let filter = tree.value(Self.controllerPath + "TransferCompletePolicy.ResultTypeFilter")
    guard !quirks.hidesTransfers, filter != (fault == nil ? "Failure" : "Success") else { return }
    tellEvent(
      "TransferComplete!", of: "Device.LocalAgent.",
      [
        "Command": request.object + request.command.name, "CommandKey": request.commandKey,
        "Requestor": tree.value(Self.controllerPath + "EndpointID") ?? "",
        "TransferType": type, "Affected": String(request.object.dropLast()),
        "TransferURL": request.argument("URL"),
        "StartTime": DateTimeText.format(request.startedAt),
        "CompleteTime": DateTimeText.format(tree.time.clock),
        "FaultCode": String(fault?.code.rawValue ?? 0), "FaultString": fault?.text ?? "",
        "CheckSumAlgorithm": request.argument("CheckSumAlgorithm"),
        "CheckSum": request.argument("CheckSum"),
      ], now)
  }
}
