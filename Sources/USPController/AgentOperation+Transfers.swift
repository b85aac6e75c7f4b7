import Fleet
import USP

/// Transfers of files and changes of software.
///
/// How they end, the agent reports (TransferComplete!, DUStateChange!, OperationComplete).
extension AgentOperation {
  nonisolated(nonsending) func download(_ order: DownloadOrder) async -> Outcome {
    let file: RemoteFile
    if let remote = order.remote {
      file = remote
    } else if let source = context.sources[order.file] {
      file = RemoteFile(url: source.url, size: Int64(clamping: source.size))
    } else {
      return .failed(.notStored(order.file))
    }
    var arguments = ["URL": file.url]
    if !file.username.isEmpty { arguments["Username"] = file.username }
    if !file.password.isEmpty { arguments["Password"] = file.password }
    if file.size > 0 { arguments["FileSize"] = "\(file.size)" }
    if order.remote == nil {
      arguments["CheckSumAlgorithm"] = "SHA-256"
      arguments["CheckSum"] = order.file
    }
    guard order.fileType == DownloadOrder.firmwareUpgradeImage else {
      guard order.fileType.hasPrefix("3 Vendor Configuration File"), order.windows.isEmpty else {
        return .failed(.untransferable(order.fileType))
      }
      arguments["Username"] = file.username
      arguments["Password"] = file.password
      return await transfer(
        table: "VendorConfigFile", number: nil, command: "Restore()", arguments)
    }
    // What is to be activated later is activated by a command of its own, once it has been loaded.
    arguments["AutoActivate"] = order.isStartedApart ? "false" : "true"
    let images: [FirmwareImage]
    switch await firmwareImages() {
    case .success(let found): images = found
    case .failure(let refusal): return refusal.outcome
    }
    guard !images.isEmpty else {
      return .failed(
        OperationFault(
          code: OperationFault.unsupportedCode,
          text: "The agent shows no firmware image in Device.DeviceInfo.FirmwareImage."))
    }
    if order.stage == .start, let outcome = await start(order, among: images) { return outcome }
    guard let image = FirmwareImage.target(among: images) else {
      return .failed(
        OperationFault(
          uspCode: USPErrorCode.resourcesExceeded.rawValue,
          text: "The agent is loading another firmware into its spare image."))
    }
    // An agent with one image can't keep another beside it.
    guard !image.isActive || !order.isStartedApart else {
      return .failed(
        OperationFault(
          code: OperationFault.unsupportedCode,
          text: """
            The agent has one firmware image and starts what is loaded into it at once; order the download without windows, \
            without a delay, and not only to be loaded.
            """))
    }
    return await self.order(image.path + "Download()", arguments, waitingFor: .transfer)
  }

  /// Lets the agent start the firmware that an order before has loaded.
  ///
  /// - Returns: nil where the agent does not have it any more, or does not start it: it is to be loaded anew.
  private nonisolated(nonsending) func start(
    _ order: DownloadOrder, among images: [FirmwareImage]
  ) async -> Outcome? {
    if images.contains(where: { $0.isActive && $0.version == order.expectedVersion }) {
      return .done(OperationResult(version: order.expectedVersion))
    }
    guard
      let image = images.first(where: {
        !$0.isActive && $0.status == "Available" && $0.version == order.expectedVersion
      })
    else { return nil }
    switch await operate(image.path + "Activate()") {
    // The version that the agent reports after its boot tells the rest.
    case .ended, .goesOn: return .done(OperationResult())
    case .not(.failed): return nil
    case .not(let outcome): return outcome
    }
  }

  /// Lets the agent start the firmware that it has loaded.
  ///
  /// - Parameters:
  ///   - elapsed: seconds since the order, from which its windows count.
  ///   - path: that of the image.
  nonisolated(nonsending) func activate(
    _ order: DownloadOrder, image path: String, elapsed: Double
  ) async -> Taken {
    var arguments: [String: String] = [:]
    let windows = order.activationWindows.filter { Double($0.end) > elapsed }
    guard !windows.isEmpty else {
      return .not(
        .failed(
          OperationFault(
            code: OperationFault.expiredCode,
            text: """
              The firmware was loaded after the last window in which it might be started; order it again with later windows.
              """)))
    }
    for (index, window) in windows.enumerated() {
      let name = "TimeWindow.\(index + 1)."
      arguments[name + "Start"] = "\(max(0, window.start - Int(elapsed)))"
      arguments[name + "End"] = "\(max(1, window.end - Int(elapsed)))"
      arguments[name + "Mode"] = window.mode.commandWord
      if !window.userMessage.isEmpty { arguments[name + "UserMessage"] = window.userMessage }
      arguments[name + "MaxRetries"] = "\(window.maxRetries ?? -1)"
    }
    return await operate(path + "Activate()", arguments)
  }

