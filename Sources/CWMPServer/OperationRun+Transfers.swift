import CWMP
import Fleet

/// Transfers of files and changes of software.
extension OperationRun {
  mutating func begin(_ download: DownloadOrder) -> Step {
    // A CPE lets take effect what it has fetched (TR-069 A.3.2.8); none can be told to wait for another order.
    guard download.stage != .load else {
      return finish(
        .failed(
          OperationFault(
            code: OperationFault.unsupportedCode,
            text: "With CWMP a device starts what it has loaded; it can't only load it.")))
    }
    let file: RemoteFile
    if let remote = download.remote {
      file = remote
    } else if let source = context.sources[download.file] {
      file = RemoteFile(url: source.url, size: Int64(clamping: source.size))
    } else {
      return finish(.failed(.notStored(download.file)))
    }
    let size = UInt64(clamping: file.size)
    guard download.windows.isEmpty else {
      return order(
        .scheduleDownload(
          ScheduleDownload(
            commandKey: context.commandKey, fileType: download.fileType, url: file.url,
            username: file.username, password: file.password, fileSize: size,
            targetFileName: download.targetFileName,
            timeWindows: download.windows.map(ScheduleDownload.TimeWindow.init))))
    }
    return order(
      .download(
        Download(
          commandKey: context.commandKey, fileType: download.fileType, url: file.url,
          username: file.username, password: file.password, fileSize: size,
          targetFileName: download.targetFileName, delaySeconds: UInt32(clamping: download.delay),
          successURL: download.successURL, failureURL: download.failureURL)))
  }

  mutating func begin(_ upload: UploadOrder) -> Step {
    guard let place = upload.remote ?? context.destination.map({ RemoteFile(url: $0) }) else {
      return finish(
        .failed(
          OperationFault(
            code: OperationFault.noFileCode, text: "This server takes no files of devices.")))
    }
    return order(
      .upload(
        Upload(
          commandKey: context.commandKey, fileType: upload.fileType, url: place.url,
          username: place.username, password: place.password,
          delaySeconds: UInt32(clamping: upload.delay))))
  }

  mutating func begin(_ changes: [SoftwareChange]) -> Step {
    var operations: [ChangeDUState.Operation] = []
    for change in changes {
      switch change {
      case .install(let source, let uuid, let environment):
        guard let file = remote(source) else { return finish(.failed(.notStored(source.file))) }
        operations.append(
          .install(
            ChangeDUState.Install(
              url: file.url, uuid: uuid, username: file.username, password: file.password,
              executionEnvRef: environment)))
      case .update(let uuid, let version, let source):
        var update = ChangeDUState.Update(uuid: uuid, version: version)
        if let source {
          guard let file = remote(source) else { return finish(.failed(.notStored(source.file))) }
          update.url = file.url
          update.username = file.username
          update.password = file.password
        }
        operations.append(.update(update))
      case .uninstall(let uuid, let version, let environment):
        operations.append(
          .uninstall(
            ChangeDUState.Uninstall(uuid: uuid, version: version, executionEnvRef: environment)))
      }
    }
    return order(
      .changeDUState(ChangeDUState(operations: operations, commandKey: context.commandKey)))
  }

  private func remote(_ source: SoftwareSource) -> RemoteFile? {
    switch source {
    case .remote(let file): file
    case .stored(let file): context.sources[file].map { RemoteFile(url: $0.url) }
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
}

extension ScheduleDownload.TimeWindow {
  fileprivate init(_ window: TransferWindow) {
    let mode =
      switch window.mode {
      case .anyTime: Self.atAnyTime
      case .immediately: Self.immediately
      case .whenIdle: Self.whenIdle
      case .confirmationNeeded: Self.confirmationNeeded
      }
    self.init(
      start: UInt32(clamping: window.start), end: UInt32(clamping: window.end), mode: mode,
      userMessage: window.userMessage,
      maxRetries: window.maxRetries.map(Int32.init(clamping:)) ?? -1)
  }
}
