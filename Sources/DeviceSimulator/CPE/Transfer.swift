import CWMP

/// A file transfer that the ACS has asked for, from the call to the report.
struct Transfer: Sendable, Equatable {
  enum Job: Sendable, Equatable {
    case download(Download)
    case scheduled(ScheduleDownload)
    case upload(Upload)
  }

  enum Stage: Sendable, Equatable {
    case waiting(from: Duration)
    /// The file is on its way, in one direction or the other.
    case moving
    case flashing(until: Duration, FirmwareImage)
  }

  /// When a scheduled download may be done, in the device's time.
  struct Window: Sendable, Equatable {
    var start: Duration
    var end: Duration
    /// How often the download may still be tried again.
    var retries: Int32
  }

  let job: Job
  var stage: Stage
  /// Those that have not passed; empty for what is not scheduled.
  var windows: [Window] = []
  var startTime = unknownTime

  /// The rest between two tries within one window.
  static let retryWait = Duration.seconds(30)
  /// The tries again where the ACS leaves their number to the CPE.
  static let usualRetries: Int32 = 2

  var commandKey: String {
    switch job {
    case .download(let download): download.commandKey
    case .scheduled(let download): download.commandKey
    case .upload(let upload): upload.commandKey
    }
  }

  /// The event that goes with `7 TRANSFER COMPLETE`.
  var methodEvent: String {
    switch job {
    case .download: Event.methodDownload
    case .scheduled: Event.methodScheduleDownload
    case .upload: Event.methodUpload
    }
  }

  /// What is to be fetched; nil for an upload.
  var download: Download? {
    switch job {
    case .download(let download): download
    case .scheduled(let scheduled):
      Download(
        commandKey: scheduled.commandKey, fileType: scheduled.fileType, url: scheduled.url,
        username: scheduled.username, password: scheduled.password, fileSize: scheduled.fileSize,
        targetFileName: scheduled.targetFileName)
    case .upload: nil
    }
  }

  /// 1 not yet started, 2 in progress, 3 finishing (TR-069 A.4.1.7).
  private var state: Int {
    switch stage {
    case .waiting: 1
    case .moving: 2
    case .flashing: 3
    }
  }

  var queued: QueuedTransfer {
    let file: QueuedTransfer.File =
      switch job {
      case .upload(let upload): .init(isDownload: false, fileType: upload.fileType)
      case .download(let download):
        .init(
          isDownload: true, fileType: download.fileType, fileSize: download.fileSize,
          targetFileName: download.targetFileName)
      case .scheduled(let download):
        .init(
          isDownload: true, fileType: download.fileType, fileSize: download.fileSize,
          targetFileName: download.targetFileName)
      }
    return QueuedTransfer(commandKey: commandKey, state: state, file: file)
  }
}