  nonisolated(nonsending) func firmwareImages() async -> Result<[FirmwareImage], AgentRefusal> {
    switch await read(["Device.DeviceInfo.FirmwareImage.", "Device.DeviceInfo.ActiveFirmwareImage"])
    {
    case .success(let values): .success(FirmwareImage.all(in: values))
    case .failure(let refusal): .failure(refusal)
    }
  }

  nonisolated(nonsending) func upload(_ order: UploadOrder) async -> Outcome {
    guard let place = order.remote ?? context.destination.map({ RemoteFile(url: $0) }) else {
      return .failed(
        OperationFault(
          code: OperationFault.noFileCode, text: "This server takes no files of devices."))
    }
    // These commands have to be told a name and a password, be they empty.
    let arguments = [
      "URL": place.url, "Username": place.username, "Password": place.password,
    ]
    let number = order.fileType.split(separator: " ").last.flatMap { Int($0) }
    if order.fileType.contains("Vendor Configuration File") {
      return await transfer(
        table: "VendorConfigFile", number: number, command: "Backup()", arguments)
    }
    if order.fileType.contains("Vendor Log File") {
      return await transfer(table: "VendorLogFile", number: number, command: "Upload()", arguments)
    }
    return .failed(.untransferable(order.fileType))
  }

  /// Runs a command of a row of a table of DeviceInfo; of the first one where the order does not say which.
  private nonisolated(nonsending) func transfer(
    table: String, number: Int?, command: String, _ arguments: [String: String]
  ) async -> Outcome {
    let tablePath = "Device.DeviceInfo.\(table)."
    if let number {
      return await order("\(tablePath)\(number).\(command)", arguments, waitingFor: .transfer)
    }
    var request = USPGetInstances()
    request.objPaths = [tablePath]
    request.firstLevelOnly = true
    let answer = await ask(.getInstances(request))
    guard case .response(.getInstancesResp(let response)) = answer else {
      return answer.outcome(of: "GetInstances")
    }
    let rows = response.reqPathResults.flatMap(\.currInsts).map(\.instantiatedObjPath)
    guard
      let row = rows.min(by: {
        $0.utf8.count == $1.utf8.count ? $0 < $1 : $0.utf8.count < $1.utf8.count
      })
    else {
      return .failed(
        OperationFault(
          uspCode: USPErrorCode.objectDoesNotExist.rawValue,
          text: "The agent has no row in \(tablePath)"))
    }
    return await order(row + command, arguments, waitingFor: .transfer)
  }

  // MARK: - Transfers that go on

  /// Rows of the agent's table of commands.
  nonisolated(nonsending) func requests() async -> Result<[AgentRequest], AgentRefusal> {
    await read([AgentRequest.table]).map(AgentRequest.all)
  }

  nonisolated(nonsending) func cancelTransfer(_ key: String) async -> Outcome {
    switch await requests() {
    case .failure(let refusal): return refusal.outcome
    case .success(let rows):
      guard let row = rows.first(where: { $0.commandKey == key }) else {
        return .failed(
          OperationFault(
            code: OperationFault.transferEndedCode,
            text: "The agent is at no command with the key \(key)."))
      }
      switch await operate(row.path + "Cancel()") {
      case .ended, .goesOn: return .done(OperationResult())
      case .not(let outcome): return outcome
      }
    }
  }

  nonisolated(nonsending) func listTransfers(_ onlyOrdered: Bool) async -> Outcome {
    switch await requests() {
    case .failure(let refusal): return refusal.outcome
    case .success(let rows):
      let transfers = rows.compactMap { row -> PendingTransfer? in
        let command = row.command
        let isDownload = command.hasSuffix("Download()") || command.hasSuffix("Restore()")
        guard isDownload || command.hasSuffix("Upload()") || command.hasSuffix("Backup()") else {
          return nil
        }
        guard !onlyOrdered || !row.commandKey.isEmpty else { return nil }
        let state: PendingTransfer.State =
          switch row.status {
          case .requested: .notStarted
          case .active: .inProgress
          case .canceling, .canceled, .success, .error: .finishing
          case nil: .unknown
          }
        return PendingTransfer(commandKey: row.commandKey, state: state, isDownload: isDownload)
      }
      return .done(OperationResult(transfers: transfers))
    }
  }

  // MARK: - Software modules

  /// Orders the first change that is not made yet; its report leads to the next one.
  nonisolated(nonsending) func change(_ changes: [SoftwareChange]) async -> Outcome {
    let made = context.changesMade
    guard made.count < changes.count else { return .done(OperationResult(software: made)) }
    switch changes[made.count] {
    case .install(let source, let uuid, let environment):
      guard let file = remote(source) else { return .failed(.notStored(source.file)) }
      var arguments = Self.arguments(for: file)
      if !uuid.isEmpty { arguments["UUID"] = uuid }
      if !environment.isEmpty {
        arguments["ExecutionEnvRef"] =
          environment.hasSuffix(".") ? String(environment.dropLast()) : environment
      }
      return await order(
        "Device.SoftwareModules.InstallDU()", arguments, waitingFor: .software)
    case .update(let uuid, let version, let source):
      var arguments: [String: String] = [:]
      if let source {
        guard !uuid.isEmpty else {
          return .failed(
            OperationFault(
              code: OperationFault.unsupportedCode,
              text: """
                USP has modules updated that are named, not those that came from some source; order the update with the \
                module's UUID.
                """))
        }
        guard let file = remote(source) else { return .failed(.notStored(source.file)) }
        arguments = Self.arguments(for: file)
      }
      return await order(
        Self.deploymentUnit(uuid, version) + "Update()", arguments, waitingFor: .software)
    case .uninstall(let uuid, let version, _):
      return await order(
        Self.deploymentUnit(uuid, version) + "Uninstall()", waitingFor: .software)
    }
  }

  /// The rows of a module, by a search.
  private static func deploymentUnit(_ uuid: String, _ version: String) -> String {
    func condition(_ name: String, _ value: String) -> String {
      let encoded = value.replacing("%", with: "%25").replacing("\"", with: "%22")
      return "\(name)==\"\(encoded)\""
    }
    var conditions: [String] = []
    if !uuid.isEmpty { conditions.append(condition("UUID", uuid)) }
    if !version.isEmpty { conditions.append(condition("Version", version)) }
    let row = conditions.isEmpty ? "*" : "[\(conditions.joined(separator: "&&"))]"
    return "Device.SoftwareModules.DeploymentUnit.\(row)."
  }

  private static func arguments(for file: RemoteFile) -> [String: String] {
    var arguments = ["URL": file.url]
    if !file.username.isEmpty { arguments["Username"] = file.username }
    if !file.password.isEmpty { arguments["Password"] = file.password }
    return arguments
  }

  private func remote(_ source: SoftwareSource) -> RemoteFile? {
    switch source {
    case .remote(let file): file
    case .stored(let file): context.sources[file].map { RemoteFile(url: $0.url) }
    }
  }
}

/// A row of Device.DeviceInfo.FirmwareImage.
struct FirmwareImage: Equatable {
  var path: String
  var status: String
  var version: String
  var isActive: Bool

  /// - Parameter values: by full path; those of the rows, and ActiveFirmwareImage.
  static func all(in values: [String: String]) -> [FirmwareImage] {
    let table = "Device.DeviceInfo.FirmwareImage."
    let active = values["Device.DeviceInfo.ActiveFirmwareImage"] ?? ""
    let activePath = active.hasSuffix(".") ? active : active + "."
    var rows: [String: [String: String]] = [:]
    for (path, value) in values where path.hasPrefix(table) {
      guard let (row, name) = path.splitAtLastDot, row != table else { continue }
      rows[row, default: [:]][name] = value
    }
    return rows.map { row, fields in
      FirmwareImage(
        path: row, status: fields["Status"] ?? "", version: fields["Version"] ?? "",
        isActive: row == activePath || active.isEmpty && fields["Status"] == "Active")
    }.sorted { $0.path < $1.path }
  }

  /// Where a new image goes: one that is not in use, rather an empty or broken one than one that could be returned to.
  static func target(among images: [FirmwareImage]) -> FirmwareImage? {
    let spare = images.filter {
      !$0.isActive && !["Downloading", "Validating"].contains($0.status)
    }
    return spare.first { $0.status != "Available" } ?? spare.first
      ?? (images.count == 1 ? images.first { $0.isActive } : nil)
  }
}

extension DownloadOrder {
  /// Whether the agent is to start the image only when it is told so.
  var isStartedApart: Bool { isActivatedApart || stage == .load }

  /// Whether the order has the image started by a command of its own once it is loaded: it says when the second may be.
  var isActivatedApart: Bool { !windows.isEmpty || delay > 0 }

  /// The windows in which the image may be started; seconds from the order.
  var activationWindows: [TransferWindow] {
    windows.isEmpty && delay > 0
      ? [TransferWindow(start: delay, end: delay + Self.activationSpan, mode: .immediately)]
      : windows
  }

  private static let activationSpan = 3_600
}

extension TransferWindow.Mode {
  /// As the arguments of commands have it.
  fileprivate var commandWord: String {
    switch self {
    case .anyTime: "AnyTime"
    case .immediately: "Immediately"
    case .whenIdle: "WhenIdle"
    case .confirmationNeeded: "ConfirmationNeeded"
    }
  }
}

extension SoftwareSource {
  fileprivate var file: String {
    switch self {
    case .stored(let file): file
    case .remote: ""
    }
  }
}

extension OperationFault {
  fileprivate static func notStored(_ file: String) -> OperationFault {
    OperationFault(code: noFileCode, text: "The file \(file) is not stored here.")
  }

  fileprivate static func untransferable(_ fileType: String) -> OperationFault {
    OperationFault(
      code: unsupportedCode, text: "USP has no command for files of the type “\(fileType)”.")
  }
}
